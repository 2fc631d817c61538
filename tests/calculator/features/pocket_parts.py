"""Parts with pockets and slots, and with steps that are none."""

from collections.abc import Callable
from random import Random
from typing import Any

import cadquery as cq

from tests.calculator.features.known import Drawn, Known, cut

JUDGED = frozenset({"hole", "pocket"})
CELL = 40.0
HEIGHT = 24.0


def _cutter(length: float, width: float, height: float, radius: float) -> Any:
    tool = cq.Workplane().rect(length, width).extrude(height)
    return tool.edges("|Z").fillet(radius) if radius else tool


def closed_pocket(random: Random) -> tuple[Any, Known]:
    length, width = random.uniform(14, 30), random.uniform(12, 26)
    depth, radius = round(random.uniform(3, 14), 1), random.choice([0.0, 1.5, 2.5, 4.0])
    tool = _cutter(length, width, HEIGHT, radius)
    floor = random.choice([0.0, 0.0, 1.0]) if radius else 0.0
    if floor:
        tool = tool.faces("<Z").edges().fillet(floor)
    figures = {
        "depth_mm": depth,
        "corner_radius_mm": radius,
        "sharp_corners": 0 if radius else 4,
        "length_mm": max(length, width),
        "width_mm": min(length, width),
        "floor_radius_mm": floor or None,
    }
    return tool.translate((0, 0, HEIGHT / 2 - depth)), Known(
        "pocket", (0, 0, HEIGHT / 2 - depth), None, "closed", figures
    )


def closed_slot(random: Random) -> tuple[Any, Known]:
    width = round(random.uniform(4, 10), 1)
    length, depth = round(width + random.uniform(6, 18), 1), round(random.uniform(3, 10), 1)
    tool = cq.Workplane().slot2D(length, width, random.uniform(0, 180)).extrude(HEIGHT)
    figures = {"depth_mm": depth, "slot": True, "corner_radius_mm": width / 2, "width_mm": width}
    return tool.translate((0, 0, HEIGHT / 2 - depth)), Known(
        "pocket", (0, 0, HEIGHT / 2 - depth), None, "closed", figures
    )


def window(random: Random) -> tuple[Any, Known]:
    length, width, radius = random.uniform(14, 30), random.uniform(8, 20), random.choice([0.0, 2.0])
    tool = _cutter(length, width, 2 * HEIGHT, radius).translate((0, 0, -HEIGHT))
    figures = {"depth_mm": HEIGHT, "sharp_corners": 0 if radius else 4, "near_mm": HEIGHT}
    return tool, Known("pocket", (0, 0, 0), None, "through", figures)


def round_window(random: Random) -> tuple[Any, Known]:
    width = round(random.uniform(4, 10), 1)
    tool = (
        cq.Workplane()
        .slot2D(width + random.uniform(6, 18), width)
        .extrude(2 * HEIGHT)
        .translate((0, 0, -HEIGHT))
    )
    return tool, Known(
        "pocket", (0, 0, 0), None, "through", {"depth_mm": HEIGHT, "slot": True, "near_mm": HEIGHT}
    )


def island_pocket(random: Random) -> tuple[Any, Known]:
    depth = round(random.uniform(3, 10), 1)
    tool = _cutter(30, 28, HEIGHT, 3).cut(cq.Workplane().circle(random.uniform(2, 5)).extrude(HEIGHT))
    figures = {"depth_mm": depth, "corner_radius_mm": 3.0}
    return tool.translate((0, 0, HEIGHT / 2 - depth)), Known(
        "pocket", (0, 0, HEIGHT / 2 - depth), None, "closed", figures
    )


SUNK: tuple[Callable[[Random], tuple[Any, Known]], ...] = (
    closed_pocket,
    closed_pocket,
    closed_slot,
    window,
    round_window,
    island_pocket,
)


def pocketed_plate(random: Random) -> Drawn:
    """A pocket of some kind in every cell, and a hole in some floors."""
    columns = random.randint(1, 3)
    body = cq.Workplane().box(columns * CELL, CELL, HEIGHT).val()
    tools: list[Any] = []
    known: list[Known] = []
    for column in range(columns):
        x = (column + 0.5 - columns / 2) * CELL
        tool, sunk = random.choice(SUNK)(random)
        tools.append(tool.translate((x, 0, 0)).val())
        known.append(Known(sunk.kind, (x, 0, sunk.place[2]), None, sunk.label, sunk.figures))
    return Drawn("pocketed plate", cut(body, tools), tuple(known), JUDGED)


