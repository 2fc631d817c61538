"""Entities of a DXF drawing become curves, in the units of the file."""

from collections.abc import Callable, Sequence
from math import pi, radians
from typing import Any

import numpy as np

from app.calculator.errors import CadUnreadable
from app.calculator.geometry.curves import (
    Arc,
    Curve,
    Floats,
    Polyline,
    Spline,
    arc_of_bulge,
    circle_arc,
)

Entity = Any
"""An entity of ezdxf: its attributes are looked up by name."""

_FRAME_POINT = 16
_SAME_TURN = 1e-9
_ORDER_OF_A_CUBIC = 4


def curves_of(entity: Entity) -> Sequence[Curve] | None:
    """The curves of an entity in its own coordinates; ``None`` for a kind that draws no line."""
    make = _MAKERS.get(entity.dxftype())
    if make is None:
        return None
    if not all(entity.dxf.hasattr(name) for name in _NEEDED.get(entity.dxftype(), ())):
        message = f"a {entity.dxftype()} lacks some of its numbers"
        raise CadUnreadable(message)
    return make(entity)


def frame_of(entity: Entity) -> Floats:
    """Its coordinates as a transform: entities of the plane may be drawn on the back of the sheet."""
    if entity.dxftype() in _IN_SPACE or not entity.dxf.hasattr("extrusion"):
        return np.eye(4, 3)
    ocs = entity.ocs()
    if not ocs.transform:
        return np.eye(4, 3)
    axes = [list(axis) for axis in (ocs.ux, ocs.uy, ocs.uz)]
    return np.array([*axes, [0.0, 0.0, 0.0]])


def _point(vector: Any) -> Floats:  # noqa: ANN401 - a vector of ezdxf
    return np.array([vector.x, vector.y, vector.z])


def _line(entity: Entity) -> list[Curve]:
    return [Polyline(np.stack((_point(entity.dxf.start), _point(entity.dxf.end))))]


def _circle(entity: Entity) -> list[Curve]:
    return [circle_arc(_point(entity.dxf.center), abs(entity.dxf.radius))]


def _arc(entity: Entity) -> list[Curve]:
    start, end = radians(entity.dxf.start_angle), radians(entity.dxf.end_angle)
    return [circle_arc(_point(entity.dxf.center), abs(entity.dxf.radius), start, start + _turn(start, end))]


def _ellipse(entity: Entity) -> list[Curve]:
    u = _point(entity.dxf.major_axis)
    normal = _point(entity.dxf.extrusion)
    v = np.cross(normal / np.linalg.norm(normal), u) * entity.dxf.ratio
    start = entity.dxf.start_param
    return [Arc(_point(entity.dxf.center), u, v, start, start + _turn(start, entity.dxf.end_param))]


def _turn(start: float, end: float) -> float:
    """How far an arc goes to the left; the same angle twice is a whole turn."""
    turn = (end - start) % (2 * pi)
    return turn if turn > _SAME_TURN else 2 * pi


def _light_polyline(entity: Entity) -> list[Curve]:
    elevation = float(entity.dxf.elevation)
    points = [(x, y, elevation) for x, y, _ in entity.get_points("xyb")]
    return _bulged(points, [bulge for _, _, bulge in entity.get_points("xyb")], closed=entity.closed)


def _polyline(entity: Entity) -> list[Curve] | None:
    if entity.is_polygon_mesh or entity.is_poly_face_mesh:
        return None
    vertices = [vertex for vertex in entity.vertices if not vertex.dxf.flags & _FRAME_POINT]
    points = [tuple(vertex.dxf.location) for vertex in vertices]
    flat = entity.is_2d_polyline
    bulges = [vertex.dxf.bulge if flat else 0.0 for vertex in vertices]
    return _bulged(points, bulges, closed=entity.is_closed)


def _bulged(points: Sequence[tuple[float, ...]], bulges: list[float], *, closed: bool) -> list[Curve]:
    """Straight runs and arcs in turn; the bulge of a point is that of the piece after it."""
    if closed and points:
        points = [*points, points[0]]
    places = np.array(points, dtype=np.float64).reshape(-1, 3)
    curves: list[Curve] = []
    run = 0
    for index in range(len(places) - 1):
        if bulges[index] and (places[index] != places[index + 1]).any():
            if index > run:
                curves.append(Polyline(places[run : index + 1]))
            curves.append(arc_of_bulge(places[index], places[index + 1], bulges[index]))
            run = index + 1
    if len(places) - run > 1:
        curves.append(Polyline(places[run:]))
    return curves


def _spline(entity: Entity) -> list[Curve]:
    tool = entity.construction_tool()
    control = np.array([_point(point) for point in tool.control_points])
    weights = np.array(tool.weights() or np.ones(len(control)), dtype=np.float64)
    knots = np.array(tool.knots(), dtype=np.float64)
    return [Spline(control, weights, knots, tool.order - 1)]


_NEEDED = {
    "LINE": ("start", "end"),
    "CIRCLE": ("center", "radius"),
    "ARC": ("center", "radius", "start_angle", "end_angle"),
    "ELLIPSE": ("center", "major_axis", "ratio"),
}
"""The library has defaults for these; a part made of defaults would be an invention."""

_IN_SPACE = {"LINE", "ELLIPSE", "SPLINE"}
_MAKERS: dict[str, Callable[[Entity], Sequence[Curve] | None]] = {
    "LINE": _line,
    "CIRCLE": _circle,
    "ARC": _arc,
    "ELLIPSE": _ellipse,
    "LWPOLYLINE": _light_polyline,
    "POLYLINE": _polyline,
    "SPLINE": _spline,
}
