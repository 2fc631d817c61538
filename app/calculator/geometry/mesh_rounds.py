"""Round walls among the facets of a mesh: rows of facets that bend the same way and lie on one surface.

Facets hang together where they meet at a small angle. Three readings of what belongs together are tried, the
broadest first: all that bends one way; the same without neighbours of very different size (a flat wall that
runs into a round one); rows of four-sided facets from side to opposite side (the rings of a rounded edge).
A reading counts when a cylinder or a cone goes through all vertices; what else lies on it joins afterwards.
Large smooth regions are asked first whether they are a ball or a ring as a whole.
"""

from collections.abc import Iterator
from dataclasses import replace
from math import cos

import numpy as np

from app.calculator.geometry.mesh_edges import Flags, Indices
from app.calculator.geometry.mesh_facets import Facets, Groups, grouped
from app.calculator.geometry.mesh_fit import Round, fitted_round
from app.calculator.geometry.mesh_hash import Floats
from app.calculator.geometry.mesh_identity import Ids, components
from app.calculator.geometry.mesh_revolved import fitted_revolved

SPLIT_RAD = 0.65
"""Facets that meet at less than this (37 degrees, ten to the full circle) may belong to one round wall."""

SIMILAR = 3.0
"""Neighbours on a round wall differ in area by no more than this factor, where flat walls run into it."""

FEWEST = 3
"""A wall of this many facets counts when they are equal; four are enough in any case."""

EQUAL = 0.02

FEWEST_VERTICES = 8
"""A cone has six unknowns; only further vertices say whether it is one."""

FEW_FACETS = 4
"""So many facets at small angles are flat faces with blunt edges; more are a free form."""

PER_FOLD = 2
"""A closed drum has as many folds as facets, each with a vertex at either end."""

MOST_SPLIT = 0.5
"""So many of a drum's facets may have a vertex more."""

MOST_SIDES = 6
"""A facet with more borders of one sign is no part of a regular row."""

FEW_WHOLE = 1000
"""Regions of fewer facets are quickly read row by row."""

MOST_IN_VAIN = 600
"""So many readings more than twice those that counted may lead nowhere: then the mesh is no drawn part."""


