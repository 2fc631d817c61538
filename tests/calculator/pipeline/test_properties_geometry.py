"""What must hold for all facts, whatever stage they come from: a part stays what it is when it is moved,
turned, scaled or written again, and its triangles tell the same as its faces.

Every number of the facts is a leaf with a path; how it changes follows from its name.
"""

import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import cadquery as cq
import numpy as np
import pytest

from app.calculator.geometry.tessellation import DEFLECTION_MM
from app.calculator.pipeline.analyse import measure
from app.calculator.readers.base import ReadLimits
from app.calculator.readers.step import read_step
from app.contract.geometry import PartFacts
from tests.calculator.bodies import binary_stl
from tests.calculator.features.benchmark import mesh_of
from tests.calculator.features.turned_parts import flange
from tests.calculator.solids import write_step

pytestmark = pytest.mark.cad

Leaves = dict[str, Any]

NOT_OF_THE_PART = re.compile(r"seconds|analysis-incomplete")
PLACES = re.compile(r"(centroid_mm|place)$")
DIRECTIONS = re.compile(r"(axis|direction|up)$")
BOUND_TO_THE_AXES = re.compile(r"bounding_box_mm|overhangs")
"""What is told for the part as it stands in its coordinates."""
SAMPLED = {
    "thickness_mm": 0.01,
    "smallest_gap": 0.01,
    "access": 1e-3,
    "hollow": 0.02,
    "slenderness": 1e-3,
    "hull_volume_mm3": 2e-3,
}
"""Taken from triangles or samples, whose places move with the tessellation: true to this share."""
TIED = re.compile(r"^\.(access|slenderness|smallest_gap|hollow).*(face_ids|place)|thinnest")
"""Which of several equal ones is named may change when the part is turned."""
POWER = re.compile(r"_mm([235]?)")
"""The unit in a name tells how a figure grows."""
OF_SIZE = re.compile(r"thread_candidate|access|slenderness|findings")
"""What depends on absolute sizes: drills, tools, limits."""
SINGLE_PRECISION = 1e-6


def bracket() -> Any:
    """Holes, a pocket and a boss."""
    body = cq.Workplane().box(60, 40, 20)
    body = body.faces(">Z").workplane().pushPoints([(-20, -10), (20, 10)]).hole(6)
    body = body.faces("<X").workplane().hole(5, 9)
    body = body.faces(">Z").workplane(centerOption="CenterOfBoundBox").rect(20, 12).cutBlind(-8)
    return body.union(cq.Workplane().circle(4).extrude(12).translate((18, -10, 10))).val()


def housing() -> Any:
    """A tray with rounded corners and a through window."""
    body = cq.Workplane().box(70, 50, 25).edges("|Z").fillet(6).faces(">Z").shell(-4)
    return body.faces("<Y").workplane(centerOption="CenterOfBoundBox").rect(16, 8).cutBlind(-6).val()


def a_flange() -> Any:
    """A bore, a circle of holes and a ring groove."""
    return flange(Random(3)).shape


PARTS: dict[str, Callable[[], Any]] = {"bracket": bracket, "housing": housing, "flange": a_flange}


@cache
def shape_of(name: str) -> Any:
    return PARTS[name]()


def facts_of(path: Path) -> PartFacts:
    (*_, facts) = measure(path, ReadLimits())
    assert facts.complete
    return facts


def of_solid(shape: Any, folder: Path) -> PartFacts:
    return facts_of(write_step(shape, folder / "part.step"))


def of_mesh(shape: Any, folder: Path) -> PartFacts:
    mesh = mesh_of(shape)
    places = mesh.triangles.astype(np.float64) + mesh.origin_mm
    path = folder / "part.stl"
    path.write_bytes(binary_stl(places.astype(np.float32)))
    return facts_of(path)


def leaves(facts: PartFacts) -> Leaves:
    """Every number and word of the facts by its path."""
    return {
        path: value
        for path, value in _walk(facts.model_dump(mode="json"), "")
        if not NOT_OF_THE_PART.search(path)
    }


def _walk(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict) and set(value) == {"x", "y", "z"} and not path.endswith("box_mm"):
        yield path, (value["x"], value["y"], value["z"])
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from _walk(inner, f"{path}.{name}")
    elif isinstance(value, list) and (PLACES.search(path) or DIRECTIONS.search(path)):
        yield path, tuple(value)
    elif isinstance(value, list):
        yield f"{path}#", len(value)
        for index, inner in enumerate(value):
            yield from _walk(inner, f"{path}.{index}")
    else:
        yield path, value


def tolerance_of(path: str) -> float:
    return SAMPLED.get(path.split(".")[1], SINGLE_PRECISION)


def check_equal(path: str, found: Any, wanted: Any, *, relative: float, absolute: float = 2e-5) -> None:
    if isinstance(wanted, float | tuple):
        assert found == pytest.approx(wanted, rel=relative, abs=absolute), path
    else:
        assert found == wanted, path


def check_placed(here: Leaves, there: Leaves, where: cq.Location, *, skip: re.Pattern[str]) -> None:
    """Invariant facts are equal, places and directions have followed."""
    assert _names(there, skip) == _names(here, skip)
    for path in _names(here, skip):
        value, found = here[path], there[path]
        if PLACES.search(path) and isinstance(value, tuple):
            check_equal(path, found, _moved(value, where), relative=0, absolute=_slack(path))
        elif DIRECTIONS.search(path) and isinstance(value, tuple):
            turned = np.subtract(_moved(value, where), _moved((0.0, 0.0, 0.0), where))
            assert abs(float(turned @ np.array(found))) == pytest.approx(1, abs=1e-5), path
        else:
            check_equal(
                path, found, value, relative=tolerance_of(path), absolute=max(2e-5, _slack(path) / 10)
            )


