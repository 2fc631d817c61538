"""Curves as drawings have them, and strokes: a curve laid flat, followed by points and measured exactly."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import acos, atan2, ceil, pi

import numpy as np
import numpy.typing as npt
from scipy.interpolate import BSpline

Floats = npt.NDArray[np.float64]
Transform = Floats
"""Four rows: a point (x, y, z, 1) times it is the point moved."""

CHORD_MM = 0.01
"""Points follow a curve this closely; lengths and areas do not depend on them."""
MOST_STEPS = 512
FEWEST_STEPS_PER_TURN = 32
STEPS_PER_SPAN = 16
SAME_AXES = 1e-6
_FULL_TURN = 2 * pi


@dataclass(frozen=True)
class Stroke:
    """One pull of the pen: points (n, 2) in millimetres from its start to its end.

    ``bulge_mm2`` is the area between the points and the true curve, positive where the curve lies to the
    right of them, so that a ring walked to the left has the area of its points plus its bulges.
    ``rise_mm`` is how far it leaves the plane of the drawing.
    """

    points: Floats
    length_mm: float
    bulge_mm2: float = 0.0
    rise_mm: float = 0.0


@dataclass(frozen=True)
class Polyline:
    """Straight from point to point (n, 3)."""

    points: Floats


@dataclass(frozen=True)
class Arc:
    """``centre + cosine · u + sine · v`` from one parameter (radians) to the other: circles and ellipses."""

    centre: Floats
    u: Floats
    v: Floats
    start: float
    end: float


@dataclass(frozen=True)
class Spline:
    """A NURBS curve: control points (n, 3), their weights, knots and degree."""

    control: Floats
    weights: Floats
    knots: Floats
    degree: int


Curve = Polyline | Arc | Spline


def stroke_of(curves: Sequence[Curve], transform: Transform) -> Stroke:
    """The curves one after the other, moved by the transform and seen from above."""
    strokes = [_stroke(curve, transform) for curve in curves]
    if len(strokes) == 1:
        return strokes[0]
    points = np.concatenate([strokes[0].points, *(stroke.points[1:] for stroke in strokes[1:])])
    return Stroke(
        points,
        sum(stroke.length_mm for stroke in strokes),
        sum(stroke.bulge_mm2 for stroke in strokes),
        rise_mm=max(stroke.rise_mm for stroke in strokes),
    )


def _stroke(curve: Curve, transform: Transform) -> Stroke:
    if isinstance(curve, Polyline):
        points = _moved(curve.points, transform)
        return Stroke(points[:, :2], length_of(points[:, :2]), rise_mm=_rise(points))
    if isinstance(curve, Arc):
        return _arc_stroke(
            Arc(
                _moved(curve.centre[None], transform)[0],
                curve.u @ transform[:3],
                curve.v @ transform[:3],
                curve.start,
                curve.end,
            )
        )
    return _spline_stroke(curve, transform)


def length_of(points: Floats) -> float:
    """The length of the way along points (n, 2)."""
    return float(np.linalg.norm(np.diff(points, axis=0), axis=1).sum())


def ring_area(points: Floats) -> float:
    """The area of a polygon (n, 2), positive when it turns to the left."""
    x, y = (points - points[0]).T
    return float(x @ np.roll(y, -1) - y @ np.roll(x, -1)) / 2


def _arc_stroke(arc: Arc) -> Stroke:
    longest, ratio = _axes(arc)
    turn = arc.end - arc.start
    angles = _angles(arc, _steps(longest, abs(turn)))
    points = arc.centre + np.cos(angles)[:, None] * arc.u + np.sin(angles)[:, None] * arc.v
    flat = points[:, :2]
    steps = np.diff(angles)
    turning = float(arc.u[0] * arc.v[1] - arc.u[1] * arc.v[0])
    bulge_mm2 = turning / 2 * float((steps - np.sin(steps)).sum())
    if ratio > 1 - SAME_AXES:
        return Stroke(flat, longest * abs(turn), bulge_mm2, _rise(points))
    fine = np.linspace(arc.start, arc.end, 2 * MOST_STEPS + 1)
    length_mm = _refined(
        lambda steps: length_of(
            np.cos(fine[::steps])[:, None] * arc.u[:2] + np.sin(fine[::steps])[:, None] * arc.v[:2]
        )
    )
    return Stroke(flat, length_mm, bulge_mm2, _rise(points))


def _angles(arc: Arc, count: int) -> Floats:
    """Even steps, and where the curve turns back in x or y: its box is exact."""
    low, high = sorted((arc.start, arc.end))
    extremes = np.arctan2(arc.v[:2], arc.u[:2])
    turns = np.arange(np.floor((low - pi) / pi), np.ceil((high + pi) / pi) + 1) * pi
    candidates = (extremes[:, None] + turns).ravel()
    inside = candidates[(candidates > low) & (candidates < high)]
    steps = (inside - low) / (high - low) * count
    new = inside[np.abs(steps - np.round(steps)) > SAME_AXES]
    angles = np.sort(np.concatenate((np.linspace(low, high, count + 1), new)))
    return angles if arc.start <= arc.end else angles[::-1]


def _axes(arc: Arc) -> tuple[float, float]:
    """The long half axis of an ellipse given by any two conjugate ones, and the short one's share of it."""
    long, short = np.linalg.svd(np.stack((arc.u[:2], arc.v[:2])), compute_uv=False).tolist()
    return long, short / long if long else 0.0


