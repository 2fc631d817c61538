"""Lines of a drawing are linked at their ends to closed contours; what stays open is told apart."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from app.calculator.geometry.curves import Floats, Stroke, ring_area

JOIN_MM = 0.01
"""Ends this close are one corner: programs write two to six decimals."""
JOIN_RELATIVE = 1e-4
"""In a tiny drawing they must be closer, measured against all of it."""
SAME_MM = 1e-6
ALIKE_MM = 0.01
EMPTY_SHARE = 0.1
"""A ring that is narrower than this share of the reach of ends is a line drawn twice."""
MOST_PASSES = 8
_THROUGH = 2

Nodes = npt.NDArray[np.int64]
Step = tuple[int, bool]
"""A line and whether it is walked from its end to its start."""


@dataclass(frozen=True)
class Contour:
    """A closed line: the corners of its ring (n, 2) without the first one again, exact length and area."""

    ring: Floats
    length_mm: float
    area_mm2: float


@dataclass(frozen=True)
class OpenLine:
    """Lines that follow one another and enclose nothing; the gap is how far apart their ends are."""

    start: Floats
    gap_mm: float
    length_mm: float


@dataclass(frozen=True)
class Linked:
    """All lines of a drawing, linked. ``repeated`` and ``forks`` are places, one for each."""

    contours: tuple[Contour, ...]
    open_lines: tuple[OpenLine, ...]
    repeated: tuple[Floats, ...]
    forks: tuple[Floats, ...]


def link(strokes: Sequence[Stroke], extent_mm: float) -> Linked:
    """Link strokes whose ends meet. Lines drawn twice count once; a fork ends the lines that meet there."""
    join_mm = min(JOIN_MM, JOIN_RELATIVE * extent_mm)
    drawn = [stroke for stroke in strokes if stroke.length_mm > SAME_MM]
    rings = [stroke for stroke in drawn if _gap(stroke) <= min(join_mm, stroke.length_mm / 4)]
    closed = {id(stroke) for stroke in rings}
    nodes, lines, repeated = _joined([stroke for stroke in drawn if id(stroke) not in closed], join_mm)
    contours, open_lines, forks = [_ring([stroke]) for stroke in rings], [], []
    if lines:
        degrees = np.bincount(nodes.ravel())
        for steps, first, last in _chains(nodes, degrees):
            pieces = [_reversed(lines[line]) if back else lines[line] for line, back in steps]
            if first == last:
                contours.append(_ring(pieces))
            else:
                open_lines.append(_open(pieces))
        forks = _places(nodes, lines, np.flatnonzero(degrees > _THROUGH))
    contours, twice = _distinct(contours, EMPTY_SHARE * join_mm)
    return Linked(tuple(contours), tuple(open_lines), (*repeated, *twice), tuple(forks))


def _gap(stroke: Stroke) -> float:
    return float(np.linalg.norm(stroke.points[-1] - stroke.points[0]))


def _joined(lines: list[Stroke], join_mm: float) -> tuple[Nodes, list[Stroke], list[Floats]]:
    """The node at either end of every line (n, 2), the lines without repetitions, and where those were."""
    if not lines:
        return np.zeros((0, 2), dtype=np.int64), [], []
    ends = np.array([(line.points[0], line.points[-1]) for line in lines]).reshape(-1, 2)
    _, first, nodes = np.unique(np.round(ends / SAME_MM), axis=0, return_index=True, return_inverse=True)
    nodes = _loose_joined(nodes.ravel().astype(np.int64), ends[first], join_mm).reshape(-1, 2)
    kept: dict[tuple[int, ...], int] = {}
    repeated: list[Floats] = []
    for index, (line, pair) in enumerate(zip(lines, np.sort(nodes, axis=1).tolist(), strict=True)):
        key = (*pair, *_likeness(line.points, line.length_mm), *_quarters(line.points))
        if kept.setdefault(key, index) != index:
            repeated.append(line.points[0])
    chosen = sorted(kept.values())
    return nodes[chosen], [lines[index] for index in chosen], repeated


def _loose_joined(nodes: Nodes, places: Floats, join_mm: float) -> Nodes:
    """Ends that meet nothing are joined with the nearest other such end, both ways, within reach."""
    for _ in range(MOST_PASSES):
        loose = np.flatnonzero(np.bincount(nodes, minlength=len(places)) == 1)
        if len(loose) <= 1:
            break
        distances, nearest = cKDTree(places[loose]).query(places[loose], k=2, distance_upper_bound=join_mm)
        there = np.where(np.isfinite(distances[:, 1]), nearest[:, 1], -1)
        here = np.arange(len(loose))
        mutual = (there > here) & (there[there] == here)
        if not mutual.any():
            break
        renamed = np.arange(len(places))
        renamed[loose[there[mutual]]] = loose[mutual]
        nodes = renamed[nodes]
    return nodes


def _chains(nodes: Nodes, degrees: Nodes) -> Iterator[tuple[list[Step], int, int]]:
    """Lines one after the other between ends and forks, then those that only run round."""
    pairs = nodes.tolist()
    meeting: dict[int, list[int]] = {}
    for line, pair in enumerate(pairs):
        for node in pair:
            meeting.setdefault(node, []).append(line)
    through = (degrees == _THROUGH).tolist()
    unused = [True] * len(pairs)
    starts = [line for line, (a, b) in enumerate(pairs) if not (through[a] and through[b])]
    for line in (*starts, *range(len(pairs))):
        if unused[line]:
            node = (
                pairs[line][1] if not through[pairs[line][1]] and through[pairs[line][0]] else pairs[line][0]
            )
            yield _walked(line, node, pairs, meeting, through, unused)


def _walked(
    line: int,
    start: int,
    pairs: list[list[int]],
    meeting: dict[int, list[int]],
    through: list[bool],
    unused: list[bool],
) -> tuple[list[Step], int, int]:
    steps: list[Step] = []
    node = start
    while True:
        unused[line] = False
        a, b = pairs[line]
        steps.append((line, a != node))
        node = b if a == node else a
        following = [other for other in meeting[node] if unused[other]] if through[node] else []
        if node == start or not following:
            return steps, start, node
        line = following[0]


def _reversed(stroke: Stroke) -> Stroke:
    return Stroke(stroke.points[::-1], stroke.length_mm, -stroke.bulge_mm2)


def _ring(pieces: Sequence[Stroke]) -> Contour:
    ring = np.concatenate([piece.points[:-1] for piece in pieces])
    area_mm2 = abs(ring_area(ring) + sum(piece.bulge_mm2 for piece in pieces))
    return Contour(ring, sum(piece.length_mm for piece in pieces), area_mm2)


def _open(pieces: Sequence[Stroke]) -> OpenLine:
    start, end = pieces[0].points[0], pieces[-1].points[-1]
    return OpenLine(start, float(np.linalg.norm(end - start)), sum(piece.length_mm for piece in pieces))


def _distinct(contours: Iterable[Contour], narrow_mm: float) -> tuple[list[Contour], list[Floats]]:
    """Every contour once, without those that enclose nothing; and where the others were."""
    kept: dict[tuple[int, ...], Contour] = {}
    repeated: list[Floats] = []
    for contour in contours:
        key = (*_likeness(contour.ring, contour.length_mm), round(contour.area_mm2 / ALIKE_MM))
        empty = contour.area_mm2 <= narrow_mm * contour.length_mm / 2
        if empty or kept.setdefault(key, contour) is not contour:
            repeated.append(contour.ring[0])
    return list(kept.values()), repeated


def _likeness(points: Floats, length_mm: float) -> tuple[int, ...]:
    """Equal for lines with the same box and length, in whichever direction they were drawn."""
    box = (*points.min(axis=0).tolist(), *points.max(axis=0).tolist(), length_mm)
    return tuple(round(value / ALIKE_MM) for value in box)


def _quarters(points: Floats) -> tuple[int, ...]:
    """Where a line is after a quarter of its points from either end: curves that mirror each other differ."""
    quarter = len(points) // 4
    here, there = sorted(np.round(points[[quarter, -1 - quarter]] / ALIKE_MM).astype(np.int64).tolist())
    return (*here, *there)


def _places(nodes: Nodes, lines: Sequence[Stroke], wanted: Nodes) -> list[Floats]:
    flat = nodes.ravel().tolist()
    first = {node: index for index, node in reversed(list(enumerate(flat)))}
    return [lines[first[node] // 2].points[-(first[node] % 2)] for node in wanted.tolist()]
