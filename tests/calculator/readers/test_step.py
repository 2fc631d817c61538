from pathlib import Path
from typing import Any

import cadquery as cq
import pytest
from OCP.Interface import Interface_Static

from app.calculator.analysis.solid import measure_solid
from app.calculator.errors import CadInvalid
from app.calculator.readers.base import ReadLimits
from app.calculator.readers.step import read_step
from app.contract.geometry import PartFacts
from tests.calculator.solids import block, block_with_hole, compound, write_step

pytestmark = pytest.mark.cad


def facts(path: Path) -> PartFacts:
    *_, last = measure_solid(read_step(path, ReadLimits()))
    return last


def sizes(measured: PartFacts) -> list[float]:
    box = measured.bounding_box_mm
    return [box.x, box.y, box.z]


@pytest.mark.parametrize("schema", ["AP203", "AP214IS", "AP214CD", "AP242DIS"])
def test_every_application_protocol_is_read(tmp_path: Path, schema: str) -> None:
    Interface_Static.SetCVal_s("write.step.schema", schema)
    try:
        path = write_step(block_with_hole(), tmp_path / "part.step")
    finally:
        Interface_Static.SetCVal_s("write.step.schema", "AP214IS")

    measured = facts(path)

    assert measured.bodies == 1
    assert sizes(measured) == pytest.approx([40, 30, 20])


@pytest.mark.parametrize(
    ("unit", "name"), [("MM", "mm"), ("INCH", "inch"), ("CM", "cm"), ("M", "m"), ("FT", "ft"), ("UM", "um")]
)
def test_every_unit_becomes_millimetres(tmp_path: Path, unit: str, name: str) -> None:
    measured = facts(write_step(block(), tmp_path / "part.step", unit))

    assert measured.unit == name
    assert measured.volume_mm3 == pytest.approx(24_000, rel=1e-6)


def test_several_bodies_are_counted(tmp_path: Path) -> None:
    two = compound(block(), block(5, 5, 5).translate((100, 0, 0)))

    measured = facts(write_step(two, tmp_path / "part.step"))

    assert measured.bodies == 2
    assert measured.volume_mm3 == pytest.approx(24_125, rel=1e-6)


def test_every_instance_of_an_assembly_is_a_body_in_its_place(tmp_path: Path) -> None:
    bolt = cq.Workplane(obj=block(4, 4, 10))
    inner = cq.Assembly(name="pair")
    inner.add(bolt, name="left", color=cq.Color("red"))
    inner.add(bolt, name="right", loc=cq.Location((20, 0, 0)), color=cq.Color("blue"))
    outer = cq.Assembly(name="болты 'M4'")
    outer.add(inner, name="first")
    outer.add(inner, name="second", loc=cq.Location((0, 50, 0), (0, 0, 1), 90))
    path = tmp_path / "part.step"
    outer.export(str(path))

    measured = facts(path)

    assert measured.bodies == 4
    assert measured.volume_mm3 == pytest.approx(4 * 160, rel=1e-6)
    assert sizes(measured) == pytest.approx([28, 74, 10])


def test_curves_alone_are_no_part(tmp_path: Path) -> None:
    wire: Any = cq.Workplane().rect(10, 20).wires().val()

    with pytest.raises(CadInvalid, match="curves"):
        facts(write_step(wire, tmp_path / "part.step"))
