"""Free-form faces that are really planes, cylinders, cones, spheres or tori.

Points and normals are sampled over the face. The axis of a surface of revolution with straight sides is
the direction to which all normals keep one angle; what is left is a circle or a line in the plane.
"""

from dataclasses import replace
from math import atan2, inf, pi

import numpy as np
from OCP.BRepAdaptor import BRepAdaptor_Surface
from OCP.BRepTools import BRepTools
from OCP.gp import gp_Pnt, gp_Vec
from OCP.TopAbs import TopAbs_Orientation
from OCP.TopoDS import TopoDS

from app.calculator.features.fit_torus import fitted_torus
from app.calculator.features.surfaces import FULL_TURN, Floats, Shape, Surface
from app.calculator.features.tolerance import FIT_MOST_MM, FIT_NORMALS, FIT_RELATIVE

_FEW = 5
_MANY = 25
_LEAST_NORMAL = 1e-12
_OTHER = Surface(kind="other")


def fitted_surface(shape: Shape) -> Surface:
    """The simple surface the face lies on within tolerance, else one of kind ``other``."""
    likely = _fit(shape, _FEW) is not None
    return (_fit(shape, _MANY) if likely else None) or _OTHER


def _fit(shape: Shape, per_side: int) -> Surface | None:
    points, normals = _samples(shape, per_side)
    regular = np.linalg.norm(normals, axis=1) > 0.0
    if regular.sum() <= per_side or not np.isfinite(points).all():
        return None
    size = float(np.linalg.norm(np.ptp(points, axis=0)))
    tolerance = min(FIT_MOST_MM, FIT_RELATIVE * size)
    sampled, known = points[regular], normals[regular]
    found = (
        _plane(sampled, known, tolerance)
        or _round(sampled, known, tolerance)
        or fitted_torus(sampled, known, tolerance)
    )
    if found is None or found.kind not in {"cylinder", "cone"}:
        return found
    along = (points - found.origin) @ found.axis
    return replace(found, along_mm=(float(along.min()), float(along.max())))


def _samples(shape: Shape, per_side: int) -> tuple[Floats, Floats]:
    """Points over the parameter range of the face, and outward normals there: zero at an apex or a pole."""
    face = TopoDS.Face_s(shape)
    surface = BRepAdaptor_Surface(face, False)
    sign = -1.0 if face.Orientation() == TopAbs_Orientation.TopAbs_REVERSED else 1.0
    u_low, u_high, v_low, v_high = BRepTools.UVBounds_s(face)
    point, along_u, along_v = gp_Pnt(), gp_Vec(), gp_Vec()
    points, normals = [], []
    for u in np.linspace(u_low, u_high, per_side).tolist():
        for v in np.linspace(v_low, v_high, per_side).tolist():
            surface.D1(u, v, point, along_u, along_v)
            normal = along_u.Crossed(along_v)
            length = normal.Magnitude()
            size = length if length > _LEAST_NORMAL else inf
            points.append((point.X(), point.Y(), point.Z()))
            normals.append((normal.X() / size, normal.Y() / size, normal.Z() / size))
    return np.array(points).reshape(-1, 3), np.array(normals).reshape(-1, 3) * sign


def _plane(points: Floats, normals: Floats, tolerance: float) -> Surface | None:
    normal = normals.mean(axis=0)
    normal /= np.linalg.norm(normal) or 1.0
    centre = points.mean(axis=0)
    flat = np.abs((points - centre) @ normal).max() <= tolerance
    if not flat or np.linalg.norm(normals - normal, axis=1).max() > FIT_NORMALS:
        return None
    first, second = _across(normal)
    return Surface("plane", 1.0, centre, normal, first, second, fitted=True)


def _round(points: Floats, normals: Floats, tolerance: float) -> Surface | None:
    sphere = _sphere(points, normals, tolerance)
    if sphere is not None:
        return sphere
    _, _, rows = np.linalg.svd(normals - normals.mean(axis=0), full_matrices=False)
    axis = rows[2]
    slope = normals @ axis
    if np.ptp(slope) > FIT_NORMALS or abs(slope).max() > 1 - FIT_NORMALS:
        return None
    return _around(points, normals, axis, float(slope.mean()), tolerance)


def _around(points: Floats, normals: Floats, axis: Floats, slope: float, tolerance: float) -> Surface | None:
    """A cylinder or cone: every point minus its distance times the flat normal is the same centre."""
    first, second = _across(axis)
    plane = np.stack((first, second))
    flat, along = points @ plane.T, points @ axis
    rays = normals @ plane.T / np.sqrt(1 - slope * slope)
    # flat = centre + (radius + growth * along) * rays: linear in centre, radius, growth
    unknowns = np.zeros((2 * len(points), 4))
    unknowns[0::2, 0], unknowns[1::2, 1] = 1.0, 1.0
    unknowns[:, 2] = rays.reshape(-1)
    middle = along.mean()
    unknowns[:, 3] = ((along - middle)[:, None] * rays).reshape(-1)
    found, *_ = np.linalg.lstsq(unknowns, flat.reshape(-1), rcond=None)
    if np.abs(unknowns @ found - flat.reshape(-1)).max() > tolerance:
        return None
    radius, growth = float(found[2]), float(found[3])
    outward = 1.0 if radius > 0 else -1.0
    origin = found[:2] @ plane + middle * axis
    turned = flat - found[:2]
    half_angle = atan2(growth * outward, 1.0)
    is_cone = abs(half_angle) > FIT_NORMALS
    return Surface(
        kind="cone" if is_cone else "cylinder",
        outward=outward,
        origin=origin,
        axis=axis,
        first=first,
        second=second,
        radius_mm=abs(radius),
        half_angle=half_angle if is_cone else 0.0,
        turn=_turn(np.arctan2(turned[:, 1], turned[:, 0])),
        fitted=True,
    )


def _sphere(points: Floats, normals: Floats, tolerance: float) -> Surface | None:
    unknowns = np.zeros((3 * len(points), 4))
    for column in range(3):
        unknowns[column::3, column] = 1.0
    unknowns[:, 3] = normals.reshape(-1)
    found, *_, values = np.linalg.lstsq(unknowns, points.reshape(-1), rcond=None)
    radius = float(found[3])
    if np.abs(unknowns @ found - points.reshape(-1)).max() > tolerance or values[-1] < FIT_NORMALS:
        return None
    axis = np.array([0.0, 0.0, 1.0])
    first, second = _across(axis)
    return Surface(
        kind="sphere",
        outward=1.0 if radius > 0 else -1.0,
        origin=np.asarray(found[:3], dtype=np.float64),
        axis=axis,
        first=first,
        second=second,
        radius_mm=abs(radius),
        turn=(0.0, FULL_TURN),
        along_mm=(-abs(radius), abs(radius)),
        fitted=True,
    )


def _turn(angles: Floats) -> tuple[float, float]:
    """The arc that holds all angles: everything but the widest gap, unless that is only the sampling."""
    ordered = np.sort(angles)
    gaps = np.diff(np.concatenate((ordered, ordered[:1] + FULL_TURN)))
    widest = int(gaps.argmax())
    if gaps[widest] <= 1.5 * FULL_TURN / (_MANY - 1):
        return -pi, pi
    start = float(ordered[(widest + 1) % len(ordered)])
    return start, start + FULL_TURN - float(gaps[widest])


def _across(axis: Floats) -> tuple[Floats, Floats]:
    """Two unit vectors that make a right-handed frame with the axis."""
    first = np.cross(axis, np.eye(3)[int(np.abs(axis).argmin())])
    first /= np.linalg.norm(first)
    return first, np.cross(axis, first)
