"""Shafts, sleeves and flanges with known diameters and grooves, and plates with bosses."""

from collections.abc import Callable
from random import Random
from typing import Any

import cadquery as cq

from tests.calculator.features.known import Drawn, Known, turned_tool

JUDGED = frozenset({"hole", "turned", "groove", "pocket", "bend", "sheet", "boss"})
Z = (0.0, 0.0, 1.0)


def shaft(random: Random) -> Drawn:
    """A stepped shaft with a groove; some with a bore, some drilled across, some with a keyway."""
    diameters = [round(random.uniform(12, 40), 1) for _ in range(random.randint(1, 4))]
    lengths = [round(random.uniform(12, 30), 1) for _ in diameters]
    corners, z = [], 0.0
    for diameter, length in zip(diameters, lengths, strict=True):
        corners += [(diameter / 2, z), (diameter / 2, z + length)]
        z += length
    body: Any = turned_tool(corners)
    known: list[Known] = []
    d, first = diameters[0], lengths[0]
    width, deep = 2.0, round(random.uniform(1, 2.5), 1)
    ring = cq.Workplane().circle(d).circle(d / 2 - deep).extrude(width).translate((0, 0, first / 2 - 4))
    body = body.cut(ring)
    figures: dict[str, Any] = {
        "location": "outer",
        "width_mm": width,
        "depth_mm": deep,
        "diameter_mm": d - 2 * deep,
    }
    known.append(Known("groove", (0, 0, first / 2 - 3), Z, "", {**figures, "near_mm": 1.0}))
    extra = random.choice(["bore", "cross", "keyway", "none"])
    if extra == "bore":
        depth = round(first * 0.9, 1)
        body = body.cut(turned_tool([(2.5, -1), (2.5, depth)]))
        hole = {"diameter_mm": 5.0, "depth_mm": depth, "thread_candidate": "M6"}
        known.append(Known("hole", (0, 0, 0), Z, "blind", hole))
    if extra == "cross":
        place = (0.0, 0.0, first / 2 + 3)
        body = body.cut(cq.Workplane("XZ").circle(1.5).extrude(60, both=True).translate(place))
        known.append(Known("hole", place, (0, 1, 0), "through", {"diameter_mm": 3.0}))
    if extra == "keyway":
        body = body.cut(
            cq.Workplane("YZ").center(0, first / 2 + 3.5).rect(4, 5).extrude(40).translate((d / 2 - 2, 0, 0))
        )
        known.append(Known("pocket", (d / 2 - 2, 0, first / 2 + 3.5), None, "closed", {"sharp_corners": 4}))
    turned = {"near_mm": 1e3, "length_mm": z, "diameter_mm": max(diameters)}
    known.append(Known("turned", (0, 0, 0), Z, "", turned))
    return Drawn(f"shaft, {extra}", body.val(), tuple(known), JUDGED)


def flange(random: Random) -> Drawn:
    """A disc with a bore, a circle of holes and a ring groove in its face."""
    outer, bore, thick = round(random.uniform(60, 90), 1), round(random.uniform(10, 16), 1), 14.0
    count, d = random.randint(3, 8), round(random.uniform(3, 6), 1)
    body = cq.Workplane().circle(outer / 2).circle(bore / 2).extrude(thick)
    body = body.faces(">Z").workplane().polarArray(outer / 2 - 6, 0, 360, count).hole(d)
    body = body.cut(cq.Workplane().circle(16).circle(13).extrude(5).translate((0, 0, thick - 2)))
    hole = {"diameter_mm": d, "depth_mm": thick, "group_size": count, "arrangement": "circle"}
    centres = cq.Workplane().polarArray(outer / 2 - 6, 0, 360, count).vals()
    known = [Known("hole", (*centre.toTuple()[0][:2], 0.0), Z, "through", hole) for centre in centres]
    known.append(Known("hole", (0, 0, 0), Z, "through", {"diameter_mm": bore, "depth_mm": thick}))
    face = {"location": "face", "width_mm": 3.0, "depth_mm": 2.0, "diameter_mm": 32.0, "near_mm": 100.0}
    known.append(Known("groove", (0, 0, thick - 2), Z, "", face))
    known.append(Known("turned", (0, 0, 0), Z, "", {"diameter_mm": outer, "length_mm": thick}))
    return Drawn("flange", body.val(), tuple(known), JUDGED)


def sleeve(random: Random) -> Drawn:
    """A bore with a groove inside: a stepped hole to the machinist."""
    outer, bore, long = round(random.uniform(40, 60), 1), round(random.uniform(16, 26), 1), 40.0
    deep = round(random.uniform(1, 3), 1)
    body = cq.Workplane().circle(outer / 2).circle(bore / 2).extrude(long)
    body = body.cut(cq.Workplane().circle(bore / 2 + deep).extrude(2.5).translate((0, 0, 20)))
    figures = {"location": "inner", "width_mm": 2.5, "depth_mm": deep, "diameter_mm": bore + 2 * deep}
    known = (
        Known("groove", (0, 0, 21.25), Z, "", {**figures, "near_mm": 1.0}),
        Known("hole", (0, 0, 0), Z, "counterbore", {"diameter_mm": bore, "depth_mm": long}),
        Known("turned", (0, 0, 0), Z, "", {"diameter_mm": outer, "length_mm": long}),
    )
    return Drawn("sleeve", body.val(), known, JUDGED)


def bossed_plate(random: Random) -> Drawn:
    """Round bosses on a plate, one of them drilled and one with a filleted foot."""
    d, high = round(random.uniform(8, 14), 1), round(random.uniform(5, 15), 1)
    body = cq.Workplane().box(90, 40, 16)
    for x in (-28.0, 0.0, 28.0):
        body = body.union(cq.Workplane().center(x, 0).circle(d / 2).extrude(high).translate((0, 0, 8)))
    body = body.cut(cq.Workplane().circle(2).extrude(100, both=True))
    body = body.edges(cq.selectors.BoxSelector((20, -10, 7.9), (36, 10, 8.1))).edges("%CIRCLE").fillet(1)
    known = [
        Known("boss", (x, 0, 8), Z, "", {"height_mm": high, "diameter_mm": d if x < 20 else None})
        for x in (-28.0, 0.0)
    ]
    known.append(Known("boss", (28, 0, 8), Z, "", {"height_mm": high}))
    known.append(Known("hole", (0, 0, 0), Z, "through", {"diameter_mm": 4.0, "depth_mm": 16 + high}))
    return Drawn("bossed plate", body.val(), tuple(known), JUDGED)


TURNED_PARTS: tuple[tuple[int, Callable[[Random], Drawn]], ...] = (
    (4, shaft),
    (1, flange),
    (1, sleeve),
    (1, bossed_plate),
)
"""How often each kind of part is made, by weight."""
