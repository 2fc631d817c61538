import io
import struct
import zipfile
from pathlib import Path

import numpy as np
import pytest

from app.calculator.analysis.mesh import measure_mesh
from app.calculator.errors import CadInvalid, CadTooComplex, CadUnreadable, CalculatorError
from app.calculator.geometry.part import MeshPart
from app.calculator.readers.base import ReadLimits
from app.calculator.readers.threemf import MOST_INSTANCES, read_threemf
from app.contract.geometry import PartFacts
from tests.calculator.bodies import Mesh, box
from tests.calculator.packages import (
    components_xml,
    mesh_xml,
    model_xml,
    object_xml,
    package,
    simple,
)

BRICK = box(1, 2, 3)
ONCE = 'objectid="1"'


def read(folder: Path, content: bytes, limits: ReadLimits | None = None) -> MeshPart:
    path = folder / "part"
    path.write_bytes(content)
    return read_threemf(path, limits or ReadLimits())


def facts(folder: Path, content: bytes) -> PartFacts:
    *_, last = measure_mesh(read(folder, content))
    return last


def low(part: MeshPart) -> list[float]:
    corners = part.triangles.reshape(-1, 3).astype(np.float64) + np.array(part.origin_mm)
    lowest: list[float] = corners.min(axis=0).tolist()
    return lowest


def brick_model(*items: str, more: str = "", unit: str = "millimeter") -> str:
    return model_xml(object_xml(1, mesh_xml(BRICK)) + more, *items, unit=unit)


class TestUnits:
    @pytest.mark.parametrize(
        ("unit", "name", "factor"),
        [
            ("micron", "um", 0.001),
            ("millimeter", "mm", 1.0),
            ("centimeter", "cm", 10.0),
            ("inch", "inch", 25.4),
            ("foot", "ft", 304.8),
            ("meter", "m", 1000.0),
        ],
    )
    def test_every_unit_becomes_millimetres(
        self, tmp_path: Path, unit: str, name: str, factor: float
    ) -> None:
        measured = facts(tmp_path, simple(BRICK, unit=unit))

        box_mm = measured.bounding_box_mm
        assert [box_mm.x, box_mm.y, box_mm.z] == pytest.approx([factor, 2 * factor, 3 * factor])
        assert measured.unit == name

    def test_the_unit_is_millimetres_where_none_is_named(self, tmp_path: Path) -> None:
        text = brick_model(ONCE).replace('unit="millimeter" ', "")

        assert facts(tmp_path, package(text)).volume_mm3 == pytest.approx(6)

    def test_moves_are_in_the_unit_of_the_file(self, tmp_path: Path) -> None:
        moved = simple(BRICK, f'{ONCE} transform="1 0 0 0 1 0 0 0 1 5 6 7"', unit="inch")

        assert low(read(tmp_path, moved)) == pytest.approx([127, 152.4, 177.8])

    def test_an_unknown_unit_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(CadUnreadable, match="parsec"):
            read(tmp_path, simple(BRICK, unit="parsec"))


