from pathlib import Path

import numpy as np
import pytest

from app.calculator.analysis.mesh import measure_mesh
from app.calculator.errors import CadInvalid, CadTooComplex, CadUnreadable, CalculatorError
from app.calculator.geometry.part import MeshPart
from app.calculator.readers import obj_text
from app.calculator.readers.base import ReadLimits
from app.calculator.readers.obj import read_obj
from app.contract.geometry import PartFacts

CORNERS = [(x, y, z) for x in (0, 4) for y in (0, 5) for z in (0, 6)]
QUADS = [(1, 2, 4, 3), (5, 7, 8, 6), (1, 5, 6, 2), (3, 4, 8, 7), (1, 3, 7, 5), (2, 6, 8, 4)]
VERTICES = "".join(f"v {x} {y} {z}\n" for x, y, z in CORNERS)


def faces(form: str = "{}", shift: int = 0) -> str:
    return "".join(f"f {' '.join(form.format(corner + shift) for corner in quad)}\n" for quad in QUADS)


def read(folder: Path, text: str | bytes, limits: ReadLimits | None = None) -> MeshPart:
    path = folder / "part"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return read_obj(path, limits or ReadLimits())


def facts(folder: Path, text: str | bytes) -> PartFacts:
    *_, last = measure_mesh(read(folder, text))
    return last


class TestText:
    @pytest.mark.parametrize(
        "text",
        [
            pytest.param(VERTICES + faces(), id="vertices"),
            pytest.param(VERTICES + faces("{0}/{0}"), id="textures"),
            pytest.param(VERTICES + faces("{0}//{0}"), id="normals"),
            pytest.param(VERTICES + faces("{0}/{0}/{0}"), id="both"),
            pytest.param(VERTICES + faces("{}", shift=-9), id="counted backwards"),
            pytest.param((VERTICES + faces()).replace("\n", "\r\n"), id="Windows"),
            pytest.param((VERTICES + faces()).replace("\n", "\r"), id="old Mac"),
            pytest.param("\ufeff" + VERTICES + faces(), id="byte order mark"),
            pytest.param(VERTICES.replace("\n", " 1.0\n") + faces(), id="weights"),
            pytest.param(VERTICES.replace("\n", " 0.2 0.3 0.4\n") + faces(), id="colours"),
            pytest.param(VERTICES.replace("v 4", "  v\t4") + faces(), id="blanks"),
            pytest.param(VERTICES.replace("\n", " # a note\n") + faces(), id="comments"),
            pytest.param(VERTICES + faces().replace("f 1", "f \\\n 1"), id="lines that go on"),
            pytest.param("mtllib a.mtl\no one\ng two\ns off\n" + VERTICES + "usemtl x\nvn 0 0 1\n" + faces()),
            pytest.param((VERTICES + faces())[:-1], id="no last line end"),
        ],
    )
    def test_every_way_to_write_a_box(self, tmp_path: Path, text: str) -> None:
        measured = facts(tmp_path, text)

        assert [measured.volume_mm3, measured.area_mm2] == pytest.approx([120, 148])
        assert (measured.unit, [finding.code for finding in measured.findings]) == ("mm", ["unit-assumed"])

    def test_negative_numbers_count_from_where_the_face_stands(self, tmp_path: Path) -> None:
        moved = VERTICES.replace("v 0", "v 100").replace("v 4", "v 104")

        measured = facts(tmp_path, VERTICES + faces("{}", shift=-9) + moved + faces("{}", shift=-9))

        assert [measured.bodies, measured.volume_mm3] == pytest.approx([2, 240])

    def test_blocks_of_lines_fit_together(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(obj_text, "BLOCK_BYTES", 50)

        assert facts(tmp_path, VERTICES + faces("{0}/{0}", shift=-9)).volume_mm3 == pytest.approx(120)

    def test_a_part_far_away_keeps_its_figures(self, tmp_path: Path) -> None:
        far = "".join(f"v {x + 1e6} {y - 1e6} {z}\n" for x, y, z in CORNERS)

        assert facts(tmp_path, far + faces()).volume_mm3 == pytest.approx(120, rel=1e-5)

    def test_a_unit_in_a_comment_is_told_and_not_followed(self, tmp_path: Path) -> None:
        measured = facts(tmp_path, "# File units = inches\n" + VERTICES + faces())

        assert measured.volume_mm3 == pytest.approx(120)
        assert ("unit-suspect", "warning") in [
            (finding.code, finding.severity) for finding in measured.findings
        ]


class TestPolygons:
    def test_a_polygon_with_one_dent(self, tmp_path: Path) -> None:
        part = read(tmp_path, "v 0 0 0\nv 4 0 0\nv 1 1 0\nv 0 4 0\nf 1 2 3 4\n")

        assert area(part) == pytest.approx(4)

    def test_a_comb_with_many_dents_turned_any_way(self, tmp_path: Path) -> None:
        teeth = [(x, 5.0 if x % 2 else 1.0) for x in range(11)]
        outline = np.array([(0.0, 0.0), (10.0, 0.0), *reversed(teeth)])
        true_area = abs(
            float(outline[:, 0] @ np.roll(outline[:, 1], -1) - outline[:, 1] @ np.roll(outline[:, 0], -1)) / 2
        )
        for order in (outline, outline[::-1], np.roll(outline, 5, axis=0)):
            for axes in ((0, 1), (1, 2), (2, 0)):
                points = np.zeros((len(order), 3))
                points[:, axes] = order
                text = "".join(f"v {x} {y} {z}\n" for x, y, z in points.tolist())
                face = "f " + " ".join(str(index + 1) for index in range(len(order)))

                part = read(tmp_path, f"{text}{face}\n")

                assert area(part) == pytest.approx(true_area)
                assert np.ptp(np.sign(normals(part)), axis=0).max() == 0

    def test_too_many_corners_of_dented_polygons_are_too_complex(self, tmp_path: Path) -> None:
        zigzag = "".join(f"v {x} {x % 2 + 1} 0\n" for x in range(100_001)) + "v 50 -9 0\n"
        face = "f " + " ".join(str(index + 1) for index in range(100_002))

        with pytest.raises(CadTooComplex):
            read(tmp_path, f"{zigzag}{face}\n")


def normals(part: MeshPart) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    corners = part.triangles.astype(np.float64)
    return np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])