def drilled_pocket(random: Random) -> Drawn:
    """Holes in the floor of a pocket."""
    depth, d = round(random.uniform(4, 10), 1), round(random.uniform(2, 5), 1)
    body = (
        cq.Workplane()
        .box(60, 40, HEIGHT)
        .cut(_cutter(44, 28, HEIGHT, 4).translate((0, 0, HEIGHT / 2 - depth)))
    )
    body = body.faces("<Z").workplane().pushPoints([(-10, 0), (10, 5)]).hole(d)
    figures = {"depth_mm": depth, "corner_radius_mm": 4.0, "length_mm": 44.0, "width_mm": 28.0}
    known = [Known("pocket", (0, 0, HEIGHT / 2 - depth), None, "closed", figures)]
    hole = {"diameter_mm": d, "depth_mm": HEIGHT - depth}
    known += [Known("hole", (x, y, 0), (0, 0, 1), "through", hole) for x, y in ((-10.0, 0.0), (10.0, -5.0))]
    return Drawn("drilled pocket", body.val(), tuple(known), JUDGED)


def nested_pockets(random: Random) -> Drawn:
    """A pocket in the floor of a pocket."""
    first, second = round(random.uniform(3, 6), 1), round(random.uniform(3, 6), 1)
    body = (
        cq.Workplane()
        .box(60, 40, HEIGHT)
        .cut(_cutter(44, 30, HEIGHT, 4).translate((0, 0, HEIGHT / 2 - first)))
    )
    body = body.cut(_cutter(20, 14, HEIGHT, 2).translate((0, 0, HEIGHT / 2 - first - second)))
    known = (
        Known(
            "pocket", (0, 0, HEIGHT / 2 - first), None, "closed", {"depth_mm": first, "corner_radius_mm": 4.0}
        ),
        Known(
            "pocket",
            (0, 0, HEIGHT / 2 - first - second),
            None,
            "closed",
            {"depth_mm": second, "corner_radius_mm": 2.0},
        ),
    )
    return Drawn("nested pockets", body.val(), known, JUDGED)


def open_slots(random: Random) -> Drawn:
    """A channel across the part, and a slot that runs in from one side."""
    width, depth = round(random.uniform(5, 12), 1), round(random.uniform(3, 10), 1)
    body = cq.Workplane().box(80, 40, HEIGHT)
    body = body.cut(cq.Workplane().box(width, 60, HEIGHT).translate((-22, 0, HEIGHT - depth)))
    reach = 22.0
    corner = random.choice([0.0, 2.0])
    other = round(random.uniform(10, 16), 1)
    tool = cq.Workplane().rect(other, reach + 20).extrude(HEIGHT)
    tool = tool.edges("|Z and <Y").fillet(corner) if corner else tool
    body = body.cut(tool.translate((18, 20 - reach + (reach + 20) / 2, HEIGHT / 2 - 6)))
    known = (
        Known(
            "pocket",
            (-22, 0, HEIGHT / 2 - depth),
            None,
            "open",
            {"depth_mm": depth, "width_mm": width, "slot": True},
        ),
        Known(
            "pocket",
            (18, 20 - reach / 2, HEIGHT / 2 - 6),
            None,
            "open",
            {"depth_mm": 6.0, "corner_radius_mm": corner},
        ),
    )
    return Drawn("open slots", body.val(), known, JUDGED)


def steps_only(random: Random) -> Drawn:
    """Shoulders, bosses, rounded edges: nothing is sunk between walls."""
    body = cq.Workplane().box(60, 40, HEIGHT)
    body = body.cut(cq.Workplane().box(20, 60, HEIGHT).translate((30, 0, random.uniform(12, 18))))
    body = body.union(cq.Workplane().circle(random.uniform(4, 8)).extrude(HEIGHT).translate((-12, 0, 0)))
    body = body.edges("|Z and <X").fillet(random.uniform(2, 6)).faces("<Z").edges("|Y").chamfer(1)
    return Drawn("steps only", body.val(), (), JUDGED)


POCKET_PARTS: tuple[tuple[int, Callable[[Random], Drawn]], ...] = (
    (6, pocketed_plate),
    (2, drilled_pocket),
    (1, nested_pockets),
    (2, open_slots),
    (1, steps_only),
)
"""How often each kind of part is made, by weight."""
