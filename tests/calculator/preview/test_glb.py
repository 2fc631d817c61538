import io
import json
import struct
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import trimesh

from app.calculator.errors import CadTooComplex
from app.calculator.geometry.looks import Looks
from app.calculator.geometry.surface import Surface
from app.calculator.preview.glb import write_glb
from app.calculator.preview.subject import Subject
from tests.calculator.bodies import box, torus
from tests.calculator.preview.subjects import box_subject, mesh_subject

PLENTY = 10**9
TWO_BOXES = np.concatenate((box(10, 20, 30), box(5, 5, 5, at=(50, 0, 0))))
WIDTHS = {"SCALAR": 1, "VEC3": 3}
TYPES = {5126: np.dtype("<f4"), 5125: np.dtype("<u4")}


@dataclass(frozen=True)
class Glb:
    """A file taken apart by the letter of glTF 2.0."""

    document: dict[str, Any]
    data: bytes

    def values(self, accessor: int) -> npt.NDArray[Any]:
        about = self.document["accessors"][accessor]
        view = self.document["bufferViews"][about["bufferView"]]
        dtype, width = TYPES[about["componentType"]], WIDTHS[about["type"]]
        assert view.get("byteStride", 4) == 4 * width
        start, size = about["byteOffset"], about["count"] * width * dtype.itemsize
        assert start + size <= view["byteLength"]
        assert view["byteOffset"] % 4 == start % 4 == 0
        values = np.frombuffer(self.data, dtype, about["count"] * width, view["byteOffset"] + start)
        return values.reshape(-1, width) if width > 1 else values

    @property
    def primitives(self) -> list[dict[str, Any]]:
        return [primitive for mesh in self.document["meshes"] for primitive in mesh["primitives"]]


def written(subject: Subject) -> bytes:
    file = io.BytesIO()
    write_glb(subject, file, PLENTY)
    return file.getvalue()


def taken_apart(content: bytes) -> Glb:
    magic, version, size_bytes = struct.unpack_from("<4sII", content)
    assert (magic, version, size_bytes) == (b"glTF", 2, len(content))
    text_bytes, kind = struct.unpack_from("<I4s", content, 12)
    assert (kind, text_bytes % 4) == (b"JSON", 0)
    data_bytes, kind = struct.unpack_from("<I4s", content, 20 + text_bytes)
    assert (kind, data_bytes % 4) == (b"BIN\0", 0)
    document = json.loads(content[20 : 20 + text_bytes])
    assert document["buffers"] == [{"byteLength": data_bytes}]
    return Glb(document, content[28 + text_bytes :])


def loaded(subject: Subject) -> Any:
    """What another program makes of the file: one mesh in the coordinates of the scene."""
    scene = trimesh.load(io.BytesIO(written(subject)), file_type="glb")
    mesh = scene.to_geometry()
    mesh.merge_vertices(merge_norm=True, merge_tex=True)
    return mesh


class TestForOthers:
    @pytest.mark.parametrize(
        ("subject", "volume_mm3"),
        [
            pytest.param(mesh_subject(box(10, 20, 30)), 6000, id="mesh"),
            pytest.param(box_subject(TWO_BOXES), 6125, id="bodies"),
        ],
    )
    def test_is_in_metres_and_closed(self, subject: Subject, volume_mm3: float) -> None:
        mesh = loaded(subject)

        assert mesh.volume == pytest.approx(volume_mm3 * 1e-9)
        assert mesh.is_watertight

    def test_stands_upright_at_its_place(self) -> None:
        mesh = loaded(mesh_subject(box(10, 20, 30), origin_mm=(1000.0, 0.0, 500.0)))

        assert mesh.bounds == pytest.approx(np.array([[1.0, 0.5, -0.02], [1.01, 0.53, 0.0]]))

    def test_keeps_its_digits_far_from_the_origin(self) -> None:
        content = taken_apart(written(mesh_subject(box(1, 1, 1), origin_mm=(1e6, 0.0, 0.0))))

        positions = content.values(content.primitives[0]["attributes"]["POSITION"])
        assert np.ptp(positions, axis=0) == pytest.approx(0.001)
        assert content.document["nodes"][0]["translation"] == pytest.approx([1000, 0, 0])

    def test_a_curved_mesh_has_its_volume(self) -> None:
        ring = torus(30, 10)
        exact = ring.astype(np.float64)
        volume_mm3 = float((exact[:, 0] * np.cross(exact[:, 1], exact[:, 2])).sum() / 6)

        assert loaded(mesh_subject(ring)).volume == pytest.approx(volume_mm3 * 1e-9, rel=1e-5)


