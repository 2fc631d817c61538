"""Outward normals of faces at points on their borders."""

from math import cos, sin

import numpy as np
from OCP.BRep import BRep_Tool
from OCP.BRepAdaptor import BRepAdaptor_Surface
from OCP.gp import gp_Pnt, gp_Vec
from OCP.TopAbs import TopAbs_Orientation

from app.calculator.features.surfaces import Floats, Shape, Surface

_TINY = 1e-12
_INWARD = 1e-3
"""Where the normal vanishes (the pole of a free-form face) it is taken this share further in."""


def normals_at(faces: list[tuple[Surface, Shape]], points: Floats, edges: list[Shape]) -> Floats:
    """One unit normal per row; rows of the same kind are computed together."""
    normals = np.zeros_like(points)
    rows: dict[str, list[int]] = {}
    for row, (surface, _) in enumerate(faces):
        rows.setdefault(surface.kind, []).append(row)
    for kind, chosen in rows.items():
        if kind == "other":
            for row in chosen:
                normals[row] = _on_border(faces[row][1], edges[row])
        else:
            normals[chosen] = _analytic(kind, [faces[row][0] for row in chosen], points[chosen])
    return normals


def _analytic(kind: str, surfaces: list[Surface], points: Floats) -> Floats:
    axes = np.array([surface.axis for surface in surfaces])
    outward = np.array([surface.outward for surface in surfaces])[:, None]
    if kind == "plane":
        flat: Floats = axes * outward
        return flat
    arms = points - np.array([surface.origin for surface in surfaces])
    if kind == "sphere":
        radial: Floats = _unit(arms) * outward
        return radial
    rays: Floats = _unit(arms - (arms * axes).sum(axis=1)[:, None] * axes)
    if kind == "cone":
        slopes = np.array([(cos(surface.half_angle), sin(surface.half_angle)) for surface in surfaces])
        rays = rays * slopes[:, :1] - axes * slopes[:, 1:]
    elif kind == "torus":
        rings = np.array([surface.radius_mm for surface in surfaces])[:, None]
        rays = _unit(arms - rays * rings)
    turned: Floats = rays * outward
    return turned


def _unit(vectors: Floats) -> Floats:
    lengths = np.linalg.norm(vectors, axis=1)[:, None]
    unit: Floats = vectors / np.maximum(lengths, _TINY)
    return unit


def _on_border(face: Shape, edge: Shape) -> Floats:
    """The normal of a free-form face in the middle of one of its edges; zero where there is none."""
    curve, low, high = _curve_on(face, edge)
    if curve is None:
        return np.zeros(3)
    place = curve.Value((low + high) / 2)
    adaptor = BRepAdaptor_Surface(face, True)
    point, along_u, along_v = gp_Pnt(), gp_Vec(), gp_Vec()
    u, v = place.X(), place.Y()
    adaptor.D1(u, v, point, along_u, along_v)
    if along_u.Crossed(along_v).Magnitude() < _TINY:
        u += _INWARD * ((adaptor.FirstUParameter() + adaptor.LastUParameter()) / 2 - u)
        v += _INWARD * ((adaptor.FirstVParameter() + adaptor.LastVParameter()) / 2 - v)
        adaptor.D1(u, v, point, along_u, along_v)
    normal = along_u.Crossed(along_v)
    size = max(normal.Magnitude(), _TINY)
    if face.Orientation() == TopAbs_Orientation.TopAbs_REVERSED:
        size = -size
    return np.array([normal.X() / size, normal.Y() / size, normal.Z() / size])


def _curve_on(face: Shape, edge: Shape) -> tuple[Shape | None, float, float]:
    """The edge in the parameters of the face, and its range."""
    low, high = BRep_Tool.Range_s(edge, face)
    return BRep_Tool.CurveOnSurface_s(edge, face, low, high), low, high
