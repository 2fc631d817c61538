from pathlib import Path
from typing import Any

import cadquery as cq
import numpy as np
import pytest

from app.calculator.errors import CadInvalid, CadUnreadable
from app.calculator.geometry.looks import Looks
from app.calculator.geometry.tessellation import tessellate
from app.calculator.readers.base import ReadLimits
from app.calculator.readers.step import read_step
from app.calculator.readers.step_looks import LONGEST_NAME, read_step_with_looks
from tests.calculator.solids import block, block_with_hole, compound, write_step

pytestmark = pytest.mark.cad

RED, GREEN, BLUE = (1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)


def export(assembly: Any, path: Path) -> Path:
    assembly.export(str(path))
    return path


def looks(path: Path) -> Looks:
    return read_step_with_looks(path, ReadLimits())[1]


def colours_by_body(found: Looks, faces: list[int]) -> list[tuple[float, ...]]:
    """The colour of the first face of each body."""
    assert found.colours is not None
    starts = np.cumsum([0, *faces])[:-1]
    return [tuple(found.colours[start].round(3).tolist()) for start in starts]


def two_parts() -> Any:
    assembly = cq.Assembly(name="box")
    assembly.add(block(10, 10, 10), name="lid", color=cq.Color(*RED))
    return assembly.add(
        block(5, 5, 5), name="Größe", loc=cq.Location(cq.Vector(50, 0, 0)), color=cq.Color(*BLUE)
    )


class TestNames:
    def test_are_those_of_the_products(self, tmp_path: Path) -> None:
        assert looks(export(two_parts(), tmp_path / "a.step")).names[0] == "lid"

    def test_that_only_the_kernel_gave_are_none(self, tmp_path: Path) -> None:
        found = looks(write_step(block(), tmp_path / "a.step"))

        assert found == Looks((None,), None)

    def test_are_short_and_printable(self, tmp_path: Path) -> None:
        path = write_step(block(), tmp_path / "a.step")
        text = path.read_text()
        start = text.index("PRODUCT('") + len("PRODUCT('")
        end = text.index("'", start)
        path.write_text(text.replace(text[start:end], "x\\X\\0A" + "y" * 500))

        (name,) = looks(path).names

        assert name is not None
        assert name.isprintable()
        assert len(name) <= LONGEST_NAME


class TestColours:
    def test_of_bodies_hold_for_their_faces(self, tmp_path: Path) -> None:
        found = looks(export(two_parts(), tmp_path / "a.step"))

        assert colours_by_body(found, [6, 6]) == [RED, BLUE]

    def test_of_faces_come_before_those_of_bodies(self, tmp_path: Path) -> None:
        shape = block(10, 10, 10)
        assembly = cq.Assembly(shape, name="lid", color=cq.Color(*RED))
        top = cq.Workplane(shape).faces(">Z").val()
        assembly.addSubshape(top, color=cq.Color(*GREEN))
        part, found = read_step_with_looks(export(assembly, tmp_path / "a.step"), ReadLimits())
        surface = tessellate(part.shape)

        assert found.colours is not None
        (green,) = np.flatnonzero((found.colours.round(3) == GREEN).all(axis=1))
        heights = surface.triangles[surface.face_of == green][..., 2]
        assert heights == pytest.approx(heights.max())
        assert heights.max() == surface.triangles[..., 2].max()

    def test_of_one_use_of_a_part_do_not_hold_for_another(self, tmp_path: Path) -> None:
        shape = block(10, 10, 10)
        assembly = cq.Assembly(name="pair")
        for index, colour in enumerate((RED, BLUE)):
            place = cq.Location(cq.Vector(40 * index, 0, 0))
            assembly.add(shape, name=f"use {index}", loc=place, color=cq.Color(*colour))

        found = looks(export(assembly, tmp_path / "a.step"))

        assert colours_by_body(found, [6, 6]) == [RED, BLUE]


class TestFaces:
    @pytest.mark.parametrize(
        "shape",
        [
            pytest.param(block_with_hole(), id="one solid"),
            pytest.param(
                compound(block(), block_with_hole().translate(cq.Vector(80, 0, 0))), id="two solids"
            ),
        ],
    )
    def test_come_in_the_order_of_an_analysis(self, shape: Any, tmp_path: Path) -> None:
        path = write_step(shape, tmp_path / "a.step")

        plain = tessellate(read_step(path, ReadLimits()).shape)
        styled = tessellate(read_step_with_looks(path, ReadLimits())[0].shape)

        assert np.array_equal(plain.face_of, styled.face_of)
        assert np.array_equal(plain.body_of, styled.body_of)
        assert np.array_equal(plain.triangles, styled.triangles)

    def test_of_an_assembly_do_too(self, tmp_path: Path) -> None:
        path = export(two_parts(), tmp_path / "a.step")

        plain = tessellate(read_step(path, ReadLimits()).shape)
        styled = tessellate(read_step_with_looks(path, ReadLimits())[0].shape)

        assert np.array_equal(plain.triangles, styled.triangles)


class TestRefusals:
    def test_are_those_of_reading(self, tmp_path: Path) -> None:
        wires, cut = tmp_path / "wires.step", tmp_path / "cut.step"
        write_step(cq.Wire.makeCircle(5, cq.Vector(), cq.Vector(0, 0, 1)), wires)
        cut.write_bytes(wires.read_bytes()[:-40])

        with pytest.raises(CadInvalid):
            read_step_with_looks(wires, ReadLimits())
        with pytest.raises(CadUnreadable):
            read_step_with_looks(cut, ReadLimits())
