"""Features of meshes: figures of the true circle, not of the polygon in it; nothing where nothing is."""

from typing import Any

import cadquery as cq
import numpy as np
import pytest

from app.calculator import features
from app.calculator.features.mesh_features import MOST_CONFIDENCE, recognise_mesh
from app.calculator.geometry.mesh_surface import divided
from app.calculator.geometry.part import MeshPart
from app.contract.geometry import Feature
from tests.calculator.bodies import Mesh, box, flipped, torus
from tests.calculator.features.benchmark import mesh_of
from tests.calculator.features.known import aimed, turned_tool

pytestmark = pytest.mark.cad


def recognised(part: MeshPart) -> tuple[Feature, ...]:
    regions = divided(part)
    assert regions is not None
    return recognise_mesh(regions, part.origin_mm)


def of_triangles(*meshes: Mesh) -> tuple[Feature, ...]:
    return recognised(MeshPart("stl", np.concatenate(meshes)))


def holes(shape: Any) -> list[Feature]:
    return [feature for feature in recognised(mesh_of(shape)) if feature.kind == "hole"]


def figures(feature: Feature) -> dict[str, Any]:
    extra = feature.__pydantic_extra__
    assert extra is not None
    return extra


def plate() -> Any:
    return cq.Workplane().box(40, 30, 10)


def drilled(depth: float, sides: int) -> Mesh:
    """A block of 20 x 20 x 10 with a prism of 8 cut from above, through when as deep as the block."""
    turn = 2 * np.pi * np.arange(sides + 1) / sides
    rim = np.stack((4 * np.cos(turn), 4 * np.sin(turn)), axis=1)
    square = rim / np.abs(rim).max(axis=1)[:, None] * 10

    def ring(inner: Mesh, outer: Mesh, low: float, high: float) -> Mesh:
        a, b = (np.column_stack((row, np.full(len(row), low))) for row in (inner[:-1], inner[1:]))
        c, d = (np.column_stack((row, np.full(len(row), high))) for row in (outer[1:], outer[:-1]))
        return np.concatenate((np.stack((a, b, c), axis=1), np.stack((a, c, d), axis=1))).astype(np.float32)

    def fan(border: Mesh, level: float) -> Mesh:
        a, b = (np.column_stack((row, np.full(len(row), level))) for row in (border[:-1], border[1:]))
        return np.stack((np.full_like(a, (0, 0, level)), a, b), axis=1).astype(np.float32)

    bottom = fan(rim, 10 - depth) if depth < 10 else np.zeros((0, 3, 3), dtype=np.float32)
    under = flipped(fan(square, 0)) if depth < 10 else ring(rim, square, 0, 0)
    wall = flipped(ring(rim, rim, 10 - depth, 10))
    return np.concatenate(
        (ring(square, square, 0, 10), flipped(ring(rim, square, 10, 10)), wall, bottom, under)
    )


def split(mesh: Mesh, edge: Mesh) -> Mesh:
    """The same surface with one more corner, half-way along the edge, which two triangles have."""
    halves = []
    for triangle in mesh:
        off = [not (corner == edge).all(axis=1).any() for corner in triangle]
        if sum(off) != 1:
            halves.append(triangle)
            continue
        tip = off.index(True)
        apex, first, second = triangle[[tip, (tip + 1) % 3, (tip + 2) % 3]]
        middle = (first + second) / 2
        halves += [np.stack((apex, first, middle)), np.stack((apex, middle, second))]
    assert len(halves) == len(mesh) + 2
    return np.stack(halves).astype(np.float32)


