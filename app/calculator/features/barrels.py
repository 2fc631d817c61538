"""Walls that go all the way round an axis."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from app.calculator.features.axes import Axis, covered
from app.calculator.features.graph import Face
from app.calculator.features.surfaces import FULL_TURN
from app.calculator.features.tolerance import FULL_ROUND, SAME_DIRECTION, SAME_RADIUS_MM, TOUCHING_MM


@dataclass(frozen=True, slots=True, eq=False)
class Barrel:
    """A full round wall between two positions on its axis, made of one or more faces."""

    faces: tuple[Face, ...]
    low_mm: float
    high_mm: float
    low_radius_mm: float
    high_radius_mm: float

    @property
    def is_cone(self) -> bool:
        """The radius changes along the axis."""
        return self.faces[0].kind == "cone"

    @property
    def length_mm(self) -> float:
        """Length along the axis."""
        return self.high_mm - self.low_mm

    @property
    def least_radius_mm(self) -> float:
        """The radius where it is narrowest."""
        return min(self.low_radius_mm, self.high_radius_mm)

    @property
    def most_radius_mm(self) -> float:
        """The radius where it is widest."""
        return max(self.low_radius_mm, self.high_radius_mm)


def barrels_on(axis: Axis, *, concave: bool, least: float = FULL_ROUND) -> list[Barrel]:
    """All inner (``concave``) or outer barrels that cover the share ``least`` of the turn, rising."""
    return sorted(_barrels(axis, least, concave=concave), key=lambda barrel: (barrel.low_mm, barrel.high_mm))


def _barrels(axis: Axis, least: float, *, concave: bool) -> Iterator[Barrel]:
    walls = [
        face for face in axis.faces if face.kind in {"cylinder", "cone"} and face.surface.concave == concave
    ]
    for same in _same_wall(axis, walls):
        spans = {face: axis.range_of(face) for face in same}
        for cluster in _overlapping(same, spans):
            if _is_round_somewhere(axis, cluster, spans, least):
                low = min(spans[face][0] for face in cluster)
                high = max(spans[face][1] for face in cluster)
                radii = [max(0.0, axis.radius_of(cluster[0], end)) for end in (low, high)]
                yield Barrel(tuple(cluster), low, high, radii[0], radii[1])


def _same_wall(axis: Axis, walls: list[Face]) -> Iterator[list[Face]]:
    """Faces on the same cylinder or cone: equal radius at the axis' origin, equal slope."""

    def figures(face: Face) -> tuple[float, float]:
        radius = axis.radius_of(face, 0.0)
        return (radius, axis.radius_of(face, 1.0) - radius)

    ordered = sorted(((figures(face), face.id, face) for face in walls), key=lambda row: row[:2])
    group: list[Face] = []
    last: tuple[float, float] | None = None
    for figure, _, face in ordered:
        differs = last is not None and (
            abs(figure[0] - last[0]) > SAME_RADIUS_MM or abs(figure[1] - last[1]) > SAME_DIRECTION
        )
        if differs:
            yield group
            group = []
        group.append(face)
        last = figure
    if group:
        yield group


def _overlapping(faces: list[Face], spans: dict[Face, tuple[float, float]]) -> Iterator[list[Face]]:
    """Chains of faces that overlap or touch along the axis."""
    group: list[Face] = []
    reached = 0.0
    for face in sorted(faces, key=lambda face: (spans[face], face.id)):
        low, high = spans[face]
        if group and low > reached + TOUCHING_MM:
            yield group
            group = []
        reached = max(reached, high) if group else high
        group.append(face)
    if group:
        yield group


def _is_round_somewhere(
    axis: Axis, faces: list[Face], spans: dict[Face, tuple[float, float]], least: float
) -> bool:
    """Whether some section across the axis meets wall in that share of all directions."""
    if any(face.surface.span >= least * FULL_TURN for face in faces):
        return True
    breaks = sorted({end for face in faces for end in spans[face]})
    for low, high in pairwise(breaks):
        middle = (low + high) / 2
        arcs = [axis.arc_of(face) for face in faces if spans[face][0] < middle < spans[face][1]]
        if high - low > TOUCHING_MM and covered(arcs) >= least:
            return True
    return False
