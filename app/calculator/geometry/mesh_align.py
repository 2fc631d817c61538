"""Axes of walls in coarsely written meshes: a short wall takes its direction from what tells it better.

A wall of three millimetres in coordinates true to half a thousandth leaves its axis open by half a minute of
arc, too much to see that it is square to the face it was drilled into. Larger flat faces and longer walls in
nearly the same direction say what was meant; the wall is then fitted again about that direction.
"""

from collections.abc import Sequence

import numpy as np

from app.calculator.geometry.mesh_facets import Facets, grouped
from app.calculator.geometry.mesh_fit import Flat, Round, turned_to
from app.calculator.geometry.mesh_hash import Floats
from app.calculator.geometry.mesh_identity import Ids

DOUBT = 6.0
"""A direction is open by so many times the noise over the size of what shows it."""

SURE_RAD = 3e-5
"""A wall that is sure of its axis within this is left alone."""

Surfaces = Sequence[Flat | Round | None]


def aligned(facets: Facets, region_of_facet: Ids, surfaces: Surfaces) -> tuple[Flat | Round | None, ...]:
    """The same surfaces, walls with doubtful axes turned to the surest direction within their doubt."""
    members = grouped(region_of_facet, len(surfaces))
    vertices = [facets.mesh.vertices[facets.vertices(members.of(number))] for number in range(len(surfaces))]
    known = [number for number, surface in enumerate(surfaces) if _direction(surface) is not None]
    doubts = np.array([_doubt(surfaces[number], vertices[number], facets.noise_mm) for number in known])
    order = np.argsort(doubts, kind="stable")
    directions = np.array([_direction(surfaces[known[row]]) for row in order]).reshape(-1, 3)
    doubts, known = doubts[order], [known[row] for row in order]
    found = list(surfaces)
    for row, number in enumerate(known):
        surface = surfaces[number]
        if isinstance(surface, Round) and doubts[row] > SURE_RAD:
            off = np.linalg.norm(np.cross(directions[:row], surface.axis), axis=1)
            near = np.flatnonzero(off <= doubts[:row] + doubts[row])
            if len(near):
                found[number] = turned_to(surface, directions[near[0]], vertices[number])
    return tuple(found)


def _direction(surface: Flat | Round | None) -> Floats | None:
    if isinstance(surface, Flat):
        return surface.normal
    return surface.axis if surface is not None and surface.kind in {"cylinder", "cone"} else None


def _doubt(surface: Flat | Round | None, vertices: Floats, noise_mm: float) -> float:
    """By how much the direction may be off, in radians."""
    if isinstance(surface, Flat):
        size = float(np.linalg.svd(vertices - vertices.mean(axis=0), compute_uv=False)[1])
        return DOUBT * noise_mm / max(size, noise_mm)
    assert isinstance(surface, Round)
    size = float(np.ptp(vertices @ surface.axis))
    return DOUBT * noise_mm / max(size, noise_mm)
