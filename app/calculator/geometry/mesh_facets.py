"""Facets: triangles that lie in one plane, and the edges along which facets meet.

A wall drawn round and exported as triangles is a row of facets; a flat face is one facet.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from app.calculator.geometry.mesh_edges import Indices
from app.calculator.geometry.mesh_hash import Floats
from app.calculator.geometry.mesh_identity import Ids, compact, components
from app.calculator.geometry.mesh_repair import RepairedMesh

FLAT_RAD = 2e-3
"""Triangles that meet within this angle (a tenth of a degree) lie in one plane."""

NOISY_RAD = 0.1
"""Up to this angle they do where it comes from rounded coordinates alone."""

SLIVER_NOISE = 20.0
"""A triangle lower than so many times the noise has no direction of its own."""

APART_NOISES = 4.0
"""Rounding its corners and those of its neighbour lifts a triangle's tip by up to so many times the noise."""


@dataclass(frozen=True)
class Groups:
    """Which members belong to which group, as one list with starts."""

    members: Indices
    starts: Indices

    def of(self, group: int) -> Indices:
        """The members of a group in rising order."""
        return self.members[self.starts[group] : self.starts[group + 1]]

    def of_all(self, groups: Indices) -> Indices:
        """The members of several groups."""
        starts, sizes = self.starts[groups], self.starts[groups + 1] - self.starts[groups]
        ends = np.cumsum(sizes)
        every = np.repeat(starts - ends + sizes, sizes) + np.arange(ends[-1] if len(ends) else 0)
        found: Indices = self.members[every]
        return found


def grouped(group_of: Ids | Indices, count: int) -> Groups:
    """The groups of members numbered from 0."""
    starts = np.searchsorted(group_of[(order := np.argsort(group_of, kind="stable"))], np.arange(count + 1))
    return Groups(order, starts)


@dataclass(frozen=True)
class Facets:
    """``facet_of`` is the facet of every triangle; figures have one row per facet.

    Borders have one row per mesh edge between two facets: ``one`` and ``two`` are the facets, ``tails`` and
    ``heads`` the vertices as ``one`` runs along it; ``angles`` are positive where it sticks out.
    """

    mesh: RepairedMesh
    noise_mm: float
    facet_of: Ids
    count: int
    areas: Floats
    normals: Floats
    centres: Floats
    one: Ids
    two: Ids
    tails: Ids
    heads: Ids
    angles: Floats

    @cached_property
    def triangles(self) -> Groups:
        """The triangles of every facet."""
        return grouped(self.facet_of, self.count)

    def vertices(self, facets: Indices) -> Indices:
        """The vertices of some facets, each once."""
        found: Indices = np.unique(self.mesh.corners[:, self.triangles.of_all(facets)]).astype(np.int64)
        return found


def facets_of(mesh: RepairedMesh, noise_mm: float) -> Facets:
    """The facets of a mesh whose coordinates are true to ``noise_mm``."""
    places = mesh.vertices[mesh.corners]
    doubled = np.cross(places[1] - places[0], places[2] - places[0])
    sizes = np.linalg.norm(doubled, axis=1)
    rows = mesh.edges.pair_rows[~mesh.edges.clashing]
    one, two = mesh.edges.triangles[rows], mesh.edges.triangles[rows + 1]
    along = mesh.vertices[mesh.edges.heads[rows]] - mesh.vertices[mesh.edges.tails[rows]]
    lengths = np.linalg.norm(along, axis=1)
    units = doubled / np.maximum(sizes, np.finfo(np.float64).tiny)[:, None]
    joined = _coplanar(units, sizes, (one, two), along, noise_mm)
    count, labels = components(one[joined], two[joined], len(sizes))
    facet_of, count = compact(labels)
    normals = _sums(facet_of, doubled, count)
    centres = _sums(facet_of, places.mean(axis=0) * sizes[:, None], count)
    areas = np.bincount(facet_of, weights=sizes, minlength=count)
    normals /= np.maximum(np.linalg.norm(normals, axis=1), np.finfo(np.float64).tiny)[:, None]
    centres /= np.maximum(areas, np.finfo(np.float64).tiny)[:, None]
    between = facet_of[one] != facet_of[two]
    one, two, rows = facet_of[one[between]], facet_of[two[between]], rows[between]
    along = along[between] / np.maximum(lengths[between], np.finfo(np.float64).tiny)[:, None]
    return Facets(
        mesh=mesh,
        noise_mm=noise_mm,
        facet_of=facet_of,
        count=count,
        areas=areas / 2,
        normals=normals,
        centres=centres,
        one=one,
        two=two,
        tails=mesh.edges.tails[rows],
        heads=mesh.edges.heads[rows],
        angles=_angles(normals[one], normals[two], along),
    )


def _angles(one: Floats, two: Floats, along: Floats) -> Floats:
    sines = np.einsum("ij,ij->i", np.cross(one, two), along)
    angles: Floats = np.arctan2(sines, np.einsum("ij,ij->i", one, two))
    return angles


def _sums(group_of: Ids, values: Floats, count: int) -> Floats:
    return np.stack(
        [np.bincount(group_of, weights=values[:, axis], minlength=count) for axis in range(3)], axis=1
    )


def _coplanar(
    units: Floats, sizes: Floats, pairs: tuple[Ids, Ids], along: Floats, noise_mm: float
) -> Indices:
    """Pairs whose triangles lie in one plane; a sliver goes with its neighbour along its longest edge."""
    one, two = pairs
    lengths = np.linalg.norm(along, axis=1)
    longest = np.zeros(len(sizes))
    np.maximum.at(longest, one, lengths)
    np.maximum.at(longest, two, lengths)
    is_sliver = sizes <= SLIVER_NOISE * noise_mm * longest
    sines = np.linalg.norm(np.cross(units[one], units[two]), axis=1)
    lower = np.minimum(sizes[one], sizes[two]) / np.maximum(lengths, np.finfo(np.float64).tiny)
    flat = (np.einsum("ij,ij->i", units[one], units[two]) > 0) & (
        (sines <= FLAT_RAD) | ((sines <= NOISY_RAD) & (sines * lower <= APART_NOISES * noise_mm))
    )
    flat &= ~(is_sliver[one] | is_sliver[two])
    best = _longest_pair(is_sliver, pairs, lengths)
    return np.concatenate((np.flatnonzero(flat), best))


def _longest_pair(is_sliver: np.ndarray, pairs: tuple[Ids, Ids], lengths: Floats) -> Indices:
    """For every sliver the pair along its longest edge."""
    sides = np.concatenate(pairs)
    rows = np.flatnonzero(is_sliver[sides])
    order = rows[np.lexsort((rows, -lengths[rows % len(lengths)], sides[rows]))]
    first = np.ones(len(order), dtype=np.bool_)
    first[1:] = sides[order[1:]] != sides[order[:-1]]
    return order[first] % max(1, len(lengths))
