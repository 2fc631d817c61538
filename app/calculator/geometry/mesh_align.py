"""Directions in coarsely written meshes: a small face takes its direction from what tells it better.

A wall of three millimetres in coordinates true to half a thousandth leaves its axis open by half a minute of
arc, too much to see that it is square to the face it was drilled into. Larger flat faces and longer walls
that are nearly parallel or square to it say what was meant; a round wall is then fitted again about that.
"""

from collections.abc import Sequence

import numpy as np

from app.calculator.geometry.mesh_facets import Facets, grouped
from app.calculator.geometry.mesh_fit import MOST_NOISES, Flat, Round, turned_to
from app.calculator.geometry.mesh_hash import Floats
from app.calculator.geometry.mesh_identity import Ids

DOUBT = 6.0
"""A direction is open by so many times the noise over the size of what shows it."""

SURE_RAD = 3e-5
"""A wall that is sure of its axis within this is left alone."""

ASIDE = 0.3
"""Two directions leave a third no choice when they are this far from parallel (a sine)."""

TWO = 2

MOST_DOUBT = 0.05
"""Nothing is turned by more than this many radians."""

SUREST = 256
"""So many of the surest directions are compared with."""

MOST_FLAT = 5_000
"""A mesh of more faces is no drawn part; its flat ones are left alone."""

Surfaces = Sequence[Flat | Round | None]


def aligned(facets: Facets, region_of_facet: Ids, surfaces: Surfaces) -> tuple[Flat | Round | None, ...]:
    """The same surfaces, those with doubtful directions turned to surer ones within their doubt."""
    members = grouped(region_of_facet, len(surfaces))
    vertices = [facets.mesh.vertices[facets.vertices(members.of(number))] for number in range(len(surfaces))]
    known = [number for number, surface in enumerate(surfaces) if _direction(surface) is not None]
    doubts = np.array([_doubt(surfaces[number], vertices[number], facets.noise_mm) for number in known])
    order = np.argsort(doubts, kind="stable")
    directions = np.array([_direction(surfaces[known[row]]) for row in order]).reshape(-1, 3)
    doubts, known = doubts[order], [known[row] for row in order]
    found = list(surfaces)
    for row, number in enumerate(known):
        is_open = isinstance(surfaces[number], Round) or len(known) <= MOST_FLAT
        if is_open and doubts[row] > SURE_RAD:
            surest = slice(min(row, SUREST))
            most = np.minimum(doubts[surest] + doubts[row], MOST_DOUBT)
            meant = _meant(directions[row], directions[surest], most)
            found[number] = _turned(surfaces[number], meant, vertices[number], facets.noise_mm)
            directions[row] = _direction(found[number])
    return tuple(found)


def _meant(direction: Floats, surer: Floats, doubts: Floats) -> Floats:
    """The surest direction parallel to this one, or this one made square to the surest that nearly are."""
    near = np.flatnonzero(np.linalg.norm(np.cross(surer, direction), axis=1) <= doubts)
    if len(near):
        found: Floats = surer[near[0]] * np.sign(surer[near[0]] @ direction)
        return found
    square: Floats = np.zeros((0, 3))
    for row in np.flatnonzero(np.abs(surer @ direction) <= doubts).tolist():
        rest = surer[row] - square.T @ (square @ surer[row])
        length = float(np.linalg.norm(rest))
        if length > ASIDE:
            square = np.concatenate((square, rest[None] / length))
        if len(square) == TWO:
            break
    turned: Floats = direction - square.T @ (square @ direction)
    return turned / np.linalg.norm(turned)


def _turned(
    surface: Flat | Round | None, direction: Floats, vertices: Floats, noise_mm: float
) -> Flat | Round:
    """The surface about that direction; as it was where its vertices object."""
    assert surface is not None
    if isinstance(surface, Round):
        return turned_to(surface, direction, vertices)
    off = (vertices - surface.origin) @ direction
    return Flat(surface.origin, direction) if np.abs(off).max() <= MOST_NOISES * noise_mm else surface


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