def area(part: MeshPart) -> float:
    return float(np.linalg.norm(normals(part), axis=1).sum() / 2)


class TestRefusals:
    @pytest.mark.parametrize(
        "text",
        [
            pytest.param(VERTICES + "f 1 2 99\n", id="index too high"),
            pytest.param(VERTICES + "f -1 -2 -99\n", id="index too low"),
            pytest.param(VERTICES + "f 0 1 2\n", id="index nought"),
            pytest.param(VERTICES + "f 1 2\n", id="two corners"),
            pytest.param(VERTICES + "f 1.5 2 3\n", id="half an index"),
            pytest.param("v 1 2\n" + VERTICES + faces(), id="two coordinates"),
            pytest.param("v 1 2 east\n" + VERTICES + faces(), id="words"),
            pytest.param("v 1,5 2 3\n" + VERTICES + faces(), id="decimal commas"),
            pytest.param(VERTICES.replace("v 4", "v nan") + faces(), id="not a number"),
        ],
    )
    def test_nonsense_is_unreadable(self, tmp_path: Path, text: str) -> None:
        with pytest.raises(CadUnreadable):
            read(tmp_path, text)

    @pytest.mark.parametrize("text", [VERTICES, VERTICES + "l 1 2 3\n", VERTICES + "fo\n"])
    def test_vertices_alone_are_no_part(self, tmp_path: Path, text: str) -> None:
        with pytest.raises(CadInvalid):
            read(tmp_path, text)

    def test_too_many_triangles_are_too_complex(self, tmp_path: Path) -> None:
        with pytest.raises(CadTooComplex):
            read(tmp_path, VERTICES + faces(), ReadLimits(max_triangles=11))

    @pytest.mark.parametrize("kept", range(5, 95, 10))
    def test_a_cut_file_never_breaks_the_reader(self, tmp_path: Path, kept: int) -> None:
        text = VERTICES + faces("{0}/{0}/{0}")
        try:
            read(tmp_path, text[: len(text) * kept // 100])
        except CalculatorError:
            return
