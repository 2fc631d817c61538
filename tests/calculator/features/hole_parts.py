"""Parts with holes of every kind, and parts with what looks like one."""

from collections.abc import Callable
from math import radians, sin, tan
from random import Random
from typing import Any

import cadquery as cq

from tests.calculator.features.known import Drawn, Known, Point, aimed, cut, turned_tool

TAPS = {"M3": 2.5, "M4": 3.3, "M5": 4.2, "M6": 5.0, "M8": 6.8, "M10": 8.5, "M12x1.25": 10.8}
Tool = tuple[Any, str, dict[str, Any]]
OVER = 0.5
"""Tools stand this much above the surface."""


def through(random: Random, thickness: float) -> Tool:
    d = round(random.uniform(1.5, 11), 1)
    tool = turned_tool([(d / 2, OVER), (d / 2, -thickness - OVER)])
    return tool, "through", {"diameter_mm": d, "depth_mm": thickness}


def tapped(random: Random, thickness: float) -> Tool:
    thread = random.choice(sorted(TAPS))
    d = TAPS[thread]
    tool = turned_tool([(d / 2, OVER), (d / 2, -thickness - OVER)])
    return tool, "through", {"diameter_mm": d, "depth_mm": thickness, "thread_candidate": thread}


def blind_flat(random: Random, thickness: float) -> Tool:
    d, depth = round(random.uniform(2, 11), 1), round(random.uniform(0.2, 0.7) * thickness, 1)
    tool = turned_tool([(d / 2, OVER), (d / 2, -depth)])
    return tool, "blind", {"diameter_mm": d, "depth_mm": depth, "tip": "flat"}


def blind_drilled(random: Random, thickness: float) -> Tool:
    d, depth = round(random.uniform(2, 8), 1), round(random.uniform(0.3, 0.6) * thickness, 1)
    angle = random.choice([118, 120, 135, 140])
    point = d / 2 / tan(radians(angle / 2))
    tool = turned_tool([(d / 2, OVER), (d / 2, -depth), (0, -depth - point)])
    figures = {"diameter_mm": d, "depth_mm": depth, "tip": "conical", "tip_angle_deg": angle}
    return tool, "blind", figures


def blind_ball(random: Random, thickness: float) -> Tool:
    d, depth = round(random.uniform(3, 8), 1), round(random.uniform(0.3, 0.5) * thickness, 1)
    tool = turned_tool([(d / 2, OVER), (d / 2, -depth)]).union(
        cq.Workplane().sphere(d / 2).translate((0, 0, -depth))
    )
    return tool, "blind", {"diameter_mm": d, "depth_mm": depth, "tip": "round"}


def counterbored(random: Random, thickness: float) -> Tool:
    d = round(random.uniform(2, 6.5), 1)
    wide, deep = round(d * random.uniform(1.5, 2.0), 1), round(random.uniform(0.15, 0.5) * thickness, 1)
    tool = turned_tool([(wide / 2, OVER), (wide / 2, -deep), (d / 2, -deep), (d / 2, -thickness - OVER)])
    figures = {
        "diameter_mm": d,
        "depth_mm": thickness,
        "counterbore_diameter_mm": wide,
        "counterbore_depth_mm": deep,
    }
    return tool, "counterbore", figures


def countersunk(random: Random, thickness: float) -> Tool:
    d, angle = round(random.uniform(2, 5.5), 1), random.choice([82, 90, 100])
    wide = round(2 * d, 1)
    slope = tan(radians(angle / 2))
    deep = (wide - d) / 2 / slope
    tool = turned_tool([(wide / 2 + OVER * slope, OVER), (d / 2, -deep), (d / 2, -thickness - OVER)])
    figures = {
        "diameter_mm": d,
        "depth_mm": thickness,
        "countersink_diameter_mm": wide,
        "countersink_angle_deg": angle,
    }
    return tool, "countersink", figures