def _steps(radius_mm: float, turn: float) -> int:
    if radius_mm <= CHORD_MM:
        per_turn = float(FEWEST_STEPS_PER_TURN)
    else:
        per_turn = max(FEWEST_STEPS_PER_TURN, pi / acos(1 - CHORD_MM / radius_mm))
    return max(1, ceil(4 * ceil(min(per_turn, MOST_STEPS) / 4) * turn / _FULL_TURN - SAME_AXES))


def _spline_stroke(spline: Spline, transform: Transform) -> Stroke:
    control = _moved(spline.control, transform)
    weighted = np.concatenate((control * spline.weights[:, None], spline.weights[:, None]), axis=1)
    curve = BSpline(spline.knots, weighted, spline.degree)
    spans = np.unique(spline.knots[spline.degree : len(spline.control) + 1])
    share = np.linspace(0, 1, 4 * STEPS_PER_SPAN, endpoint=False)
    places = (spans[:-1, None] + np.diff(spans)[:, None] * share).ravel()
    homogeneous = curve(np.append(places, spans[-1]))
    fine = homogeneous[:, :3] / homogeneous[:, 3:]
    flat = fine[::4, :2]
    length_mm = _refined(lambda steps: length_of(fine[::steps, :2]))
    area_mm2 = _refined(lambda steps: ring_area(fine[::steps, :2]))
    return Stroke(flat, length_mm, area_mm2 - ring_area(flat), _rise(fine))


def _refined(measured: Callable[[int], float]) -> float:
    """Richardson's extrapolation from all points and every second one: it errs by their fourth power."""
    return (4 * measured(1) - measured(2)) / 3


def _moved(points: Floats, transform: Transform) -> Floats:
    moved: Floats = points @ transform[:3] + transform[3]
    return moved


def _rise(points: Floats) -> float:
    return float(np.ptp(points[:, 2]))


def arc_of_bulge(start: Floats, end: Floats, bulge: float) -> Arc:
    """The arc between two points (3,) whose bulge, the tangent of a quarter of its angle, is given."""
    chord = end - start
    across = np.array([-chord[1], chord[0], 0.0])
    centre = (start + end) / 2 + across * (1 - bulge * bulge) / (4 * bulge)
    u = start - centre
    u[2] = 0.0
    return Arc(centre, u, np.array([-u[1], u[0], 0.0]), 0.0, 4 * atan2(bulge, 1.0))


def circle_arc(centre: Floats, radius: float, start: float = 0.0, end: float = _FULL_TURN) -> Arc:
    """An arc of a circle in the plane of the drawing, to the left."""
    return Arc(centre, np.array([radius, 0.0, 0.0]), np.array([0.0, radius, 0.0]), start, end)