class TestFigures:
    def test_of_a_tapped_hole_are_those_of_the_drill(self) -> None:
        (hole,) = holes(plate().faces(">Z").workplane().hole(5).val())

        assert figures(hole)["diameter_mm"] == pytest.approx(5, abs=1e-3)
        assert figures(hole)["depth_mm"] == pytest.approx(10, abs=1e-3)
        assert (figures(hole)["type"], figures(hole)["thread_candidate"]) == ("through", "M6")

    @pytest.mark.parametrize("sides", [12, 16, 24, 90])
    @pytest.mark.parametrize("depth", [4.0, 10.0])
    def test_do_not_depend_on_how_coarse_the_triangles_are(self, sides: int, depth: float) -> None:
        (hole,) = (feature for feature in of_triangles(drilled(depth, sides)) if feature.kind == "hole")

        assert figures(hole)["type"] == ("through" if depth == 10 else "blind")
        assert figures(hole)["diameter_mm"] == pytest.approx(8, abs=1e-3)
        assert figures(hole)["depth_mm"] == pytest.approx(depth, abs=1e-3)

    def test_do_not_mind_a_corner_in_the_middle_of_a_chord(self) -> None:
        mesh = drilled(10.0, 36)

        (hole,) = (
            feature for feature in of_triangles(split(mesh, mesh[72 + 7, :2])) if feature.kind == "hole"
        )

        assert (figures(hole)["type"], figures(hole)["diameter_mm"]) == (
            "through",
            pytest.approx(8, abs=1e-3),
        )

    def test_of_a_drilled_hole_know_its_point(self) -> None:
        tool = aimed(turned_tool([(2.5, 1), (2.5, -6), (0, -7.5)]), (0, 0, 5), (0, 0, 1))

        (hole,) = holes(plate().val().cut(tool))

        assert (figures(hole)["type"], figures(hole)["tip"]) == ("blind", "conical")
        assert figures(hole)["depth_mm"] == pytest.approx(6, abs=1e-3)

    def test_of_a_ball_ended_hole_know_that_it_is_closed(self) -> None:
        tool = turned_tool([(2.5, 1), (2.5, -4)]).union(cq.Workplane().sphere(2.5).translate((0, 0, -4)))

        (hole,) = holes(plate().val().cut(aimed(tool, (0, 0, 5), (0, 0, 1))))

        assert (figures(hole)["type"], figures(hole)["tip"]) == ("blind", "round")

    def test_of_a_hole_with_a_rounded_mouth_keep_its_diameter(self) -> None:
        shape = plate().faces(">Z").workplane().hole(8).edges("%CIRCLE").fillet(1.5).val()

        (hole,) = holes(shape)

        assert figures(hole)["diameter_mm"] == pytest.approx(8, abs=1e-3)
        assert figures(hole)["type"] == "through"

    def test_are_told_in_the_coordinates_of_the_file(self) -> None:
        shape = plate().faces(">Z").workplane().center(12, 7).hole(5).val()

        (hole,) = holes(shape.moved(cq.Location(cq.Vector(1000, -200, 30))))

        assert (hole.place.x, hole.place.y) == pytest.approx((1012, -193), abs=1e-3)

    def test_survive_coordinates_written_with_three_decimals(self) -> None:
        shape = plate().faces(">Z").workplane().cboreHole(4.3, 8, 2).val()
        part = mesh_of(shape.moved(cq.Location(cq.Vector(300, 200, 100), cq.Vector(1, 2, 3), 37)))
        places = part.triangles.astype(np.float64) + part.origin_mm

        found = recognised(MeshPart("stl", np.round(places, 3).astype(np.float32)))

        (hole,) = (feature for feature in found if feature.kind == "hole")
        assert [step["diameter_mm"] for step in figures(hole)["steps"]] == pytest.approx([8, 4.3], abs=2e-3)


class TestConfidence:
    def test_is_lower_than_that_of_a_solid(self) -> None:
        (hole,) = holes(plate().faces(">Z").workplane().hole(5).val())

        assert hole.confidence <= MOST_CONFIDENCE


class TestNothing:
    @pytest.mark.parametrize(
        "mesh",
        [
            pytest.param(box(20, 12, 8), id="box"),
            pytest.param(torus(30, 10), id="torus"),
            pytest.param(drilled(10, 6), id="hexagon"),
            pytest.param(drilled(10, 8), id="octagon"),
        ],
    )
    def test_round_is_found_where_nothing_was_drilled(self, mesh: Mesh) -> None:
        assert [feature for feature in of_triangles(mesh) if feature.kind == "hole"] == []

    def test_is_found_in_a_rough_surface(self) -> None:
        smooth = torus(30, 10, 120, 60)
        places, corners = np.unique(smooth.reshape(-1, 3), axis=0, return_inverse=True)
        noise = np.random.default_rng(4).normal(0, 0.05, places.shape)
        rough = (places + noise)[corners.reshape(-1)].reshape(-1, 3, 3).astype(np.float32)

        assert [feature for feature in of_triangles(rough) if feature.kind == "hole"] == []


def test_a_damaged_mesh_still_shows_its_holes() -> None:
    part = mesh_of(plate().faces(">Z").workplane().hole(5).val())
    damaged = part.triangles[np.arange(len(part.triangles)) != 5].copy()
    damaged[10:14] = flipped(damaged[10:14])

    found = recognised(MeshPart("stl", damaged, part.origin_mm))

    assert [figures(feature)["diameter_mm"] for feature in found if feature.kind == "hole"] == pytest.approx(
        [5]
    )


def test_triangles_without_area_have_no_plane() -> None:
    part = mesh_of(plate().faces(">Z").workplane().hole(5).val())
    needle = np.full((1, 3, 3), (90, 90, 90), dtype=np.float32)
    needle[0, 1] += 30
    needle[0, 2] += 60

    found = recognised(MeshPart("stl", np.concatenate((part.triangles, needle)), part.origin_mm))

    assert [feature.kind for feature in found if feature.kind == "hole"] == ["hole"]


def test_a_mesh_inside_out_has_holes_and_no_shafts() -> None:
    part = mesh_of(plate().faces(">Z").workplane().hole(5).val())

    found = recognised(MeshPart("stl", flipped(part.triangles), part.origin_mm))

    assert sorted(feature.kind for feature in found) == ["hole", "sheet"]


def test_a_recogniser_that_fails_costs_its_own_features_only(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(graph: object, known: object) -> list[object]:
        raise ZeroDivisionError

    monkeypatch.setattr(features, "RECOGNISERS", (fail,))
    regions = divided(MeshPart("stl", box(20, 12, 8)))
    assert regions is not None
    faults: list[str] = []

    assert recognise_mesh(regions, (0, 0, 0), faults.append) == ()
    assert faults == ["fail"]
