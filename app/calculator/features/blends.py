"""Fillets and chamfers: narrow faces that soften an edge."""

from collections.abc import Iterator, Mapping, Sequence
from math import degrees, inf, pi

import numpy as np

from app.calculator.features.found import Found, figure
from app.calculator.features.graph import Face, Graph, Link
from app.calculator.features.joints import Joints
from app.calculator.features.tolerance import SAME_DIRECTION, SAME_RADIUS_MM, TOUCHING_MM

FILLET = "fillet"
CHAMFER = "chamfer"

WIDEST_FILLET = 0.9 * pi
"""A round face that turns further is the end of a slot or a rod, not a softened edge."""

BOTH_SIDES = 2
"""A blend runs into its neighbours on both sides."""

FLATTEST, STEEPEST = 0.26, 1.31
"""A chamfer meets its neighbours at 15 to 75 degrees."""

NARROW = 0.1
"""Square of a chamfer's width by the area of its smaller neighbour."""

SURE, LIKELY = 0.9, 0.8


def find_fillets(graph: Graph, known: Sequence[Found]) -> Iterator[Found]:
    """Rounded edges, outer and inner; those that run into each other with one radius are one."""
    taken = {face for one in known if one.kind in {"hole", "bend"} for face in one.faces}
    soft = {face: _radius(face) for face in graph.faces if face not in taken and _is_fillet(face)}
    blends = {face: radius for face, radius in soft.items() if not _is_wall(face, soft)}
    joints = Joints()
    for face, radius in blends.items():
        joints.join((face,))
        for link in face.links:
            other = link.other(face)
            alike = other in blends and abs(blends[other] - radius) <= SAME_RADIUS_MM
            if alike and link.smooth and other.surface.concave == face.surface.concave:
                joints.join((face, other))
    for group in joints.groups():
        longest = max(group, key=lambda face: (round(_length(face), 6), -face.id))
        figures = {
            "radius_mm": figure(blends[longest]),
            "convex": longest.surface.convex,
            "length_mm": figure(sum(_length(face) for face in group)),
        }
        yield Found(FILLET, frozenset(group), longest.centre, SURE, figures)


def _radius(face: Face) -> float:
    return face.surface.tube_mm if face.kind == "torus" else face.surface.radius_mm


def _length(face: Face) -> float:
    surface = face.surface
    return surface.height_mm if face.kind == "cylinder" else surface.radius_mm * surface.span


def _is_fillet(face: Face) -> bool:
    if face.kind not in {"cylinder", "torus"}:
        return False
    if face.kind == "cylinder" and face.surface.span > WIDEST_FILLET:
        return False
    return sum(link.smooth and _runs_along(face, link) for link in face.links) >= BOTH_SIDES


def _is_wall(face: Face, soft: Mapping[Face, float]) -> bool:
    """A round wall whose own edges are softened: all it runs into are blends of less than half its radius."""
    beside = [link.other(face) for link in face.links if link.smooth and _runs_along(face, link)]
    return all(2 * soft.get(other, inf) < soft[face] for other in beside)


def _runs_along(face: Face, link: Link) -> bool:
    """An edge along the blend, not across its end."""
    along = abs(float(link.tangent @ face.surface.axis))
    return along > 1 - SAME_DIRECTION if face.kind == "cylinder" else along < SAME_DIRECTION


def find_chamfers(graph: Graph, known: Sequence[Found]) -> Iterator[Found]:
    """Narrow flat or conical faces between two outer edges; facets of a rough curve and slivers are none."""
    taken = {face for one in known if one.kind in {"hole", "bend"} for face in one.faces}
    softened: dict[Face, tuple[Link, Link]] = {}
    for face in graph.faces:
        if face not in taken and face.kind in {"plane", "cone"}:
            edges = _softened(face)
            if edges is not None and _is_narrow(face, edges):
                softened[face] = edges
    for face, edges in softened.items():
        neighbours = [link.other(face) for link in edges]
        if not any(neighbour in softened for neighbour in neighbours):
            yield _chamfer(face, edges)


def _softened(face: Face) -> tuple[Link, Link] | None:
    """The two long outer edges of the face; flat faces have them straight and parallel."""
    outer = [link for link in face.links if FLATTEST <= link.angle <= STEEPEST]
    if len(outer) < BOTH_SIDES:
        return None
    first, second = sorted(outer, key=lambda link: -round(link.length_mm, 6))[:BOTH_SIDES]
    alongside = abs(float(first.tangent @ second.tangent)) > 1 - SAME_DIRECTION
    if face.kind == "plane" and not (first.straight and second.straight and alongside):
        return None
    return first, second


def _is_narrow(face: Face, edges: tuple[Link, Link]) -> bool:
    neighbours = [link.other(face) for link in edges]
    width = _width(face, *edges)
    return (
        neighbours[0] is not neighbours[1]
        and TOUCHING_MM < width < edges[1].length_mm
        and width * width <= NARROW * min(neighbour.area_mm2 for neighbour in neighbours)
    )


def _chamfer(face: Face, edges: tuple[Link, Link]) -> Found:
    larger = max(edges, key=lambda link: (round(link.other(face).area_mm2, 6), -link.other(face).id))
    figures = {
        "width_mm": figure(_width(face, *edges)),
        "angle_deg": figure(degrees(larger.angle)),
        "length_mm": figure(edges[0].length_mm),
    }
    return Found(CHAMFER, frozenset({face}), face.centre, LIKELY, figures)


def _width(face: Face, first: Link, second: Link) -> float:
    """Distance between the two edges on the face."""
    if face.kind == "cone":
        surface = face.surface
        return float(surface.height_mm / np.cos(surface.half_angle))
    return float(np.linalg.norm(np.cross(second.middle - first.middle, first.tangent)))