class TestPlacing:
    def test_every_item_is_built(self, tmp_path: Path) -> None:
        moves = [f'{ONCE} transform="1 0 0 0 1 0 0 0 1 {10 * x} 0 0"' for x in range(3)]

        measured = facts(tmp_path, simple(BRICK, *moves))

        assert [measured.bodies, measured.volume_mm3] == pytest.approx([3, 18])

    def test_what_is_not_built_is_no_part(self, tmp_path: Path) -> None:
        spare = object_xml(2, mesh_xml(box(50, 50, 50)))

        assert facts(tmp_path, package(brick_model(ONCE, more=spare))).volume_mm3 == pytest.approx(6)

    def test_transforms_of_components_are_applied_before_those_around_them(self, tmp_path: Path) -> None:
        turned = 'objectid="1" transform="0 1 0 -1 0 0 0 0 1 10 0 0"'
        holder = object_xml(2, components_xml(turned))
        item = 'objectid="2" transform="2 0 0 0 2 0 0 0 2 0 0 100"'

        part = read(tmp_path, package(brick_model(item, more=holder)))

        assert low(part) == pytest.approx([(10 - 2) * 2, 0, 100])

    def test_a_mirrored_body_keeps_its_outside(self, tmp_path: Path) -> None:
        mirrored = simple(BRICK, f'{ONCE} transform="-1 0 0 0 1 0 0 0 1 0 0 0"')

        measured = facts(tmp_path, mirrored)

        assert measured.volume_mm3 == pytest.approx(6)
        assert measured.findings == ()

    def test_components_live_in_other_parts_of_the_package(self, tmp_path: Path) -> None:
        reference = 'p:path="/3D/Objects/Brick.model" objectid="7"'
        root = model_xml(object_xml(1, components_xml(reference)), ONCE)
        other = model_xml(object_xml(7, mesh_xml(BRICK)), unit="centimeter")

        content = package(root, {"3D/Objects/brick.model": other})

        assert facts(tmp_path, content).volume_mm3 == pytest.approx(6000)

    def test_supports_are_left_out_aloud(self, tmp_path: Path) -> None:
        support = object_xml(2, mesh_xml(box(9, 9, 9)), kind="support")

        measured = facts(tmp_path, package(brick_model(ONCE, 'objectid="2"', more=support)))

        assert measured.volume_mm3 == pytest.approx(6)
        assert [finding.code for finding in measured.findings] == ["supports-left-out"]

    def test_attributes_may_come_in_any_order_with_others_between(self, tmp_path: Path) -> None:
        text = brick_model(ONCE).replace('x="0.0" y="0.0"', 'y="0.0" x="0.0"').replace(" v3=", ' pid="4" v3=')

        assert facts(tmp_path, package(text)).volume_mm3 == pytest.approx(6)

    def test_the_relationship_names_the_model(self, tmp_path: Path) -> None:
        content = package(brick_model(ONCE), name="Elsewhere/part.model")

        assert facts(tmp_path, content).volume_mm3 == pytest.approx(6)


