"""Exact boxes of solids, before any tessellation: afterwards OCCT's boxes grow by the deflection."""

import math
from itertools import product

import numpy as np
from OCP.Bnd import Bnd_Box
from OCP.BRepAdaptor import BRepAdaptor_Curve
from OCP.BRepBndLib import BRepBndLib
from OCP.GeomAbs import GeomAbs_CurveType
from OCP.gp import gp_Trsf
from OCP.TopAbs import TopAbs_ShapeEnum
from OCP.TopExp import TopExp
from OCP.TopLoc import TopLoc_Location
from OCP.TopoDS import TopoDS
from OCP.TopTools import TopTools_IndexedMapOfShape

from app.calculator.analysis.solid_reach import stays_within
from app.calculator.analysis.solid_shape import OTHER, PLANE, Face, Shape
from app.calculator.geometry.box import Box, Point
from app.calculator.geometry.frames import smallest_frame
from app.calculator.geometry.mesh_hash import Floats
from app.calculator.geometry.tolerance import BETTER_BOX_RATIO, BOX_SLACK_MM

MOST_CURVES = 400
POINTS_PER_CURVE = 6
MOST_SURFACES = 100
POINTS_PER_SIDE = 5


def exact_box(vertices: Floats, faces: list[Face]) -> Box:
    """The box of the vertices, widened by those faces that could exceed it; simple surfaces first."""
    return _widened(vertices.min(axis=0), vertices.max(axis=0), faces, None) if len(vertices) else _of(faces)


def _of(faces: list[Face]) -> Box:
    return _widened(np.full(3, np.inf), np.full(3, -np.inf), faces, None)


def _widened(low: Floats, high: Floats, faces: list[Face], turn: TopLoc_Location | None) -> Box:
    for face in sorted(faces, key=lambda face: face.kind == OTHER):
        shape = face.shape if turn is None else face.shape.Moved(turn)
        loose = Bnd_Box()
        BRepBndLib.Add_s(shape, loose, False)
        if loose.IsVoid() or _is_within(_corners(loose), low, high):
            continue
        if face.kind == OTHER and stays_within(shape, low, high):
            continue
        tight = Bnd_Box()
        BRepBndLib.AddOptimal_s(shape, tight, False, False)
        corners = _corners(tight)
        low, high = np.minimum(low, corners[0]), np.maximum(high, corners[1])
    bottom, top = low.tolist(), high.tolist()
    return Box((bottom[0], bottom[1], bottom[2]), (top[0], top[1], top[2]))


def _corners(box: Bnd_Box) -> Floats:
    box.SetGap(0.0)
    return np.array(box.Get()).reshape(2, 3)


def _is_within(corners: Floats, low: Floats, high: Floats) -> bool:
    return bool((corners[0] >= low - BOX_SLACK_MM).all() and (corners[1] <= high + BOX_SLACK_MM).all())


def oriented_extents(solids: list[Shape], vertices: Floats, faces: list[Face], upright: Box) -> Point:
    """Extents of the smallest box found, longest first: a frame from sampled points, then its exact box."""
    points = np.concatenate((vertices, _curve_points(solids), _surface_points(faces)))
    extents = upright.extents_mm
    frame, volume = smallest_frame(points, _axes(faces))
    if volume < BETTER_BOX_RATIO * float(np.ptp(points, axis=0).prod()):
        turned = points @ frame.T
        box = _widened(turned.min(axis=0), turned.max(axis=0), faces, _turn(frame))
        if box.volume_mm3 < BETTER_BOX_RATIO * upright.volume_mm3:
            extents = box.extents_mm
    longest, middle, shortest = sorted(extents, reverse=True)
    return longest, middle, shortest


def _turn(frame: Floats) -> TopLoc_Location:
    rows = frame * np.linalg.det(frame)  # a mirror image has the same extents, but OCCT wants a rotation
    turn = gp_Trsf()
    turn.SetValues(*(value for row in rows.tolist() for value in (*row, 0.0)))
    return TopLoc_Location(turn)


def _axes(faces: list[Face]) -> Floats:
    """Directions of planes and cylinders, the most frequent first."""
    counted: dict[tuple[float, float, float], int] = {}
    for face in faces:
        if face.kind == PLANE:
            axis = face.surface.Plane().Axis().Direction()
        elif face.kind == "cylinder":
            axis = face.surface.Cylinder().Axis().Direction()
        else:
            continue
        parts = (axis.X(), axis.Y(), axis.Z())
        sign = math.copysign(1.0, max(parts, key=abs))
        x, y, z = (round(sign * part, 6) for part in parts)
        counted[(x, y, z)] = counted.get((x, y, z), 0) + 1
    ordered = sorted(counted, key=lambda key: (-counted[key], key))
    return np.array(ordered, dtype=np.float64).reshape(-1, 3)


def _curve_points(solids: list[Shape]) -> Floats:
    """Points on curved edges; straight ones are told by their vertices."""
    edges = TopTools_IndexedMapOfShape()
    for solid in solids:
        TopExp.MapShapes_s(solid, TopAbs_ShapeEnum.TopAbs_EDGE, edges)
    stride = max(1, edges.Extent() // MOST_CURVES)
    found: list[tuple[float, float, float]] = []
    for index in range(1, edges.Extent() + 1, stride):
        curve = BRepAdaptor_Curve(TopoDS.Edge_s(edges.FindKey(index)))
        if not curve.Is3DCurve() or curve.GetType() == GeomAbs_CurveType.GeomAbs_Line:
            continue
        for at in np.linspace(curve.FirstParameter(), curve.LastParameter(), POINTS_PER_CURVE).tolist():
            point = curve.Value(at)
            found.append((point.X(), point.Y(), point.Z()))
    return np.array(found, dtype=np.float64).reshape(-1, 3)


def _surface_points(faces: list[Face]) -> Floats:
    """Points on doubly curved surfaces within the face's own parameter range."""
    curved = [face for face in faces if face.kind in {"sphere", "torus", OTHER}]
    found: list[tuple[float, float, float]] = []
    for face in curved[:: max(1, len(curved) // MOST_SURFACES)]:
        bounded = face.surface
        bounded.Initialize(face.shape, True)
        across = np.linspace(bounded.FirstUParameter(), bounded.LastUParameter(), POINTS_PER_SIDE).tolist()
        along = np.linspace(bounded.FirstVParameter(), bounded.LastVParameter(), POINTS_PER_SIDE).tolist()
        for u, v in product(across, along):
            point = bounded.Value(u, v)
            found.append((point.X(), point.Y(), point.Z()))
    return np.array(found, dtype=np.float64).reshape(-1, 3)
