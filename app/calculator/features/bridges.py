"""What is left of a sheet beside its holes: to the edge of their panel, and from one to the next."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from math import cos, pi, sin

import numpy as np
from scipy.spatial import cKDTree

from app.calculator.features.graph import Face, Link
from app.calculator.features.surfaces import Floats, Surface
from app.calculator.features.tolerance import FULL_ROUND, SAME_DIRECTION

MOST_PAIRS = 2_000_000
"""Holes times edges of one panel that are compared."""
NEIGHBOURS = 8
"""Holes around every hole that it is compared with."""
_PLACE_DIGITS = 3
_FULL_TURN = 2 * pi


@dataclass(slots=True)
class _Rim:
    """A round hole in a panel."""

    centre: Floats
    radius_mm: float
    turn: float = 0.0
    links: list[Link] = field(default_factory=list)


def narrowest_bridge(panels: Iterable[Face]) -> tuple[float, Floats] | None:
    """The least material beside a round hole in millimetres, and the middle of that hole.

    ``None`` without holes. Where the panel runs into a bend it has no edge. Curved edges that are no arcs
    are taken as two chords.
    """
    found: list[tuple[float, Floats]] = []
    for panel in panels:
        rims = [rim for rim in _rims(panel) if rim.turn >= FULL_ROUND * _FULL_TURN]
        if not rims:
            continue
        centres, radii = np.array([rim.centre for rim in rims]), np.array([rim.radius_mm for rim in rims])
        free = np.minimum(_to_edges(panel, rims, centres), _to_others(centres, radii)) - radii
        least = int(free.argmin())
        found.append((float(free[least]), centres[least]))
    return min(found, key=lambda one: one[0], default=None)


def _rims(panel: Face) -> Iterable[_Rim]:
    """Round walls square to the panel, faces on one axis together; the level is that of the panel."""
    normal, level = panel.surface.normal, float(panel.surface.origin @ panel.surface.normal)
    rims: dict[tuple[float, ...], _Rim] = {}
    for link in panel.links:
        wall = link.other(panel).surface
        if wall.kind != "cylinder" or not wall.concave or link.smooth:
            continue
        if abs(float(wall.axis @ normal)) < 1 - SAME_DIRECTION:
            continue
        centre = wall.origin + (level - float(wall.origin @ normal)) * normal
        key = (*np.round(centre, _PLACE_DIGITS).tolist(), round(wall.radius_mm, _PLACE_DIGITS))
        rim = rims.setdefault(key, _Rim(centre, wall.radius_mm))
        rim.turn += wall.span
        rim.links.append(link)
    return rims.values()


def _to_edges(panel: Face, rims: list[_Rim], centres: Floats) -> Floats:
    """From every centre to the nearest edge that is no hole."""
    own = {link for rim in rims for link in rim.links}
    edges = [link for link in panel.links if link not in own and not link.smooth]
    edges = edges[: MOST_PAIRS // len(centres)]
    arcs = {link: link.other(panel).surface for link in edges if _is_arc(panel, link)}
    chords = np.array(list(_chords(link for link in edges if link not in arcs))).reshape(-1, 2, 3)
    nearest = np.full(len(centres), np.inf)
    for wall in arcs.values():
        np.minimum(nearest, _to_arc(wall, centres), out=nearest)
    for start, end in chords:
        along = end - start
        share = np.clip((centres - start) @ along / max(float(along @ along), 1e-12), 0.0, 1.0)
        away = np.linalg.norm(centres - start - share[:, None] * along, axis=1)
        np.minimum(nearest, away, out=nearest)
    return nearest


def _is_arc(panel: Face, link: Link) -> bool:
    wall = link.other(panel).surface
    upright = abs(float(wall.axis @ panel.surface.normal)) > 1 - SAME_DIRECTION
    return wall.kind == "cylinder" and upright and not link.straight


def _to_arc(wall: Surface, centres: Floats) -> Floats:
    """From every centre to the foot of a round wall: to its circle, or to the nearer end of what there is."""
    arms = centres - wall.origin
    x, y = arms @ wall.first, arms @ wall.second
    abreast = (np.arctan2(y, x) - wall.turn[0]) % _FULL_TURN <= wall.span
    ends = [np.hypot(x - wall.radius_mm * cos(angle), y - wall.radius_mm * sin(angle)) for angle in wall.turn]
    nearest: Floats = np.where(abreast, np.abs(np.hypot(x, y) - wall.radius_mm), np.minimum(*ends))
    return nearest


def _chords(edges: Iterable[Link]) -> Iterator[tuple[Floats, Floats]]:
    for edge in edges:
        if edge.straight:
            yield edge.ends
        else:
            yield edge.ends[0], edge.middle
            yield edge.middle, edge.ends[1]


def _to_others(centres: Floats, radii: Floats) -> Floats:
    """From every centre to the nearest rim of another hole."""
    if len(centres) == 1:
        return np.full(1, np.inf)
    count = min(NEIGHBOURS, len(centres) - 1)
    away, other = cKDTree(centres).query(centres, k=list(range(2, count + 2)))
    nearest: Floats = (away - radii[other]).min(axis=1)
    return nearest