def chamfered(random: Random, thickness: float) -> Tool:
    d = round(random.uniform(5, 10), 1)
    tool = turned_tool([(d / 2 + 0.5 + OVER, OVER), (d / 2, -0.5), (d / 2, -thickness - OVER)])
    return tool, "through", {"diameter_mm": d, "depth_mm": thickness}


def stepped(random: Random, thickness: float) -> Tool:
    d = round(random.uniform(2, 4), 1)
    first, second = round(d * 2.5, 1), round(d * 1.6, 1)
    one, two = round(0.2 * thickness, 1), round(0.45 * thickness, 1)
    tool = turned_tool(
        [
            (first / 2, OVER),
            (first / 2, -one),
            (second / 2, -one),
            (second / 2, -two),
            (d / 2, -two),
            (d / 2, -thickness - OVER),
        ]
    )
    return tool, "counterbore", {"diameter_mm": d, "depth_mm": thickness}


def blind_counterbored(random: Random, thickness: float) -> Tool:
    d = round(random.uniform(2, 5), 1)
    wide, deep, all_deep = round(d * 1.8, 1), round(0.2 * thickness, 1), round(0.6 * thickness, 1)
    tool = turned_tool([(wide / 2, OVER), (wide / 2, -deep), (d / 2, -deep), (d / 2, -all_deep)])
    return tool, "counterbore", {"diameter_mm": d, "depth_mm": all_deep}


KINDS: tuple[Callable[[Random, float], Tool], ...] = (
    through,
    tapped,
    blind_flat,
    blind_drilled,
    blind_ball,
    counterbored,
    countersunk,
    chamfered,
    stepped,
    blind_counterbored,
)
CELL = 16.0


def drilled_block(random: Random) -> Drawn:
    """Holes of all kinds from all six sides of a block, each in a cell of its own."""
    columns, rows = random.randint(1, 4), random.randint(1, 3)
    thickness = round(random.uniform(14, 24), 1)
    body = cq.Workplane().box(columns * CELL, rows * CELL, thickness).val()
    up = random.choice([1.0, -1.0])
    tools, known = [], []
    for column in range(columns):
        for row in range(rows):
            if random.random() < 0.15:
                continue
            x, y = ((column + 0.5 - columns / 2) * CELL, (row + 0.5 - rows / 2) * CELL)
            place, side = (x, y, up * thickness / 2), (0.0, 0.0, up)
            tool, kind, figures = random.choice(KINDS)(random, thickness)
            tools.append(aimed(tool, place, side))
            known.append(Known("hole", place, side, kind, figures))
    return Drawn("drilled block", cut(body, tools), tuple(known))


def slanted_holes(random: Random) -> Drawn:
    """Through holes at an angle: mouths are ellipses."""
    body = cq.Workplane().box(60, 40, 15).val()
    tools, known = [], []
    for x in (-20.0, 0.0, 20.0):
        lean = radians(random.uniform(5, 40)) * random.choice([1, -1])
        d = round(random.uniform(2, 6), 1)
        direction: Point = (sin(lean), 0.0, (1 - sin(lean) ** 2) ** 0.5)
        place = (x, random.uniform(-10, 10), 0.0)
        tools.append(aimed(turned_tool([(d / 2, 40), (d / 2, -40)]), place, direction))
        known.append(Known("hole", place, direction, "through", {"diameter_mm": d}))
    return Drawn("slanted holes", cut(body, tools), tuple(known))


