"""Regions that are sunk into the part: faces that meet in inner edges or through inner fillets."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from math import inf

import numpy as np

from app.calculator.features.graph import Face, Graph, Link
from app.calculator.features.joints import Joints
from app.calculator.features.surfaces import Floats
from app.calculator.features.tolerance import SAME_DIRECTION, TOUCHING_MM

UPRIGHT = 0.18
"""Sine of the largest draft (10 degrees) of a wall."""

MOST_WALLS = 400
"""Walls of one region that are compared with each other; a pocket has far fewer."""

MOST_FLOORS = 8
"""So many faces of a region are tried as its floor."""

OPEN_END = 0.5
"""Share of the floor's width that may lie open; a long slot without one of its ends is open."""

MOST_OPEN = 0.94
"""What an open floor is lined by at most."""

_IN_A_RING = 2
"""Every wall of a ring has two neighbours."""

BLUNT_RAD = 0.35
"""Faces that meet at less (20 degrees) are facets of something round."""

ENCLOSED = 0.95
"""Share of the floor's border that walls must line for a closed pocket."""


@dataclass(frozen=True, eq=False)
class Cavity:
    """A sunk region seen along ``direction``, out of the material; without ``floor`` it goes through."""

    faces: frozenset[Face]
    floor: Face | None
    direction: Floats
    enclosed: float

    @cached_property
    def ordered(self) -> list[Face]:
        """Its faces by id."""
        return sorted(self.faces, key=lambda face: face.id)

    @cached_property
    def walls(self) -> list[Face]:
        """Faces that stand upright along the direction."""
        return [face for face in self.ordered if face is not self.floor and self.is_upright(face)]

    @cached_property
    def inner(self) -> list[Link]:
        """Edges between two of its faces."""
        links = {link: None for face in self.ordered for link in face.links}
        return [link for link in links if link.first in self.faces and link.second in self.faces]

    @cached_property
    def rim(self) -> list[Link]:
        """Outer edges of its walls."""
        return [
            link
            for face in self.walls
            for link in face.links
            if not link.concave and link.other(face) not in self.faces
        ]

    @cached_property
    def facing(self) -> tuple[Face, Face] | None:
        """Two flat walls that look at each other, the nearest pair."""
        compared = [wall for wall in self.walls if wall.kind == "plane"][:MOST_WALLS]
        if not compared:
            return None
        normals = np.array([wall.surface.normal for wall in compared])
        places = np.array([wall.surface.origin for wall in compared])
        gaps = normals @ places.T - (normals * places).sum(axis=1)[:, None]
        gaps[(normals @ normals.T > SAME_DIRECTION - 1) | (gaps < TOUCHING_MM)] = inf
        one, two = np.unravel_index(int(gaps.argmin()), gaps.shape)
        return (compared[one], compared[two]) if gaps[one, two] < inf else None

    @property
    def is_lined(self) -> bool:
        """Walls all round the floor, or two that look at each other across it."""
        return self.enclosed >= ENCLOSED or self.facing is not None

    def is_upright(self, face: Face) -> bool:
        """A wall along the direction, or nearly so."""
        along = abs(float(face.surface.axis @ self.direction))
        if face.kind == "plane":
            return along < UPRIGHT
        return face.kind in {"cylinder", "cone"} and along > 1 - UPRIGHT * UPRIGHT

    def level(self, place: Floats) -> float:
        """Height of a place along the direction."""
        return float(place @ self.direction)


def cavities_of(graph: Graph, taken: frozenset[Face]) -> Iterator[Cavity]:
    """Every sunk region; ``taken`` faces belong to something else, holes for instance."""
    joints = Joints()
    for link in graph.links:
        if link.first in taken or link.second in taken:
            continue
        if link.concave or (link.smooth and _is_inner_fillet(link)):
            joints.join((link.first, link.second))
    for group in joints.groups():
        yield _seen(graph, frozenset(group), taken)


def _is_inner_fillet(link: Link) -> bool:
    return any(face.surface.concave for face in (link.first, link.second))


def _seen(graph: Graph, faces: frozenset[Face], taken: frozenset[Face]) -> Cavity:
    """The region seen along its best floor, or along the ring of its walls."""
    ordered = sorted(faces, key=lambda face: face.id)
    ring = _ring_direction(faces, ordered)
    if ring is not None:
        return Cavity(faces, None, ring, 1.0)
    planes = [face for face in ordered if face.kind == "plane"]
    shares = {face: _enclosed(graph, face, faces, taken) for face in planes}
    likely = sorted((face for face in planes if shares[face]), key=lambda face: _rank(face, shares[face]))
    seen = [Cavity(faces, face, face.surface.normal, shares[face]) for face in likely[:MOST_FLOORS]]
    nothing = Cavity(faces, None, np.zeros(3), 0.0)
    return next((cavity for cavity in seen if cavity.is_lined), seen[0] if seen else nothing)


def _rank(face: Face, share: float) -> tuple[float, float]:
    """Floors lined all round come first, then the largest."""
    return (-round(share, 2), -face.area_mm2) if share >= ENCLOSED else (0.0, -share * face.area_mm2)


def _ring_direction(faces: frozenset[Face], ordered: list[Face]) -> Floats | None:
    """The common direction of edges when the walls stand around it in a closed ring."""
    links = {link for face in ordered for link in face.links if {link.first, link.second} <= faces}
    counts = {sum(link in links for link in face.links) for face in ordered}
    if counts != {_IN_A_RING} or not all(link.straight for link in links):
        return None
    tangents = [link.tangent for face in ordered for link in face.links if link in links]
    direction = tangents[0]
    if any(abs(float(tangent @ direction)) < 1 - SAME_DIRECTION for tangent in tangents):
        return None
    return _along_walls(ordered, direction)


def _along_walls(walls: list[Face], edge: Floats) -> Floats:
    """The direction flat walls share: those of a mesh tell it better than their short upright edges."""
    normals = [wall.surface.normal for wall in walls if wall.kind == "plane" and wall.surface.fitted]
    if len(normals) < _IN_A_RING:
        return edge
    _, sizes, rows = np.linalg.svd(np.array(normals))
    if sizes[1] < UPRIGHT:
        return edge
    direction: Floats = rows[2] * np.sign(rows[2] @ edge)
    return direction


def _enclosed(graph: Graph, face: Face, faces: frozenset[Face], taken: frozenset[Face]) -> float:
    """Share of the outer border of the face beyond which the region goes on; rims of holes do not count."""
    outer = [
        link
        for link in graph.loops(face)[0]
        if not (link.other(face) in taken and link.other(face).surface.concave)
    ]
    total = sum(link.length_mm for link in outer)
    inside = sum(link.length_mm for link in outer if link.other(face) in faces and _is_foot(link))
    if not total:
        return 0.0
    width = 2 * face.area_mm2 / total
    share = inside / total
    return share if total - inside <= OPEN_END * width else min(share, MOST_OPEN)


def _is_foot(link: Link) -> bool:
    """Where something rises from a face; neighbours at a blunt angle are facets of the same curve."""
    return link.smooth or link.angle <= -BLUNT_RAD