class Rounds:
    """The round walls found so far; ``owner`` is the wall of every facet, -1 for none."""

    def __init__(self, facets: Facets) -> None:
        self.facets = facets
        self.owner = np.full(facets.count, -1, dtype=np.int32)
        self.found: list[Round] = []
        self.curved = np.flatnonzero(np.abs(facets.angles) < SPLIT_RAD)
        self.neighbours = _neighbours(facets, self.curved)
        self._in_vain = 0

    def search(self) -> None:
        """Find all of them, inner walls before outer ones."""
        for members, step in _smooth(self):
            self._try_whole(members, step)
        for sign in (-1.0, 1.0):
            for reading in (_all, _similar, _rows):
                for members, step in reading(self, sign):
                    if self._in_vain > MOST_IN_VAIN + 2 * len(self.found):
                        return
                    self._try(members, step)

    def _try_whole(self, members: Indices, step: float) -> None:
        facets = self.facets
        found = fitted_revolved(
            facets.mesh.vertices[facets.vertices(members)],
            facets.centres[members],
            facets.normals[members],
            step=step,
            noise_mm=facets.noise_mm,
        )
        if found is None:
            return
        looks = (found.normals(facets.centres[members]) * facets.normals[members]).sum(axis=1)
        found = replace(found, concave=bool(looks @ facets.areas[members] < 0))
        if bool(self.faces(found, members).all()):
            self._claim(found, members)

    def _claim(self, found: Round, members: Indices) -> None:
        self.owner[members] = len(self.found)
        self._grow(found, members)
        self.found.append(found)

    def _try(self, members: Indices, step: float) -> None:
        free = members[self.owner[members] < 0]
        facets = self.facets
        vertices = facets.vertices(free)
        if not self._is_enough(free) or len(vertices) < FEWEST_VERTICES:
            return
        found = self._fitted(free, vertices, step)
        if found is None or not bool(self.faces(found, free).all()):
            self._in_vain += 1
            return
        self._claim(found, free)

    def _fitted(self, members: Indices, vertices: Indices, step: float) -> Round | None:
        """Through all vertices, or through those on the folds: programs set some in the middle of a chord."""
        facets = self.facets
        drum = PER_FOLD * len(members)
        tried = [vertices]
        if drum < len(vertices) <= drum + MOST_SPLIT * len(members):
            folds = self._folds(members)
            tried += [folds] if len(folds) == drum else []
        rounds = (
            fitted_round(
                facets.mesh.vertices[some],
                facets.centres[members],
                facets.normals[members],
                step=step,
                noise_mm=facets.noise_mm,
            )
            for some in tried
        )
        return next((found for found in rounds if found is not None), None)

    def _folds(self, members: Indices) -> Indices:
        """The vertices that more than one of the facets has."""
        facets = self.facets
        triangles = facets.triangles.of_all(members)
        corners = facets.mesh.corners[:, triangles].astype(np.int64)
        pairs = np.unique(corners * facets.count + facets.facet_of[triangles])
        own, times = np.unique(pairs // facets.count, return_counts=True)
        found: Indices = own[times > 1]
        return found

    def _is_enough(self, members: Indices) -> bool:
        areas = self.facets.areas[members]
        return len(members) > FEWEST or (
            len(members) == FEWEST and float(np.ptp(areas)) <= EQUAL * float(areas.max())
        )

    def faces(self, surface: Round, members: Indices) -> Flags:
        """Whether facets look the way the surface does beside them."""
        facets = self.facets
        looks = np.einsum("ij,ij->i", surface.normals(facets.centres[members]), facets.normals[members])
        return np.asarray(looks > cos(SPLIT_RAD))

    def _grow(self, surface: Round, members: Indices) -> None:
        """Neighbours that lie on the surface join."""
        number = len(self.found)
        while len(members):
            near = np.unique(self.neighbours.of_all(members))
            near = near[self.owner[near] < 0]
            members = near[self.lies_on(surface, near)] if len(near) else near
            self.owner[members] = number

    def lies_on(self, surface: Round, members: Indices) -> Flags:
        """Whether all vertices of a facet lie on the surface and it looks the right way."""
        facets = self.facets
        triangles = facets.triangles.of_all(members)
        off = np.abs(surface.distances(facets.mesh.vertices[facets.mesh.corners[:, triangles].ravel()]))
        lost = (off.reshape(3, -1) > surface.tolerance_mm).any(axis=0)
        outside = np.unique(facets.facet_of[triangles[lost]])
        return self.faces(surface, members) & ~np.isin(members, outside)


def together(facets: Facets, owner: Ids) -> Ids:
    """What belongs to no wall: flat faces alone, facets of a free form under one number."""
    rows = np.flatnonzero(np.abs(facets.angles) < SPLIT_RAD)
    one, two = facets.one[rows], facets.two[rows]
    free = (owner[one] < 0) & (owner[two] < 0)
    sizes = facets.areas[one], facets.areas[two]
    free &= np.maximum(*sizes) <= SIMILAR * np.minimum(*sizes)
    _, labels = components(one[free], two[free], facets.count)
    few = np.bincount(labels)[labels] <= FEW_FACETS
    alone = labels.max(initial=0) + 1 + np.arange(facets.count)
    return np.where(few, alone, labels).astype(np.int32)


def _neighbours(facets: Facets, rows: Indices) -> Groups:
    """For every facet those it meets at a small angle."""
    here = np.concatenate((facets.one[rows], facets.two[rows]))
    there = np.concatenate((facets.two[rows], facets.one[rows]))
    found = grouped(here, facets.count)
    return Groups(there[found.members].astype(np.int64), found.starts)


def _bends(rounds: Rounds, sign: float) -> Indices:
    """Borders that bend one way between facets that belong to nothing yet."""
    facets, rows = rounds.facets, rounds.curved
    free = (rounds.owner[facets.one[rows]] < 0) & (rounds.owner[facets.two[rows]] < 0)
    return rows[free & (facets.angles[rows] * sign > 0)]


def _smooth(rounds: Rounds) -> Iterator[tuple[Indices, float]]:
    """Regions of many facets that bend any way, among neighbours of like size."""
    facets, rows = rounds.facets, rounds.curved
    if facets.count < FEW_WHOLE:
        return
    for members, step in _together(facets, rows[_is_similar(facets, rows)]):
        if len(members) < FEW_WHOLE:
            return
        yield members, step


def _all(rounds: Rounds, sign: float) -> Iterator[tuple[Indices, float]]:
    yield from _together(rounds.facets, _bends(rounds, sign))


def _similar(rounds: Rounds, sign: float) -> Iterator[tuple[Indices, float]]:
    facets, rows = rounds.facets, _bends(rounds, sign)
    yield from _together(facets, rows[_is_similar(facets, rows)])


def _is_similar(facets: Facets, rows: Indices) -> Flags:
    one, two = facets.areas[facets.one[rows]], facets.areas[facets.two[rows]]
    return np.asarray(np.maximum(one, two) <= SIMILAR * np.minimum(one, two))


def _together(facets: Facets, rows: Indices) -> Iterator[tuple[Indices, float]]:
    """Facets joined by these borders, and the middle angle between them; larger groups first."""
    if not len(rows):
        return
    _, labels = components(facets.one[rows], facets.two[rows], facets.count)
    touched = np.unique(np.concatenate((facets.one[rows], facets.two[rows])))
    yield from _groups(touched, labels[touched], labels[facets.one[rows]], np.abs(facets.angles[rows]))


def _groups(
    members: Indices | Ids, member_labels: Ids, row_labels: Ids, angles: Floats
) -> Iterator[tuple[Indices, float]]:
    names, sizes = np.unique(member_labels, return_counts=True)
    by_member = grouped(np.searchsorted(names, member_labels), len(names))
    by_row = grouped(np.searchsorted(names, row_labels), len(names))
    for group in np.lexsort((names, -sizes)).tolist():
        if sizes[group] < FEWEST:
            return
        yield members[by_member.of(group)].astype(np.int64), float(np.median(angles[by_row.of(group)]))


def _rows(rounds: Rounds, sign: float) -> Iterator[tuple[Indices, float]]:
    """Rows of facets, each left through the side opposite to the one it was entered by."""
    facets, rows = rounds.facets, _bends(rounds, sign)
    sides = np.concatenate((facets.one[rows], facets.two[rows]))
    border = np.concatenate((np.arange(len(rows)), np.arange(len(rows))))
    order = np.argsort(sides, kind="stable")
    sides, border = sides[order], border[order]
    regular = np.bincount(sides, minlength=facets.count)[sides] <= MOST_SIDES
    sides, border = sides[regular], border[regular]
    joins = [_opposite(facets, rows, sides, border, apart) for apart in range(1, MOST_SIDES)]
    pairs = np.concatenate(joins, axis=1)
    if not pairs.shape[1]:
        return
    _, labels = components(pairs[0].astype(np.int32), pairs[1].astype(np.int32), len(rows))
    used = np.unique(pairs)
    both = np.unique(
        np.stack(
            (np.tile(labels[used], 2), np.concatenate((facets.one[rows[used]], facets.two[rows[used]])))
        ),
        axis=1,
    )
    yield from _groups(both[1].astype(np.int64), both[0], labels[used], np.abs(facets.angles[rows[used]]))


def _opposite(facets: Facets, rows: Indices, sides: Ids, border: Indices, apart: int) -> Indices:
    """Pairs of borders of one facet that share no vertex, so many places apart in the list."""
    same = np.flatnonzero(sides[apart:] == sides[:-apart])
    one, two = border[same], border[same + apart]
    ends = [np.stack((facets.tails[rows[side]], facets.heads[rows[side]])) for side in (one, two)]
    apart_rows = (ends[0][:, None] != ends[1][None]).all(axis=(0, 1))
    return np.stack((one, two))[:, apart_rows]
