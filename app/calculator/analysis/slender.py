"""Slender things: ribs, walls and pins that stand up from the part, and long turned parts."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from app.calculator.analysis.directions import candidate_directions
from app.calculator.analysis.hole_faces import hole_of_face
from app.calculator.analysis.opposites import least_agreed, near_mm
from app.calculator.analysis.thickness import DIGITS, Walls
from app.calculator.geometry.rays import NOTHING, Floats, Numbers, Truths
from app.contract.geometry import Access, Feature, Slenderness

TURNED = "turned"
LEANING = float(np.sin(np.radians(15)))
"""A wall that leans by more does not stand."""
FACING = 0.5
"""Floors and free ends face along what stands there to within sixty degrees: drilled and rounded ones do."""
BESIDE = 0.1
"""Rays along a wall run this share of its thickness beside it, clear of the fillet at its foot."""
MOST_PER_FACE = 24
"""So many samples of a face are enough to see what stands."""
MOSTLY = 0.5
"""A face counts in a direction in which this share of it stands."""
HELD = 2.0
"""A wall held at its sides bends between them as one held at its foot does up to half as far."""
MUCH = 0.05
"""Share of the surface from which a direction of tools counts."""
LEAST_RATIO = 1.0
"""What is wider than tall is not slender."""


@dataclass(frozen=True)
class _Side:
    """One side of every wall tried: points of it and their outward normals."""

    points: Floats
    normals: Floats

    def __getitem__(self, kept: Truths) -> "_Side":
        return _Side(self.points[kept], self.normals[kept])


@dataclass(frozen=True)
class _Tries:
    """Walls (by their number) with a direction in which they might stand."""

    walls: npt.NDArray[np.intp]
    ways: npt.NDArray[np.intp]
    up: Floats
    width_mm: Floats
    front: _Side
    back: _Side

    def __getitem__(self, kept: Truths) -> "_Tries":
        walls, ways, up, width_mm = self.walls[kept], self.ways[kept], self.up[kept], self.width_mm[kept]
        return _Tries(walls, ways, up, width_mm, self.front[kept], self.back[kept])

    @property
    def middles(self) -> Floats:
        """Half-way through each wall."""
        return (self.front.points + self.back.points) / 2


def slenderness_of(
    walls: Iterable[Walls], features: Sequence[Feature], access: Access | None = None
) -> Slenderness | None:
    """The largest ratio of height to width; ``None`` where nothing is taller than wide.

    Where it is known from where tools come, what lies flat before all of them does not stand.

    A wall stands in the direction in which it ends free, with both of its sides open: from the higher one of
    the floors beside it up to that end. The wall of a hole does not, nor does one that ends at a hole. Where
    other walls hold it from the side it is no taller than twice as far as the nearest of them is away. At
    least three samples next to each other must agree. Turned parts count with their length over their
    largest diameter.
    """
    found = [*_turned(features), *_standing(walls, features, _tools(access))]
    return max(found, key=lambda one: one.ratio, default=None)


def _tools(access: Access | None) -> Floats:
    """The directions from which much of the part is cut."""
    setups = () if access is None else access.setups
    return np.array([one.direction for one in setups if one.area_share >= MUCH]).reshape(-1, 3)


def _turned(features: Sequence[Feature]) -> Iterator[Slenderness]:
    for feature in features:
        figures = feature.__pydantic_extra__ or {}
        if feature.kind == TURNED and figures["length_mm"] >= LEAST_RATIO * figures["diameter_mm"] > 0:
            yield Slenderness(
                ratio=round(figures["length_mm"] / figures["diameter_mm"], DIGITS),
                height_mm=round(figures["length_mm"], DIGITS),
                width_mm=round(figures["diameter_mm"], DIGITS),
                place=feature.place,
                face_ids=feature.face_ids,
            )


def _standing(walls: Iterable[Walls], features: Sequence[Feature], tools: Floats) -> Iterator[Slenderness]:
    """The slenderest thing that stands on each body."""
    for one in walls:
        is_hole = hole_of_face(one.probe.surface, features) >= 0
        tries = _tries(one, is_hole, tools)
        stood, height_mm, end_mm = _stood(one, tries, is_hole)
        whole = _whole(one, stood, tries)
        tries, height_mm, end_mm = stood[whole], height_mm[whole], end_mm[whole]
        height_mm = np.minimum(height_mm, HELD * _held_mm(one, tries))
        slim = height_mm >= LEAST_RATIO * tries.width_mm
        tries, height_mm, end_mm = tries[slim], height_mm[slim], end_mm[slim]
        near = near_mm(tries.width_mm, one.probe.samples.areas_mm2)
        least = least_agreed(tries.width_mm / height_mm, tries.middles, near)
        if least is not None:
            yield _told(one, tries, least, float(height_mm[least]), float(end_mm[least]))


def _tries(walls: Walls, is_hole: Truths, tools: Floats) -> _Tries:
    """Every wall with every direction along it; walls of holes are left out, from either side.

    So are walls that no tool cuts with its flank.
    """
    probe, behind = walls.probe, walls.behind
    samples = walls.samples
    directions = candidate_directions(probe.samples)
    along = np.abs(samples.normals @ directions.T) < LEANING
    of_hole = is_hole[samples.faces] | is_hole[probe.surface.face_of[behind.triangles]]
    flanked = (np.abs(samples.normals @ tools.T) < LEANING).any(axis=1) | (not len(tools))
    wall, way = np.nonzero(along & (flanked & ~of_hole & _some(samples.faces))[:, None])
    points, normals, width_mm = samples.points[wall], samples.normals[wall], behind.distance_mm[wall]
    back = _Side(points - width_mm[:, None] * normals, probe.normals[behind.triangles[wall]])
    return _Tries(wall, way, directions[way], width_mm, _Side(points, normals), back)


def _some(faces: Numbers) -> Truths:
    """Every so many samples of a face, which come face by face: no more than ``MOST_PER_FACE`` of each."""
    starts = np.flatnonzero(np.diff(faces, prepend=-1))
    counts = np.diff(starts, append=len(faces))
    nth = np.arange(len(faces)) - np.repeat(starts, counts)
    step = -(-counts // MOST_PER_FACE)
    some: Truths = nth % np.repeat(step, counts) == 0
    return some


def _stood(walls: Walls, tries: _Tries, is_hole: Truths) -> tuple[_Tries, Floats, Floats]:
    """Those that stand on a floor in front of them, how tall they are, and how far up from here they end."""
    floor_mm = _floor_mm(walls, tries, tries.front)
    stands = np.isfinite(floor_mm)
    tries, floor_mm = tries[stands], floor_mm[stands]
    end_mm = _end_mm(walls, tries, is_hole)
    free = np.isfinite(end_mm)
    tries, floor_mm, end_mm = tries[free], floor_mm[free], end_mm[free]
    free = _is_open(walls, tries, tries.front, end_mm) & _is_open(walls, tries, tries.back, end_mm)
    tries, floor_mm, end_mm = tries[free], floor_mm[free], end_mm[free]
    height_mm = end_mm + np.minimum(floor_mm, _floor_mm(walls, tries, tries.back))
    return tries, height_mm, end_mm


def _whole(walls: Walls, stood: _Tries, tries: _Tries) -> Truths:
    """Whether at least half of the face stands that way: a plate does not stand on a boss it carries."""
    samples = walls.samples
    faces = int(samples.faces.max(initial=0)) + 1
    key = tries.ways * faces + samples.faces[tries.walls]
    own = stood.ways * faces + samples.faces[stood.walls]
    tried_mm2 = np.bincount(key, weights=samples.areas_mm2[tries.walls])
    stood_mm2 = np.bincount(own, weights=samples.areas_mm2[stood.walls], minlength=len(tried_mm2))
    whole: Truths = (stood_mm2 >= MOSTLY * tried_mm2)[own]
    return whole


def _floor_mm(walls: Walls, tries: _Tries, side: _Side) -> Floats:
    """How far down the wall its foot is; infinity where no floor begins there."""
    distance, triangle = walls.probe.rays.first_hits(*_beside(tries, side, -tries.up))
    return np.where(_faces(walls, triangle, tries.up), distance, np.inf)


def _end_mm(walls: Walls, tries: _Tries, is_hole: Truths) -> Floats:
    """How far up within the wall its end is; infinity where it ends aslant or at a hole."""
    distance, triangle = walls.probe.rays.first_hits(tries.middles, tries.up)
    free = _faces(walls, triangle, tries.up) & ~is_hole[walls.probe.surface.face_of[triangle]]
    return np.where(free, distance, np.inf)


def _held_mm(walls: Walls, tries: _Tries) -> Floats:
    """How far to the side the nearest wall is that holds this one: it faces along it and hangs on it."""
    nearest = np.full(len(tries.walls), np.inf)
    across = np.cross(tries.up, tries.front.normals)
    for way in (across, -across):
        within_mm, _ = walls.probe.rays.first_hits(tries.middles, way)
        for side in (tries.front, tries.back):
            distance, triangle = walls.probe.rays.first_hits(*_beside(tries, side, way))
            holds = _faces(walls, triangle, -way) & (within_mm > distance)
            nearest = np.minimum(nearest, np.where(holds, distance, np.inf))
    return nearest


def _is_open(walls: Walls, tries: _Tries, side: _Side, end_mm: Floats) -> Truths:
    """Whether nothing overhangs this side of the wall before the wall ends."""
    distance, _ = walls.probe.rays.first_hits(*_beside(tries, side, tries.up))
    is_open: Truths = distance >= end_mm
    return is_open


def _beside(tries: _Tries, side: _Side, directions: Floats) -> tuple[Floats, Floats]:
    """Rays beside this side of the wall, parallel to it."""
    origins = side.points + BESIDE * tries.width_mm[:, None] * side.normals
    along = directions - (directions * side.normals).sum(axis=1)[:, None] * side.normals
    return origins, along / np.linalg.norm(along, axis=1)[:, None]


def _faces(walls: Walls, triangle: Numbers, up: Floats) -> Truths:
    facing: Truths = ((walls.probe.normals[triangle] * up).sum(axis=1) > FACING) & (triangle != NOTHING)
    return facing


def _told(walls: Walls, tries: _Tries, row: int, height_mm: float, end_mm: float) -> Slenderness:
    width_mm = float(tries.width_mm[row])
    _, face_ids = walls.half_way(int(tries.walls[row]))
    return Slenderness(
        ratio=round(height_mm / width_mm, DIGITS),
        height_mm=round(height_mm, DIGITS),
        width_mm=round(width_mm, DIGITS),
        place=walls.probe.place(tries.middles[row] + tries.up[row] * (end_mm - height_mm / 2)),
        face_ids=face_ids,
    )
