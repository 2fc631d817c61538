"""Round walls that belong together: rings of a rounded edge or a ball, and pieces of one surface.

What is still free beside a wall and goes round the same axis (the rounded end of a hole) is a ring as well.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from math import hypot

import numpy as np

from app.calculator.geometry.mesh_edges import Indices
from app.calculator.geometry.mesh_facets import Facets, grouped
from app.calculator.geometry.mesh_fit import Round, fitted_ring
from app.calculator.geometry.mesh_identity import Ids, compact, components
from app.calculator.geometry.mesh_rounds import Rounds, together

FEWEST_RINGS = 3
"""Two cones on one another are two chamfers; more of them are rounded."""

MOST_WALLS = 8
"""Walls beside a free form that are tried for an axis."""

SAME_DIRECTION = 1e-2
"""Axes of neighbouring rings are parallel within this; narrow rings do not tell it better."""

DOUBT = 10.0
"""The axis of a ring is open by so many times the noise over its width."""

MOST_DOUBT = 0.05
"""And never by more than this."""

NEARLY_PARALLEL = 0.999
"""A drum beside a ring stands on its axis when the cosine between them is larger."""

TOUCHING_RAD = 1.0
"""Walls that meet at less than this may run into each other: rings of a coarse rounding do."""

STRAIGHT = {"cylinder", "cone"}


def join_rings(rounds: Rounds) -> tuple[Ids, list[Round]]:
    """The wall of every facet, -1 for none, and the walls, rings of one torus or sphere joined."""
    facets, owner, found = rounds.facets, rounds.owner.copy(), list(rounds.found)
    for rings in _stacks(facets, owner, found):
        members = np.flatnonzero(np.isin(owner, rings))
        _claim(rounds, owner, found, members, tuple(_axes(facets, owner, found, rings)))
    for members, walls in _free_beside_walls(facets, owner):
        _claim(rounds, owner, found, members, tuple(found[wall] for wall in walls))
    return _joined(facets, owner, found)


def _axes(facets: Facets, owner: Ids, found: list[Round], rings: list[int]) -> Iterator[Round]:
    """Axes for a stack of rings: that of the largest ring, or of a drum they run into, which is longer."""
    largest = found[max(rings, key=lambda ring: (round(found[ring].radius_mm, 6), -ring))]
    tolerance_mm = max(found[ring].tolerance_mm for ring in rings)
    one, two = facets.one, facets.two
    beside = np.concatenate((owner[two[np.isin(owner[one], rings)]], owner[one[np.isin(owner[two], rings)]]))
    drums = [
        found[wall] for wall in np.unique(beside[beside >= 0]).tolist() if found[wall].kind == "cylinder"
    ]
    for like in (
        largest,
        *(drum for drum in drums if abs(float(drum.axis @ largest.axis)) > NEARLY_PARALLEL),
    ):
        yield replace(like, tolerance_mm=tolerance_mm)


def _claim(rounds: Rounds, owner: Ids, found: list[Round], members: Indices, likes: Sequence[Round]) -> None:
    """Make the facets a ring about the first of these axes that allows it."""
    rings = (_ring_through(rounds, members, like) for like in likes)
    surface = next((ring for ring in rings if ring is not None), None)
    if surface is not None:
        owner[members] = len(found)
        _spread(rounds, owner, found, surface)
        found.append(surface)


def _free_beside_walls(facets: Facets, owner: Ids) -> list[tuple[Indices, list[int]]]:
    """Free-form groups of facets and the walls they touch."""
    rest = together(facets, owner)
    one, two = facets.one, facets.two
    touched: dict[int, set[int]] = {}
    for here, there in ((one, two), (two, one)):
        beside = (owner[here] < 0) & (owner[there] >= 0)
        for group, wall in {*zip(rest[here[beside]].tolist(), owner[there[beside]].tolist(), strict=True)}:
            touched.setdefault(group, set()).add(wall)
    groups = grouped(rest, int(rest.max()) + 1)
    return [
        (groups.of(group), sorted(walls)[:MOST_WALLS])
        for group, walls in sorted(touched.items())
        if len(groups.of(group)) > FEWEST_RINGS
    ]


def _ring_through(rounds: Rounds, members: Indices, like: Round) -> Round | None:
    """The torus or sphere about the axis of ``like`` with the facets on it, the right way round."""
    facets = rounds.facets
    vertices = facets.mesh.vertices[facets.vertices(members)]
    surface = fitted_ring(vertices, replace(like, concave=False))
    if surface is None:
        return None
    looks = (surface.normals(facets.centres[members]) * facets.normals[members]).sum(axis=1)
    surface = replace(surface, concave=bool(looks @ facets.areas[members] < 0))
    return surface if bool(rounds.faces(surface, members).all()) else None


def _touching(facets: Facets, owner: Ids) -> Indices:
    """Pairs of walls that run into each other, each once, (side, pair)."""
    rows = np.flatnonzero(np.abs(facets.angles) < TOUCHING_RAD)
    one, two = owner[facets.one[rows]], owner[facets.two[rows]]
    between = (one != two) & (one >= 0) & (two >= 0)
    pairs = np.stack((np.minimum(one, two)[between], np.maximum(one, two)[between]))
    return np.unique(pairs, axis=1).astype(np.int64)


def _stacks(facets: Facets, owner: Ids, found: list[Round]) -> Iterator[list[int]]:
    """Groups of rings about one axis that run into each other."""
    members = grouped(owner + 1, len(found) + 1)
    pairs = []
    for one, two in _touching(facets, owner).T.tolist():
        if {found[one].kind, found[two].kind} == {"cone"}:
            doubts = [_doubt(facets, members.of(wall + 1), found[wall]) for wall in (one, two)]
            if _is_coaxial(found[one], found[two], SAME_DIRECTION + max(doubts)):
                pairs.append((one, two))
    if not pairs:
        return
    one, two = np.array(pairs, dtype=np.int32).T
    _, labels = components(one, two, len(found))
    groups = grouped(labels, int(labels.max()) + 1)
    for group in range(int(labels.max()) + 1):
        rings = groups.of(group)
        if len(rings) >= FEWEST_RINGS:
            yield rings.tolist()


def _doubt(facets: Facets, members: Indices, ring: Round) -> float:
    """By how much the noise of coordinates may turn the axis of a ring, in radians: narrow ones most."""
    away, heights, _ = ring.polar(facets.mesh.vertices[facets.vertices(members)])
    width_mm = hypot(float(np.ptp(away)), float(np.ptp(heights)))
    return min(MOST_DOUBT, DOUBT * facets.noise_mm / max(width_mm, facets.noise_mm))


def _is_coaxial(one: Round, two: Round, within: float) -> bool:
    arm = two.origin - one.origin
    offset = float(np.linalg.norm(np.cross(arm, one.axis)))
    parallel = float(np.linalg.norm(np.cross(one.axis, two.axis))) < within
    return parallel and one.concave == two.concave and offset <= within * max(one.radius_mm, two.radius_mm)


def _spread(rounds: Rounds, owner: Ids, found: list[Round], surface: Round) -> None:
    """The ring at the equator was taken for a cylinder, the cap at a pole for nothing: they join."""
    number, members = len(found), np.flatnonzero(owner == len(found))
    while len(members):
        near = np.unique(rounds.neighbours.of_all(members))
        near = near[owner[near] != number]
        joining = [near[owner[near] < 0]]
        joining[0] = joining[0][rounds.lies_on(surface, joining[0])]
        for wall in np.unique(owner[near][owner[near] >= 0]).tolist():
            whole = np.flatnonzero(owner == wall)
            if found[wall].kind in STRAIGHT and bool(rounds.lies_on(surface, whole).all()):
                joining.append(whole)
        members = np.concatenate(joining)
        owner[members] = number


def _joined(facets: Facets, owner: Ids, found: list[Round]) -> tuple[Ids, list[Round]]:
    """Walls on one surface that run into each other become one; walls without facets go."""
    pairs = [
        (one, two)
        for one, two in _touching(facets, owner).T.tolist()
        if _is_one(facets, owner, found, one, two)
    ]
    one, two = np.array(pairs, dtype=np.int32).reshape(-1, 2).T
    _, labels = components(one, two, len(found))
    walls = np.flatnonzero(owner >= 0)
    if not len(walls):
        return owner, []
    numbers, count = compact(labels[owner[walls]].astype(np.int32))
    leader = np.full(count, -1, dtype=np.int64)
    leader[numbers[::-1]] = owner[walls[::-1]]
    owner[walls] = numbers
    return owner, [found[wall] for wall in leader.tolist()]


def _is_one(facets: Facets, owner: Ids, found: list[Round], one: int, two: int) -> bool:
    here, there = found[one], found[two]
    if here.kind != there.kind or here.concave != there.concave:
        return False
    places = facets.mesh.vertices[facets.vertices(np.flatnonzero(owner == two))]
    return float(np.abs(here.distances(places)).max()) <= here.tolerance_mm + there.tolerance_mm