def _names(all_leaves: Leaves, skip: re.Pattern[str]) -> list[str]:
    return sorted(path for path in all_leaves if not skip.search(path))


def _slack(path: str) -> float:
    return 1e-4 if tolerance_of(path) == SINGLE_PRECISION else 0.1


def _moved(point: Any, where: cq.Location) -> tuple[float, float, float]:
    x, y, z = cq.Vertex.makeVertex(*point).moved(where).toTuple()
    return (x, y, z)


TURNED = re.compile(f"{BOUND_TO_THE_AXES.pattern}|{TIED.pattern}")


@pytest.mark.parametrize("name", PARTS)
class TestEveryFact:
    def test_stays_when_the_part_is_moved(self, name: str, tmp_path: Path) -> None:
        where = cq.Location(cq.Vector(120, -70, 45))

        here = leaves(of_solid(shape_of(name), tmp_path))
        there = leaves(of_solid(shape_of(name).moved(where), tmp_path))

        check_placed(here, there, where, skip=TIED)

    def test_stays_when_the_part_is_turned(self, name: str, tmp_path: Path) -> None:
        where = cq.Location(cq.Vector(20, 30, -10), cq.Vector(1, 2, 3), 37)

        here = leaves(of_solid(shape_of(name), tmp_path))
        there = leaves(of_solid(shape_of(name).moved(where), tmp_path))

        check_placed(here, there, where, skip=TURNED)

    def test_grows_with_its_power_when_the_part_is_scaled(self, name: str, tmp_path: Path) -> None:
        skip = re.compile(f"{OF_SIZE.pattern}|{TIED.pattern}|confidence|overhangs")

        here = leaves(of_solid(shape_of(name), tmp_path))
        there = leaves(of_solid(shape_of(name).scale(2), tmp_path))

        assert _names(there, skip) == _names(here, skip)
        for path in _names(here, skip):
            check_equal(path, there[path], _grown(path, here[path], 2), relative=10 * tolerance_of(path))

    def test_is_the_same_when_the_part_is_written_and_read_again(self, name: str, tmp_path: Path) -> None:
        first = write_step(shape_of(name), tmp_path / "first.step")
        again = write_step(cq.Shape.cast(read_step(first, ReadLimits()).shape), tmp_path / "again.step")

        here, there = leaves(facts_of(first)), leaves(facts_of(again))

        check_placed(here, there, cq.Location(), skip=TIED)

    def test_of_one_content_is_the_same_to_the_digit(self, name: str, tmp_path: Path) -> None:
        assert leaves(of_solid(shape_of(name), tmp_path)) == leaves(of_solid(shape_of(name), tmp_path))
        assert leaves(of_mesh(shape_of(name), tmp_path)) == leaves(of_mesh(shape_of(name), tmp_path))


def _grown(path: str, value: Any, scale: float) -> Any:
    if isinstance(value, tuple):
        return value if DIRECTIONS.search(path) else tuple(scale * part for part in value)
    if isinstance(value, bool) or not isinstance(value, float):
        return value
    unit = POWER.search(path)
    return value * scale ** int(unit.group(1) or 1) if unit else value


@pytest.mark.parametrize("name", PARTS)
class TestTriangles:
    def test_agree_with_the_faces_within_the_deflection(self, name: str, tmp_path: Path) -> None:
        solid, mesh = (measured(shape_of(name), tmp_path) for measured in (of_solid, of_mesh))

        slack_mm3 = DEFLECTION_MM * solid.area_mm2
        assert mesh.watertight
        assert mesh.bodies == solid.bodies
        assert mesh.volume_mm3 == pytest.approx(solid.volume_mm3, abs=slack_mm3)
        assert mesh.area_mm2 == pytest.approx(solid.area_mm2, rel=0.01)
        assert mesh.centroid_mm == pytest.approx(solid.centroid_mm, abs=DEFLECTION_MM)
        for box in ("bounding_box_mm", "oriented_box_mm"):
            found, wanted = (getattr(facts, box).model_dump() for facts in (mesh, solid))
            assert found == pytest.approx(wanted, abs=2 * DEFLECTION_MM)

    def test_show_the_same_features_with_less_confidence(self, name: str, tmp_path: Path) -> None:
        solid, mesh = (measured(shape_of(name), tmp_path) for measured in (of_solid, of_mesh))

        assert _sizes(mesh) == _sizes(solid)
        assert max(feature.confidence for feature in mesh.features) <= 0.7

    def test_show_the_same_walls(self, name: str, tmp_path: Path) -> None:
        solid, mesh = (measured(shape_of(name), tmp_path) for measured in (of_solid, of_mesh))

        assert mesh.thickness_mm is not None
        assert solid.thickness_mm is not None
        assert mesh.thickness_mm.min == pytest.approx(solid.thickness_mm.min, rel=0.02)
        assert mesh.thickness_mm.median == pytest.approx(solid.thickness_mm.median, rel=0.02)


def _sizes(facts: PartFacts) -> list[tuple[object, ...]]:
    """What a feature is, to a hundredth of a millimetre, wherever it is."""
    names = ("type", "diameter_mm", "depth_mm", "length_mm", "width_mm", "height_mm")
    found = []
    for feature in facts.features:
        figures = feature.__pydantic_extra__ or {}
        values = (figures.get(name) for name in names)
        sizes = (round(value, 2) + 0.0 if isinstance(value, float) else value for value in values)
        found.append((feature.kind, *sizes))
    return sorted(found, key=str)
