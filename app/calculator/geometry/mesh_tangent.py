"""Bends and rounded edges in coarsely written meshes: a cylinder that runs into two flat faces.

A bend of thirty degrees is three narrow strips; in coordinates true to half a thousandth they leave its axis
and its radius open. The flat faces on either side are far larger and say where the axis runs: square to both
normals, as far from one face as from the other. Only the distance itself is left to be fitted, and the folds,
where round and flat meet, show it best: they lie beside the axis.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from app.calculator.geometry.mesh_edges import Indices
from app.calculator.geometry.mesh_facets import Facets, grouped
from app.calculator.geometry.mesh_fit import MOST_NOISES, Flat, Round
from app.calculator.geometry.mesh_hash import Floats
from app.calculator.geometry.mesh_identity import Ids

SMOOTH_RAD = 0.03
"""A cylinder may seem to meet its flat faces at up to this angle."""

LEAST_TURN = 0.05
"""Sine of the angle between two flat faces that tells a direction square to both."""

FOLDS = 2

TURNS = 4

Surfaces = Sequence[Flat | Round | None]


@dataclass(frozen=True, eq=False)
class _Bend:
    """A cylinder and the two flat faces it runs into, each with the vertices of the fold between."""

    number: int
    sides: tuple[Flat, Flat]
    folds: tuple[Floats, Floats]


def tangent(facets: Facets, region_of_facet: Ids, surfaces: Surfaces) -> tuple[Flat | Round | None, ...]:
    """The same surfaces; cylinders between two flat faces touch both, where their vertices do not object."""
    found = list(surfaces)
    members = grouped(region_of_facet, len(surfaces))
    for bend in _bends(facets, region_of_facet, surfaces):
        wall = surfaces[bend.number]
        assert isinstance(wall, Round)
        vertices = facets.mesh.vertices[facets.vertices(members.of(bend.number))]
        touching = _touching(wall, bend, vertices)
        if touching is not None and _fits(touching, vertices, facets.noise_mm):
            found[bend.number] = touching
    return tuple(found)


def _fits(wall: Round, vertices: Floats, noise_mm: float) -> bool:
    return wall.radius_mm > 0 and float(np.abs(wall.distances(vertices)).max()) <= MOST_NOISES * noise_mm


def _touching(wall: Round, bend: _Bend, vertices: Floats) -> Round | None:
    """The cylinder that touches both faces, its radius fitted to the vertices and the folds."""
    normals = np.stack([side.normal for side in bend.sides])
    axis = np.cross(*normals)
    turn = float(np.linalg.norm(axis))
    if turn < LEAST_TURN:
        return None
    axis *= np.sign(axis @ wall.axis) / turn
    outward = -1.0 if wall.concave else 1.0
    frame = np.vstack((normals, axis))
    growth = np.linalg.solve(frame, (-outward, -outward, 0.0))
    levels = [side.origin @ side.normal for side in bend.sides]
    corner = np.linalg.solve(frame, (*levels, wall.origin @ axis))
    beside = np.concatenate(
        [
            np.stack(((fold - corner) @ along, np.full(len(fold), growth @ along)), axis=1)
            for fold, along in zip(bend.folds, np.cross(axis, normals), strict=True)
        ]
    )
    radius = wall.radius_mm
    for _ in range(TURNS):
        placed = replace(wall, origin=corner + radius * growth, axis=axis, radius_mm=radius)
        away, _, rays = placed.polar(vertices)
        slopes = np.concatenate((-(rays @ growth) - 1, -beside[:, 1]))
        off = np.concatenate((away - radius, beside[:, 0] - radius * beside[:, 1]))
        radius -= float(slopes @ off) / float(slopes @ slopes)
    return replace(wall, origin=corner + radius * growth, axis=axis, radius_mm=radius)


def _bends(facets: Facets, region_of_facet: Ids, surfaces: Surfaces) -> Iterator[_Bend]:
    walls, sides, rows = _folds(facets, region_of_facet, surfaces)
    every = grouped(walls, len(surfaces))
    for number in np.unique(walls).tolist():
        own = every.of(number)
        faces = np.unique(sides[own])
        if len(faces) != FOLDS:
            continue
        one, two = (surfaces[face] for face in faces.tolist())
        assert isinstance(one, Flat)
        assert isinstance(two, Flat)
        folds = [_ends(facets, rows[own[sides[own] == face]]) for face in faces.tolist()]
        yield _Bend(number, (one, two), (folds[0], folds[1]))


def _ends(facets: Facets, rows: Indices) -> Floats:
    ends = np.unique(np.concatenate((facets.tails[rows], facets.heads[rows])))
    found: Floats = facets.mesh.vertices[ends]
    return found


def _folds(facets: Facets, region_of_facet: Ids, surfaces: Surfaces) -> tuple[Indices, Indices, Indices]:
    """Borders where a cylinder runs into a flat face: both regions and the rows of the borders."""
    nothing = np.zeros(3)
    is_wall = np.array([isinstance(surface, Round) and surface.kind == "cylinder" for surface in surfaces])
    is_flat = np.array([isinstance(surface, Flat) for surface in surfaces])
    normals = np.array([surface.normal if isinstance(surface, Flat) else nothing for surface in surfaces])
    axes = np.array([surface.axis if isinstance(surface, Round) else nothing for surface in surfaces])
    origins = np.array([nothing if surface is None else surface.origin for surface in surfaces])
    sides = np.stack((region_of_facet[facets.one], region_of_facet[facets.two]))
    sides = np.where(is_wall[sides[0]], sides, sides[::-1])
    rows = np.flatnonzero(is_wall[sides[0]] & is_flat[sides[1]])
    walls, flats = sides[:, rows].astype(np.int64)
    ends = facets.mesh.vertices[facets.tails[rows]] + facets.mesh.vertices[facets.heads[rows]]
    arms = ends / 2 - origins[walls]
    away = arms - np.einsum("ij,ij->i", arms, axes[walls])[:, None] * axes[walls]
    sines = np.linalg.norm(np.cross(away, normals[flats]), axis=1)
    smooth = np.flatnonzero(sines <= SMOOTH_RAD * np.linalg.norm(away, axis=1))
    return walls[smooth], flats[smooth], rows[smooth]