class TestRefusals:
    @pytest.mark.parametrize(
        ("content", "words"),
        [
            pytest.param(simple(BRICK, 'objectid="9"'), "not there", id="missing object"),
            pytest.param(package(model_xml(object_xml(1, mesh_xml(BRICK)))), "builds nothing", id="no items"),
            pytest.param(package(brick_model(ONCE)[:-40]), "well-formed", id="cut XML"),
            pytest.param(package(brick_model(ONCE).replace("UTF-8", "UTF-88")), "encoding", id="encoding"),
            pytest.param(
                package(brick_model(ONCE).replace('v1="1"', 'v1="99"')), "not there", id="index too high"
            ),
            pytest.param(package(brick_model(ONCE).replace('v1="1"', 'v1="-1"')), "not there", id="negative"),
            pytest.param(package(brick_model(ONCE).replace('v1="1"', "")), "v1", id="missing attribute"),
            pytest.param(package(brick_model(ONCE).replace('x="0.0"', 'x="east"')), "number", id="words"),
            pytest.param(package(brick_model(ONCE).replace('x="0.0"', 'x="nan"')), "number", id="nan"),
            pytest.param(simple(BRICK, f'{ONCE} transform="1 0 0"'), "twelve", id="short transform"),
            pytest.param(
                simple(BRICK, f'{ONCE} transform="1 0 0 0 1 0 0 0 0 0 0 0"'), "flat", id="flat transform"
            ),
            pytest.param(
                package(brick_model(ONCE, more=object_xml(1, ""))), "same id", id="two objects with one id"
            ),
            pytest.param(
                simple(BRICK, attributes='xmlns:s="urn:secret" requiredextensions="s"'),
                "extension s",
                id="unknown extension",
            ),
        ],
    )
    def test_says_what_is_wrong(self, tmp_path: Path, content: bytes, words: str) -> None:
        with pytest.raises(CalculatorError, match=words):
            read(tmp_path, content)

    def test_objects_that_hold_one_another_are_refused(self, tmp_path: Path) -> None:
        circle = object_xml(2, components_xml('objectid="3"')) + object_xml(3, components_xml('objectid="2"'))

        with pytest.raises(CadUnreadable, match="circle"):
            read(tmp_path, package(brick_model('objectid="2"', more=circle)))

    @pytest.mark.parametrize("innermost", [mesh_xml(BRICK), ""])
    def test_components_that_multiply_are_counted_and_not_made(self, tmp_path: Path, innermost: str) -> None:
        levels = object_xml(1, innermost) + "".join(
            object_xml(level, components_xml(*[f'objectid="{level - 1}"'] * 2)) for level in range(2, 40)
        )

        with pytest.raises(CadTooComplex):
            read(tmp_path, package(model_xml(levels, 'objectid="39"')))

    def test_more_triangles_than_allowed_are_too_complex(self, tmp_path: Path) -> None:
        with pytest.raises(CadTooComplex):
            read(tmp_path, simple(BRICK, ONCE, ONCE), ReadLimits(max_triangles=12))
        with pytest.raises(CadTooComplex):
            read(tmp_path, simple(BRICK), ReadLimits(max_triangles=11))

    def test_copies_are_limited(self, tmp_path: Path) -> None:
        holder = object_xml(2, components_xml(*[ONCE] * 1000))
        holders = object_xml(3, components_xml(*['objectid="2"'] * (MOST_INSTANCES // 1000)))

        with pytest.raises(CadTooComplex, match="copies"):
            read(tmp_path, package(brick_model('objectid="3"', more=holder + holders)))


class TestXmlAttacks:
    @pytest.mark.parametrize(
        "declaration",
        [
            '<!DOCTYPE m [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>',
            '<!DOCTYPE m [<!ENTITY x SYSTEM "file:///etc/hostname">]>',
            '<!DOCTYPE m SYSTEM "http://127.0.0.1:1/evil.dtd">',
            "<!DOCTYPE m>",
        ],
    )
    def test_document_types_are_refused(self, tmp_path: Path, declaration: str) -> None:
        text = brick_model(ONCE).replace("?>", f"?>{declaration}", 1)

        with pytest.raises(CadUnreadable, match="entities"):
            read(tmp_path, package(text))

    def test_unknown_entities_are_refused(self, tmp_path: Path) -> None:
        text = brick_model(ONCE).replace('x="0.0"', 'x="&secret;"', 1)

        with pytest.raises(CadUnreadable):
            read(tmp_path, package(text))


class TestArchiveAttacks:
    @pytest.mark.parametrize("name", ["../../outside", "/3D/../../outside", "..\\outside", "c:/outside"])
    def test_entries_that_climb_out_are_refused(self, tmp_path: Path, name: str) -> None:
        with pytest.raises(CadUnreadable, match="outside"):
            read(tmp_path, package(brick_model(ONCE), {name: "x"}))

    def test_a_part_that_inflates_like_a_bomb_is_refused(self, tmp_path: Path) -> None:
        text = brick_model(ONCE).replace("<build>", " " * 2**23 + "<build>")

        with pytest.raises(CadUnreadable, match="bomb"):
            read(tmp_path, package(text))

    def test_what_inflates_beyond_the_limit_is_too_complex(self, tmp_path: Path) -> None:
        with pytest.raises(CadTooComplex, match="inflates"):
            read(tmp_path, simple(BRICK), ReadLimits(max_triangles=1))

    def test_two_entries_of_one_name_are_refused(self, tmp_path: Path) -> None:
        with pytest.raises(CadUnreadable, match="same name"):
            read(tmp_path, package(brick_model(ONCE), {"3d/3DMODEL.model": brick_model(ONCE)}))

    def test_an_archive_without_a_model_is_refused(self, tmp_path: Path) -> None:
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr("readme.txt", "x")

        with pytest.raises(CadUnreadable, match="no model"):
            read(tmp_path, file.getvalue())

    @pytest.mark.parametrize("kept", [0.3, 0.6, 0.95])
    def test_a_cut_archive_is_refused(self, tmp_path: Path, kept: float) -> None:
        content = simple(BRICK)

        with pytest.raises(CadUnreadable, match="directory"):
            read(tmp_path, content[: int(len(content) * kept)])

    def test_damaged_bytes_are_refused(self, tmp_path: Path) -> None:
        content = bytearray(simple(BRICK))
        start = content.index(b"3D/3dmodel.model") + 60
        content[start : start + 40] = bytes(40)

        with pytest.raises(CadUnreadable):
            read(tmp_path, bytes(content))

    def test_an_encrypted_entry_is_refused(self, tmp_path: Path) -> None:
        content = bytearray(simple(BRICK))
        entry = content.rindex(b"PK\x01\x02")
        struct.pack_into("<H", content, entry + 8, 1)

        with pytest.raises(CadUnreadable, match="encrypted"):
            read(tmp_path, bytes(content))


def test_an_empty_mesh_is_no_part(tmp_path: Path) -> None:
    with pytest.raises(CadInvalid):
        read(tmp_path, package(model_xml(object_xml(1, mesh_xml(BRICK[:0])), ONCE)))


def test_thousands_of_rows_are_read_in_blocks(tmp_path: Path) -> None:
    row: Mesh = np.concatenate([box(1, 1, 1, at=(2.0 * index, 0, 0)) for index in range(9_000)])

    part = read(tmp_path, simple(row))

    assert len(part.triangles) == len(row)
    assert low(part) == [0, 0, 0]