def crossing_holes(random: Random) -> Drawn:
    """Bores that meet at right angles; one is narrower, as wide, or ends in the other."""
    body = cq.Workplane().box(50, 40, 30).val()
    wide = round(random.uniform(6, 12), 1)
    narrow = wide if random.random() < 0.2 else round(wide * random.uniform(0.3, 0.8), 1)
    across = aimed(turned_tool([(wide / 2, 30), (wide / 2, -30)]), (0, 0, 0), (1, 0, 0))
    known = [Known("hole", (0, 0, 0), (1, 0, 0), "through", {"diameter_mm": wide, "depth_mm": 50.0})]
    ends_inside = narrow < wide and random.random() < 0.5
    reach = 0.0 if ends_inside else -30.0
    down = aimed(turned_tool([(narrow / 2, 30), (narrow / 2, reach)]), (8, 0, 0), (0, 0, 1))
    pieces = 1 if ends_inside or narrow == wide else 2
    for piece in range(pieces):
        place = (8.0, 0.0, 12.0 - 24 * piece)
        known.append(Known("hole", place, (0, 0, 1), "through", {"diameter_mm": narrow}))
    return Drawn("crossing holes", cut(body, [across, down]), tuple(known))


def fork(random: Random) -> Drawn:
    """One drill through two lugs: two walls, a hole in each."""
    gap, lug, d = random.uniform(8, 20), random.uniform(4, 8), round(random.uniform(3, 9), 1)
    width = gap + 2 * lug
    body = cq.Workplane().box(width, 20, 30).cut(cq.Workplane().box(gap, 30, 30).translate((0, 0, 10)))
    tool = aimed(turned_tool([(d / 2, 60), (d / 2, -60)]), (0, 0, 8), (1, 0, 0))
    known = tuple(
        Known(
            "hole", (side * (gap + lug) / 2, 0, 8), (1, 0, 0), "through", {"diameter_mm": d, "depth_mm": lug}
        )
        for side in (1, -1)
    )
    return Drawn("fork", cut(body.val(), [tool]), known)


def two_halves(random: Random) -> Drawn:
    """The seam of two halves runs through the holes: every wall is two half cylinders."""
    body = cq.Workplane().box(60, 20, 12).val()
    tools, known = [], []
    for x in (-20.0, 0.0, 20.0):
        tool, kind, figures = random.choice([through, blind_flat, counterbored])(random, 12.0)
        tools.append(aimed(tool, (x, 0, 6), (0, 0, 1)))
        known.append(Known("hole", (x, 0, 6), (0, 0, 1), kind, figures))
    part = cut(body, tools)
    left = part.intersect(cq.Workplane().box(100, 50, 50).translate((0, 25, 0)).val())
    right = part.intersect(cq.Workplane().box(100, 50, 50).translate((0, -25, 0)).val())
    return Drawn("two halves", left.fuse(right), tuple(known))


def no_holes(random: Random) -> Drawn:
    """Round things that are no holes: corners, slot ends, fillets, bosses, notches, ring grooves."""
    body = cq.Workplane().box(80, 50, 16)
    body = body.edges("|Z").fillet(random.uniform(2, 6))
    body = (
        body.faces(">Z")
        .workplane()
        .center(-22, 8)
        .slot2D(random.uniform(16, 24), random.uniform(4, 8))
        .cutBlind(-6)
    )
    body = body.faces("<Z").workplane().center(20, 0).rect(20, 16).cutBlind(-5)
    body = (
        body.edges(cq.selectors.BoxSelector((5, -15, -8), (35, 15, -3)))
        .edges("|Z")
        .fillet(random.uniform(1.5, 4))
    )
    body = body.union(cq.Workplane().circle(random.uniform(3, 6)).extrude(14).translate((20, 10, 0)))
    body = body.cut(cq.Workplane().circle(5).extrude(40).translate((0, 26, -20)))
    ring = cq.Workplane().circle(8).circle(5).extrude(4).translate((-20, -12, 5))
    return Drawn("no holes", body.cut(ring).val(), ())


HOLE_PARTS: tuple[tuple[int, Callable[[Random], Drawn]], ...] = (
    (10, drilled_block),
    (2, slanted_holes),
    (3, crossing_holes),
    (1, fork),
    (2, two_halves),
    (2, no_holes),
)
"""How often each kind of part is made, by weight."""
