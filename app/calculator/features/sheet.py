"""Parts made of sheet: one thickness everywhere, flat or bent.

Rules. A bent part is sheet when twice its volume over its area comes near the thickness of its bends and its
flat panels hang together without a closed ring (a square tube is none). A flat part is sheet when two
opposite planes and upright edges are all it has, and it is thin. Figures: area of the flat pattern (panels
of one side plus the bend allowance), length of all cuts (area of the edges over the thickness), least
material beside a hole.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from app.calculator.features.bends import Bend, as_found, bends_of
from app.calculator.features.bridges import narrowest_bridge
from app.calculator.features.found import Found, direction, figure
from app.calculator.features.graph import Face, Graph
from app.calculator.features.joints import Joints
from app.calculator.features.tolerance import SAME_DIRECTION, TOUCHING_MM

KIND = "sheet"

LARGEST_THICKNESS_MM = 12.0
"""Thicker flat parts are plates that are milled."""

SAME_THICKNESS = 0.02
"""Bends of one sheet agree within this share."""

LEAST_FILL, MOST_FILL = 0.6, 1.02
"""Twice the volume over the area, by the thickness; below it the part is not thin in one way only."""

LEAST_SIDES = 0.95
"""Share of a flat part's area that its two sides and upright edges must make up."""

SMALLEST_SIDE = 10.0
"""The side of a flat sheet is at least this many square thicknesses."""

BENT, FLAT = 0.95, 0.85


@dataclass(frozen=True, slots=True, eq=False)
class _Sheet:
    """Thickness, bends, the faces of one side and those of the other."""

    thickness_mm: float
    bends: tuple[Bend, ...]
    side: frozenset[Face]
    back: frozenset[Face]


def find_sheets(graph: Graph, _: Sequence[Found]) -> Iterator[Found]:
    """Every body of sheet and its bends."""
    bodies: dict[int, list[Face]] = {}
    for face in graph.faces:
        bodies.setdefault(face.solid, []).append(face)
    for number, faces in bodies.items():
        bends = tuple(bends_of(faces, graph.centre))
        sheet = _bent(faces, bends) if bends else _flat(faces)
        if sheet is not None and _is_thin(graph.volume_mm3(number), faces, sheet.thickness_mm):
            yield from map(as_found, sheet.bends)
            yield _found(graph, faces, sheet)


def _bent(faces: list[Face], bends: tuple[Bend, ...]) -> _Sheet | None:
    thickness = sorted(bend.thickness_mm for bend in bends)[len(bends) // 2]
    own = tuple(bend for bend in bends if abs(bend.thickness_mm - thickness) <= SAME_THICKNESS * thickness)
    skins = Joints()
    rounds = {face for bend in own for face in (bend.inner, bend.outer)}
    for face in faces:
        for link in face.links if face in rounds else ():
            if link.smooth and link.other(face).kind == "plane":
                skins.join((face, link.other(face)))
    groups = [frozenset(group) for group in skins.groups()]
    side = next((group for group in groups if own[0].inner in group), frozenset())
    back = next((group for group in groups if own[0].outer in group), frozenset())
    if side == back or any(not {bend.inner, bend.outer} <= side | back for bend in own):
        return None
    panels = sum(face.kind == "plane" for face in side)
    return _Sheet(thickness, own, side, back) if len(own) < panels else None


def _flat(faces: list[Face]) -> _Sheet | None:
    planes = [face for face in faces if face.kind == "plane"]
    if not planes:
        return None
    side = max(planes, key=lambda face: (round(face.area_mm2, 6), -face.id))
    normal = side.surface.normal
    back = max(
        (face for face in planes if float(face.surface.normal @ normal) < SAME_DIRECTION - 1),
        key=lambda face: (round(face.area_mm2, 6), -face.id),
        default=None,
    )
    if back is None:
        return None
    thickness = float((side.surface.origin - back.surface.origin) @ normal)
    is_thin = (
        TOUCHING_MM < thickness <= LARGEST_THICKNESS_MM
        and side.area_mm2 > SMALLEST_SIDE * thickness * thickness
        and min(side.area_mm2, back.area_mm2) >= LEAST_SIDES * max(side.area_mm2, back.area_mm2)
    )
    if not is_thin:
        return None
    upright = sum(face.area_mm2 for face in faces if face not in {side, back} and _is_edge(face, side))
    sides = side.area_mm2 + back.area_mm2 + upright
    if sides < LEAST_SIDES * sum(face.area_mm2 for face in faces):
        return None
    return _Sheet(thickness, (), frozenset({side}), frozenset({back}))


def _is_edge(face: Face, side: Face) -> bool:
    along = abs(float(face.surface.axis @ side.surface.axis))
    return along < SAME_DIRECTION if face.kind == "plane" else along > 1 - SAME_DIRECTION


def _is_thin(volume_mm3: float, faces: list[Face], thickness_mm: float) -> bool:
    fill = 2 * volume_mm3 / sum(face.area_mm2 for face in faces) / thickness_mm
    return LEAST_FILL <= fill <= MOST_FILL


def _found(graph: Graph, faces: list[Face], sheet: _Sheet) -> Found:
    panels = sorted((face for face in sheet.side if face.kind == "plane"), key=lambda face: face.id)
    flat_mm2 = sum(face.area_mm2 for face in panels)
    flat_mm2 += sum(bend.allowance_mm * bend.length_mm for bend in sheet.bends)
    edges_mm2 = sum(face.area_mm2 for face in faces if face not in sheet.side | sheet.back)
    largest = max(panels, key=lambda face: (round(face.area_mm2, 6), -face.id))
    figures: dict[str, Any] = {
        "thickness_mm": figure(sheet.thickness_mm),
        "bends": len(sheet.bends),
        "flat_area_mm2": figure(flat_mm2),
        "cut_length_mm": figure(edges_mm2 / sheet.thickness_mm),
        "inner_contours": sum(len(graph.loops(face)) - 1 for face in panels),
        "axis": direction(largest.surface.normal),
    }
    bridge = narrowest_bridge(panels)
    figures["bridge_mm"] = None if bridge is None else figure(bridge[0])
    figures["bridge_place"] = None if bridge is None else [figure(part) for part in bridge[1].tolist()]
    confidence = BENT if sheet.bends else FLAT
    return Found(KIND, sheet.side | sheet.back, largest.centre, confidence, figures)
