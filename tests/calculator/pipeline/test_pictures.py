import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import trimesh
from PIL import Image

from app.calculator.errors import CadInvalid, CadTooComplex, CadUnreadable, CalculatorError, UnsupportedFile
from app.calculator.pipeline.pictures import model, preview
from tests.calculator.bodies import binary_stl, box, flipped
from tests.calculator.drawings import dxf, lines, rectangle
from tests.calculator.packages import mesh_xml, model_xml, package
from tests.calculator.solids import block_with_hole, write_step

pytestmark = pytest.mark.cad

PLENTY = {"max_triangles": 1000, "max_entities": 10_000}


def say_nothing(facts: dict[str, Any]) -> None:
    """Pictures have nothing to report on the way."""


def written(folder: Path, content: bytes) -> Path:
    path = folder / "part"
    path.write_bytes(content)
    return path


def picture(path: Path, **query: Any) -> Image.Image:
    output = path.with_name("picture")
    told = preview(say_nothing, path, output, **PLENTY, query={"size": 64, **query})
    assert told == {"size_bytes": output.stat().st_size}
    return Image.open(io.BytesIO(output.read_bytes()))


def scene(path: Path) -> Any:
    output = path.with_name("model")
    told = model(say_nothing, path, output, **PLENTY, most_bytes=10**6)
    assert told == {"size_bytes": output.stat().st_size}
    return trimesh.load(io.BytesIO(output.read_bytes()), file_type="glb")


def test_a_solid_has_a_picture_and_a_model_of_its_volume(tmp_path: Path) -> None:
    path = write_step(block_with_hole(), tmp_path / "part.step")

    assert picture(path, views=["iso", "top"]).size == (64, 32)
    mesh = scene(path).to_geometry()
    mesh.merge_vertices(merge_norm=True, merge_tex=True)
    assert mesh.is_watertight
    assert mesh.volume == pytest.approx((40 * 30 * 20 - np.pi * 16 * 20) * 1e-9, rel=1e-3)


def test_the_hole_of_a_plate_is_seen_through(tmp_path: Path) -> None:
    path = write_step(block_with_hole(), tmp_path / "part.step")

    assert picture(path, views=["top"]).getpixel((32, 32)) == (0, 0, 0, 0)


def test_a_mesh_has_both_too(tmp_path: Path) -> None:
    path = written(tmp_path, binary_stl(flipped(box(20, 12, 8))))

    assert picture(path).size == (64, 64)
    assert scene(path).extents == pytest.approx([0.020, 0.008, 0.012])


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        pytest.param(b"nothing of the kind", UnsupportedFile, id="unknown"),
        pytest.param(binary_stl(box(1, 2, 3))[:-20], CadUnreadable, id="cut"),
        pytest.param(binary_stl(box(1, 1, 0)), CadInvalid, id="flat"),
        pytest.param(binary_stl(box(1, 1, float("nan"))), CadInvalid, id="nowhere"),
        pytest.param(binary_stl(box(1e9, 1, 1)), CadInvalid, id="endless"),
        pytest.param(binary_stl(np.tile(box(1, 1, 1), (100, 1, 1))), CadTooComplex, id="too many"),
    ],
)
def test_what_is_no_part_has_neither(content: bytes, refusal: type[CalculatorError], tmp_path: Path) -> None:
    path = written(tmp_path, content)

    with pytest.raises(refusal):
        picture(path)
    with pytest.raises(refusal):
        scene(path)


def test_a_drawing_has_a_picture_and_no_model(tmp_path: Path) -> None:
    path = written(tmp_path, dxf(lambda space: lines(space, *rectangle(0, 0, 40, 30))))

    assert picture(path).getchannel("A").getpixel((32, 32)) == 255
    with pytest.raises(CadInvalid, match="surface"):
        scene(path)


MATERIAL = 'xmlns:m="http://schemas.microsoft.com/3dmanufacturing/material/2015/02"'


def coloured_package(name: str = "Lid", pindex: str = "1") -> bytes:
    """A red box, and beside it a named one that is blue by its group of colours."""
    palettes = (
        '<basematerials id="5"><base name="PLA" displaycolor="#FF0000"/></basematerials>'
        '<m:colorgroup id="6"><m:color color="#00FF00"/><m:color color="#0000FFFF"/></m:colorgroup>'
    )
    content = mesh_xml(box(20, 12, 8))
    objects = (
        f'<object id="1" name="Base" pid="5" pindex="0">{content}</object>'
        f'<object id="2" name="{name}" pid="6" pindex="{pindex}">{content}</object>'
    )
    beside = 'objectid="2" transform="1 0 0 0 1 0 0 0 1 30 0 0"'
    return package(model_xml(palettes + objects, 'objectid="1"', beside, attributes=MATERIAL))


def test_objects_of_3mf_keep_names_and_colours_in_the_model(tmp_path: Path) -> None:
    bodies = scene(written(tmp_path, coloured_package())).geometry

    colours = {
        name: np.round(body.visual.material.baseColorFactor[:3] / 255).tolist()
        for name, body in bodies.items()
    }
    assert colours == {"Base": [1, 0, 0], "Lid": [0, 0, 1]}


def test_objects_of_3mf_keep_their_colours_in_the_picture(tmp_path: Path) -> None:
    shown = picture(written(tmp_path, coloured_package()), views=["top"], size=128)

    left, right = np.asarray(shown)[64, (20, 108), :3]
    assert left.argmax() == 0
    assert right.argmax() == 2


@pytest.mark.parametrize("pindex", ["7", "-1", "x", "9" * 40])
def test_a_colour_that_is_not_there_is_none(tmp_path: Path, pindex: str) -> None:
    bodies = scene(written(tmp_path, coloured_package(pindex=pindex))).geometry

    assert set(bodies) == {"Base", "Lid"}


def test_objects_without_a_name_are_numbered(tmp_path: Path) -> None:
    assert set(scene(written(tmp_path, coloured_package(name=" "))).geometry) == {"Base", "Body 2"}
