"""Borders of the regions of a mesh: mesh edges strung together to chains, and chains to loops."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from app.calculator.features.surfaces import Floats
from app.calculator.geometry.mesh_edges import Indices
from app.calculator.geometry.mesh_facets import Groups, grouped
from app.calculator.geometry.mesh_fit import MOST_NOISES
from app.calculator.geometry.mesh_identity import components
from app.calculator.geometry.mesh_regions import Regions

_ONE_EDGE = 2
"""Vertices of a chain that cannot bend."""


@dataclass(frozen=True, slots=True, eq=False)
class Chain:
    """Edges between two regions in a row, as ``first`` runs along them with its material on the left.

    ``angle`` is the mean angle of the triangles beside it, positive where it sticks out.
    """

    first: int
    second: int
    angle: float
    middle: Floats
    tangent: Floats
    ends: tuple[Floats, Floats]
    straight: bool
    length_mm: float


class Borders:
    """All chains of a mesh; ``places`` are the vertices in the coordinates of the file."""

    def __init__(self, regions: Regions, places: Floats) -> None:
        facets, region_of = regions.facets, regions.region_of_facet
        self._places = places
        self._noise_mm = facets.noise_mm
        rows = np.flatnonzero(region_of[facets.one] != region_of[facets.two])
        one, two = region_of[facets.one[rows]], region_of[facets.two[rows]]
        turned = one > two
        self._first, self._second = np.minimum(one, two), np.maximum(one, two)
        self._tails = np.where(turned, facets.heads[rows], facets.tails[rows])
        self._heads = np.where(turned, facets.tails[rows], facets.heads[rows])
        self._angles = facets.angles[rows]
        self._chain_of = self._strung()
        count = int(self._chain_of.max(initial=-1)) + 1
        members = grouped(self._chain_of, count)
        self.chains = [self._chain(members.of(number)) for number in range(count)]

    def loops(self, region: int) -> list[list[int]]:
        """The chains along each border of a region, the largest border first."""
        found = []
        for path in self._paths(region):
            numbers = self._chain_of[path]
            changes = np.append(True, numbers[1:] != numbers[:-1])
            chains = numbers[changes].tolist()
            if len(chains) > 1 and chains[0] == chains[-1]:
                chains.pop()
            size = float(np.linalg.norm(np.ptp(self._places[self._tails[path]], axis=0)))
            found.append((size, chains))
        return [chains for _, chains in sorted(found, key=lambda row: -row[0])]

    @cached_property
    def _by_region(self) -> Groups:
        count = int(self._second.max(initial=-1)) + 1
        return grouped(np.concatenate((self._first, self._second)), count)

    def _paths(self, region: int) -> list[Indices]:
        """The rows along each border, in the order in which they are passed."""
        if not len(self._first) or region >= len(self._by_region.starts) - 1:
            return []
        own, size = self._by_region.of(region), len(self._first)
        rows, is_second = own % size, own >= size
        starts = np.where(is_second, self._heads[rows], self._tails[rows]).tolist()
        ends = np.where(is_second, self._tails[rows], self._heads[rows]).tolist()
        leaving: dict[int, list[int]] = {}
        for index in range(len(rows) - 1, -1, -1):
            leaving.setdefault(starts[index], []).append(index)
        paths = []
        for start in starts:
            path = []
            place = start
            while leaving.get(place):
                index = leaving[place].pop()
                path.append(index)
                place = ends[index]
            if path:
                paths.append(rows[path])
        return paths

    def _strung(self) -> Indices:
        """The chain of every row: edges between the same regions that share a vertex, in a stable order."""
        count = len(self._first)
        row = np.concatenate((np.arange(count), np.arange(count)))
        first, second = self._first[row], self._second[row]
        vertex = np.concatenate((self._tails, self._heads))
        order = np.lexsort((row, vertex, second, first))
        same = np.ones(max(0, 2 * count - 1), dtype=np.bool_)
        for key in (first, second, vertex):
            same &= key[order][1:] == key[order][:-1]
        joined = np.flatnonzero(same)
        here, there = row[order][joined], row[order][joined + 1]
        _, labels = components(here.astype(np.int32), there.astype(np.int32), count)
        leaders = np.unique(labels, return_index=True)[1]
        rank = np.zeros(len(leaders), dtype=np.int64)
        rank[np.lexsort((leaders, self._second[leaders], self._first[leaders]))] = np.arange(len(leaders))
        chain_of: Indices = rank[labels]
        return chain_of

    def _chain(self, rows: Indices) -> Chain:
        passed = self._places[self._passed(rows)]
        steps = np.linalg.norm(np.diff(passed, axis=0), axis=1)
        length_mm = float(steps.sum())
        chord = passed[-1] - passed[0]
        span_mm = float(np.linalg.norm(chord))
        straight = len(passed) == _ONE_EDGE or (
            span_mm > 0 and _bow_mm(passed, chord / span_mm) <= MOST_NOISES * self._noise_mm
        )
        middle, along = (passed[0] + passed[-1]) / 2, chord
        if not straight:
            half = int(np.searchsorted(np.cumsum(steps), length_mm / 2)) + 1
            half = min(max(half, 1), len(passed) - 2)
            middle, along = passed[half], passed[half + 1] - passed[half - 1]
        return Chain(
            first=int(self._first[rows[0]]),
            second=int(self._second[rows[0]]),
            angle=float(self._angles[rows].mean()),
            middle=middle,
            tangent=along / max(float(np.linalg.norm(along)), float(np.finfo(np.float64).tiny)),
            ends=(passed[0], passed[-1]),
            straight=straight,
            length_mm=length_mm,
        )

    def _passed(self, rows: Indices) -> list[int]:
        """The vertices along the chain; where it branches, along one way through it."""
        following = dict(zip(self._tails[rows].tolist(), self._heads[rows].tolist(), strict=True))
        begins = set(following) - set(following.values())
        place = min(begins or following)
        passed = [place]
        while place in following:
            place = following.pop(place)
            passed.append(place)
        return passed


def _bow_mm(passed: Floats, along: Floats) -> float:
    """How far places lie off the line through the first of them."""
    arms = passed - passed[0]
    return float(np.abs(arms - (arms @ along)[:, None] * along).max())