class TestBodies:
    def test_have_a_mesh_and_a_node_each(self) -> None:
        document = taken_apart(written(box_subject(TWO_BOXES, Looks(names=("Lid", None))))).document

        assert [node["name"] for node in document["nodes"]] == ["Lid", "Body 2"]
        assert [node["mesh"] for node in document["nodes"]] == [0, 1]
        assert document["scenes"][document["scene"]]["nodes"] == [0, 1]

    def test_mixed_up_triangles_are_sorted_out(self) -> None:
        tidy = box_subject(TWO_BOXES).surface
        order = np.random.default_rng(1).permutation(24)
        mixed = Surface(tidy.triangles[order], (0.0, 0.0, 0.0), tidy.face_of[order], tidy.body_of[order])

        content = taken_apart(written(Subject(mixed, Looks(), has_faces=True)))

        faces = [[face["id"] for face in primitive["extras"]["faces"]] for primitive in content.primitives]
        assert faces == [[0, 1, 2, 3, 4, 5], [6, 7, 8, 9, 10, 11]]


class TestFaces:
    def test_are_told_by_every_vertex_and_by_ranges(self) -> None:
        content = taken_apart(written(box_subject(TWO_BOXES)))

        for body, primitive in enumerate(content.primitives):
            ids = content.values(primitive["attributes"]["_FACE_ID"])
            indices = content.values(primitive["indices"])
            faces = primitive["extras"]["faces"]
            assert [face["id"] for face in faces] == list(range(6 * body, 6 * body + 6))
            assert sum(face["count"] for face in faces) == len(indices)
            for face in faces:
                used = indices[face["start"] : face["start"] + face["count"]]
                assert set(ids[used].tolist()) == {float(face["id"])}

    def test_share_vertices_within_and_not_across(self) -> None:
        content = taken_apart(written(box_subject(box(10, 20, 30))))

        (primitive,) = content.primitives
        assert len(content.values(primitive["attributes"]["POSITION"])) == 6 * 4

    def test_have_normals_that_stand_on_them(self) -> None:
        content = taken_apart(written(box_subject(box(10, 20, 30))))

        (primitive,) = content.primitives
        normals = content.values(primitive["attributes"]["NORMAL"])
        places = content.values(primitive["attributes"]["POSITION"]) - (0.005, 0.015, -0.01)
        assert np.linalg.norm(normals, axis=1) == pytest.approx(1)
        assert ((normals * places).sum(axis=1) > 0).all()
        assert np.sort(np.abs(normals), axis=1)[:, :2] == pytest.approx(0)

    def test_of_a_mesh_are_left_to_be_shaded_flat(self) -> None:
        (primitive,) = taken_apart(written(mesh_subject(torus(30, 10)))).primitives

        assert set(primitive["attributes"]) == {"POSITION", "_FACE_ID"}


class TestLimits:
    def test_positions_are_bounded_as_the_format_asks(self) -> None:
        content = taken_apart(written(box_subject(TWO_BOXES)))

        for primitive in content.primitives:
            accessor = content.document["accessors"][primitive["attributes"]["POSITION"]]
            values = content.values(primitive["attributes"]["POSITION"])
            assert accessor["min"] == values.min(axis=0).tolist()
            assert accessor["max"] == values.max(axis=0).tolist()

    def test_indices_stay_within_their_primitive(self) -> None:
        content = taken_apart(written(box_subject(TWO_BOXES)))

        for primitive in content.primitives:
            vertices = len(content.values(primitive["attributes"]["POSITION"]))
            assert content.values(primitive["indices"]).max() == vertices - 1

    def test_a_model_beyond_the_limit_is_not_written(self) -> None:
        file = io.BytesIO()

        with pytest.raises(CadTooComplex, match="bytes"):
            write_glb(mesh_subject(torus(30, 10)), file, 1000)

        assert not file.getvalue()


def test_colours_become_materials() -> None:
    colours = np.full((6, 3), np.nan, dtype=np.float32)
    colours[2:4] = (1.0, 0.0, 0.5)

    content = taken_apart(written(box_subject(box(10, 20, 30), Looks(colours=colours))))

    materials = [
        material["pbrMetallicRoughness"]["baseColorFactor"] for material in content.document["materials"]
    ]
    by_colour = {
        tuple(round(value, 3) for value in materials[primitive["material"]]): [
            face["id"] for face in primitive["extras"]["faces"]
        ]
        for primitive in content.primitives
    }
    assert by_colour[(1.0, 0.0, 0.214, 1.0)] == [2, 3]
    assert len(by_colour) == 2
