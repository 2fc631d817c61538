from typing import Any

import cadquery as cq
import numpy as np
import pytest
from OCP.BRep import BRep_Builder
from OCP.BRepBuilderAPI import BRepBuilderAPI_Transform
from OCP.BRepMesh import BRepMesh_IncrementalMesh
from OCP.BRepPrimAPI import BRepPrimAPI_MakeBox, BRepPrimAPI_MakeCylinder
from OCP.gp import gp_Ax1, gp_Ax2, gp_Dir, gp_Pnt, gp_Trsf, gp_Vec
from OCP.TopLoc import TopLoc_Location
from OCP.TopoDS import TopoDS_Compound

from app.calculator.errors import CadInvalid
from app.calculator.geometry import tessellation
from app.calculator.geometry.box import diagonal_of
from app.calculator.geometry.flat_faces import FlatFaces
from app.calculator.geometry.mesh_clean import clean
from app.calculator.geometry.surface import Surface
from app.calculator.geometry.tessellation import tessellate

pytestmark = pytest.mark.cad


def signed_volume_mm3(surface: Surface) -> float:
    corners = surface.triangles.astype(np.float64)
    return float((corners[:, 0] * np.cross(corners[:, 1], corners[:, 2])).sum() / 6)


def compound(*shapes: object) -> TopoDS_Compound:
    together, builder = TopoDS_Compound(), BRep_Builder()
    builder.MakeCompound(together)
    for shape in shapes:
        builder.Add(together, shape)
    return together


def test_a_box_has_two_triangles_on_each_of_its_faces() -> None:
    surface = tessellate(BRepPrimAPI_MakeBox(10.0, 20.0, 30.0).Shape())

    assert np.bincount(surface.face_of).tolist() == [2] * 6
    assert surface.bodies == 1
    assert signed_volume_mm3(surface) == pytest.approx(6000)


def test_triangles_of_a_face_lie_on_it() -> None:
    surface = tessellate(BRepPrimAPI_MakeBox(10.0, 20.0, 30.0).Shape())

    for face in range(6):
        corners = surface.triangles[surface.face_of == face].reshape(-1, 3)
        assert np.ptp(corners, axis=0).min() == pytest.approx(0, abs=1e-6)


def test_faces_of_several_bodies_are_counted_on() -> None:
    boxes = compound(
        BRepPrimAPI_MakeBox(10.0, 10.0, 10.0).Shape(),
        BRepPrimAPI_MakeBox(gp_Pnt(50.0, 0.0, 0.0), 5.0, 5.0, 5.0).Shape(),
    )

    surface = tessellate(boxes)

    assert surface.bodies == 2
    assert surface.face_of.tolist() == sorted(2 * list(range(12)))
    assert (surface.body_of == (surface.face_of >= 6)).all()


def test_an_instance_moved_far_away_keeps_its_digits() -> None:
    place = gp_Trsf()
    place.SetTranslation(gp_Vec(1e6, 0.0, 0.0))
    box = BRepPrimAPI_MakeBox(1.0, 1.0, 1.0).Shape().Moved(TopLoc_Location(place))

    surface = tessellate(box)

    assert surface.origin_mm == pytest.approx((1e6 + 0.5, 0.5, 0.5))
    assert signed_volume_mm3(surface) == pytest.approx(1, rel=1e-6)


def test_a_cylinder_is_followed_to_a_thousandth_of_its_size() -> None:
    surface = tessellate(BRepPrimAPI_MakeCylinder(2.0, 3.0).Shape())

    assert signed_volume_mm3(surface) == pytest.approx(np.pi * 4 * 3, rel=0.01)


def test_nothing_has_no_surface() -> None:
    with pytest.raises(CadInvalid):
        tessellate(compound())


def drilled() -> Any:
    """A plate full of holes with a rounded boss, whose faces meet those of many borders."""
    plate = cq.Workplane().box(60, 60, 4).faces(">Z").workplane().rarray(5, 5, 10, 10).hole(3)
    return plate.union(cq.Workplane().circle(4).extrude(9).faces(">Z").edges().fillet(2)).val().wrapped


def test_a_plate_full_of_holes_is_followed_as_closely(monkeypatch: pytest.MonkeyPatch) -> None:
    quick = tessellate(drilled())
    monkeypatch.setattr(tessellation, "MANY_BORDERS", 1000)
    usual = tessellate(drilled())

    assert len(quick.triangles) == len(usual.triangles)
    assert signed_volume_mm3(quick) == pytest.approx(signed_volume_mm3(usual), rel=1e-6)


def perforated(*, slots: bool = False) -> Any:
    """A plate whose upper and lower face have 37 borders."""
    plate = cq.Workplane().box(80, 80, 4).faces(">Z").workplane().rarray(12, 12, 6, 6)
    return (plate.slot2D(11, 2, 90) if slots else plate.circle(2.5)).cutThruAll().val().wrapped


def placed(shape: Any) -> Any:
    """The shape twice: turned and moved, and seen in a mirror."""
    turn, mirror = gp_Trsf(), gp_Trsf()
    turn.SetRotation(gp_Ax1(gp_Pnt(3, 4, 5), gp_Dir(1, 2, 3)), 1.1)
    mirror.SetMirror(gp_Ax2(gp_Pnt(200, 0, 0), gp_Dir(1, 0, 0)))
    return compound(shape.Moved(TopLoc_Location(turn)), BRepBuilderAPI_Transform(shape, mirror, True).Shape())


@pytest.mark.parametrize(
    "shape",
    [drilled(), perforated(), perforated(slots=True), placed(perforated())],
    ids=["drilled", "perforated", "slotted", "placed"],
)
def test_faces_of_many_borders_meet_their_neighbours_without_a_gap(shape: Any) -> None:
    surface = tessellate(shape)

    mesh = clean(surface.triangles, diagonal_of(surface.triangles.reshape(-1, 3)))

    assert (mesh.open_edges, mesh.clashing_edges, mesh.edges.crowded) == (0, 0, 0)


@pytest.mark.parametrize("slots", [False, True], ids=["holes", "slots"])
def test_a_perforated_face_is_covered_once(*, slots: bool) -> None:
    shape = perforated(slots=slots)
    surface = tessellate(shape)
    exact = cq.Shape.cast(shape)

    corners = surface.triangles.astype(np.float64)
    doubled = np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1)
    covered = np.bincount(surface.face_of, weights=doubled / 2)

    assert covered == pytest.approx([face.Area() for face in exact.Faces()], rel=0.01)
    assert signed_volume_mm3(surface) == pytest.approx(exact.Volume(), rel=0.01)


def crowded_and_plain(shape: Any) -> tuple[list[Any], list[Any]]:
    """The faces of a perforated plate with many borders, and the others."""
    faces = cq.Shape.cast(shape).Faces()
    return (
        [face.wrapped for face in faces if face.innerWires()],
        [face.wrapped for face in faces if not face.innerWires()],
    )


def test_flat_faces_of_round_holes_take_over_their_neighbours_corners() -> None:
    shape = perforated()
    crowded, plain = crowded_and_plain(shape)
    BRepMesh_IncrementalMesh(compound(*plain), 0.1)
    flat = FlatFaces(shape, 0.1)

    assert [flat.divide(face) for face in crowded] == [True, True]


def test_a_face_whose_neighbours_have_no_corners_is_left_alone() -> None:
    shape = perforated()
    crowded, _ = crowded_and_plain(shape)
    flat = FlatFaces(shape, 0.1)

    assert [flat.divide(face) for face in crowded] == [False, False]
