"""Does a free-form face stay within a box? Asked before its exact box, which OCCT takes long to find.

A face lies on a surface that may well leave the box beyond the face's edges, so the surface's poles tell
little. Here the edges are boxed, and of the points looked at on the surface only those on the face count.
"""

import numpy as np
import numpy.typing as npt
from OCP.Bnd import Bnd_Box
from OCP.BRepAdaptor import BRepAdaptor_Surface
from OCP.BRepBndLib import BRepBndLib
from OCP.BRepTopAdaptor import BRepTopAdaptor_FClass2d
from OCP.GeomAbs import GeomAbs_SurfaceType
from OCP.gp import gp_Pnt2d
from OCP.TopAbs import TopAbs_ShapeEnum, TopAbs_State
from OCP.TopoDS import TopoDS

from app.calculator.analysis.solid_shape import Shape, explore
from app.calculator.geometry.mesh_hash import Floats
from app.calculator.geometry.tolerance import BOX_SLACK_MM, FREEFORM_SLACK_MM

POINTS_PER_SPAN = 4
LEAST_POINTS = 9
MOST_POINTS = 8_000
"""A surface that needs more is left to OCCT."""
_SAME_PARAMETER = 1e-6
_SAG_SHARE = 0.25
"""Between two points a parabola sags an eighth of its bend times their distance squared; twice that here."""


def stays_within(shape: Shape, low: Floats, high: Floats) -> bool:
    """Whether the face surely exceeds the box by less than ``FREEFORM_SLACK_MM``; ``False`` is no answer."""
    face = TopoDS.Face_s(shape)
    surface = BRepAdaptor_Surface(face, True)
    if surface.GetType() != GeomAbs_SurfaceType.GeomAbs_BSplineSurface:
        return False
    spline = surface.BSpline()
    u = _parameters(
        [spline.UKnot(index) for index in range(1, spline.NbUKnots() + 1)],
        (surface.FirstUParameter(), surface.LastUParameter()),
    )
    v = _parameters(
        [spline.VKnot(index) for index in range(1, spline.NbVKnots() + 1)],
        (surface.FirstVParameter(), surface.LastVParameter()),
    )
    if len(u) * len(v) > MOST_POINTS or not _edges_stay(face, low, high):
        return False
    reach = _reach(surface, u, v, low, high)
    return not _any_on_face(face, u, v, np.argwhere(~(reach <= FREEFORM_SLACK_MM)))


def _parameters(knots: list[float], ends: tuple[float, float]) -> Floats:
    """Some in every span between two knots, within the ends."""
    least = _SAME_PARAMETER * (ends[1] - ends[0])
    inner = [knot for knot in knots if ends[0] + least < knot < ends[1] - least]
    bounds = np.array([ends[0], *inner, ends[1]])
    per_span = max(POINTS_PER_SPAN, -(-LEAST_POINTS // (len(bounds) - 1)))
    steps = np.arange(per_span) / per_span
    spans: Floats = (bounds[:-1, None] + np.diff(bounds)[:, None] * steps).ravel()
    return np.append(spans, ends[1])


def _edges_stay(face: Shape, low: Floats, high: Floats) -> bool:
    box = Bnd_Box()
    for edge in explore(face, TopAbs_ShapeEnum.TopAbs_EDGE):
        BRepBndLib.AddOptimal_s(edge, box, False, False)
    if box.IsVoid():
        return False
    box.SetGap(0.0)
    corners = np.array(box.Get()).reshape(2, 3)
    return bool((corners[0] >= low - BOX_SLACK_MM).all() and (corners[1] <= high + BOX_SLACK_MM).all())


def _reach(surface: BRepAdaptor_Surface, u: Floats, v: Floats, low: Floats, high: Floats) -> Floats:
    """How far the surface may exceed the box around every point, negative inside; NaN where unclear."""
    points = np.zeros((len(u), len(v), 3))
    for row, at in enumerate(u.tolist()):
        for column, across in enumerate(v.tolist()):
            point = surface.Value(at, across)
            points[row, column] = point.X(), point.Y(), point.Z()
    with np.errstate(all="ignore"):
        sag = _sag(points, u, 0) + _sag(points, v, 1)
    reach: Floats = (np.maximum(points - high, low - points) + sag).max(axis=2)
    return reach


def _sag(points: Floats, at: Floats, axis: int) -> Floats:
    """How far the surface may stand off the line between two points, around every point along an axis."""
    points = np.moveaxis(points, axis, 0)
    steps = np.diff(at)[:, None, None]
    slopes = np.diff(points, axis=0) / steps
    bends = 2 * np.abs(np.diff(slopes, axis=0)) / (steps[:-1] + steps[1:])
    sags = _SAG_SHARE * bends * np.maximum(steps[:-1], steps[1:]) ** 2
    ends = [(1, 1), (0, 0), (0, 0)]  # the outermost points bend like their neighbours
    return np.moveaxis(np.pad(sags, ends, mode="edge"), 0, axis)


def _any_on_face(face: Shape, u: Floats, v: Floats, doubtful: npt.NDArray[np.intp]) -> bool:
    classifier = BRepTopAdaptor_FClass2d(face, 0.0)
    return any(
        classifier.Perform(gp_Pnt2d(float(u[row]), float(v[column]))) != TopAbs_State.TopAbs_OUT
        for row, column in doubtful.tolist()
    )
