"""Features that cut into each other."""

from collections.abc import Callable
from random import Random
from typing import Any

import cadquery as cq

from tests.calculator.features.known import Drawn, Known, aimed, cut, turned_tool

JUDGED = frozenset({"hole", "pocket"})
UP = (0.0, 0.0, 1.0)
TOP = 10.0


def _block() -> Any:
    return cq.Workplane().box(80, 50, 2 * TOP)


def _drill(d: float, x: float, y: float) -> Any:
    return aimed(turned_tool([(d / 2, 40), (d / 2, -40)]), (x, y, 0), UP)


def hole_on_a_step(random: Random) -> Drawn:
    """The drill takes half its width from the wall of a shoulder."""
    d, x = round(random.uniform(4, 9), 1), random.uniform(-20, 20)
    body = _block().cut(cq.Workplane().box(80, 50, 8).translate((x + 40, 0, TOP)))
    known = Known("hole", (x + 0.3, 5, 0), UP, "through", {"diameter_mm": d})
    return Drawn("hole on a step", cut(body.val(), [_drill(d, x + 0.3, 5)]), (known,), JUDGED)


def slot_over_holes(random: Random) -> Drawn:
    """A channel narrower than the holes runs across their mouths."""
    d, width = round(random.uniform(8, 12), 1), round(random.uniform(3, 6), 1)
    body = _block().cut(cq.Workplane().box(100, width, 8).translate((0, 0, TOP)))
    places = [(-20.0, 0.0), (20.0, 0.0)]
    known = [Known("hole", (x, y, 0), UP, "through", {"diameter_mm": d}) for x, y in places]
    return Drawn(
        "slot over holes",
        cut(body.val(), [_drill(d, x, y) for x, y in places]),
        tuple(known),
        frozenset({"hole"}),
    )


def hole_in_a_pocket_wall(random: Random) -> Drawn:
    """A hole half in the floor and half in the wall of a pocket."""
    d, depth = round(random.uniform(4, 8), 1), round(random.uniform(3, 8), 1)
    cutter = cq.Workplane().rect(40, 26).extrude(30).edges("|Z").fillet(4).translate((0, 0, TOP - depth))
    known = [Known("hole", (20.2, 0, 0), UP, "through", {"diameter_mm": d})]
    body = cut(_block().cut(cutter).val(), [_drill(d, 20.2, 0)])
    known.append(Known("pocket", (0, 0, TOP - depth), None, "closed", {"depth_mm": depth, "near_mm": 5.0}))
    return Drawn("hole in a pocket wall", body, tuple(known), JUDGED)


def crossed_channels(random: Random) -> Drawn:
    """Two channels of one depth that cross are one open region."""
    width, depth = round(random.uniform(5, 10), 1), round(random.uniform(3, 8), 1)
    body = _block()
    for box in (cq.Workplane().box(100, width, 2 * depth), cq.Workplane().box(width, 100, 2 * depth)):
        body = body.cut(box.translate((0, 0, TOP)))
    known = Known("pocket", (0, 0, TOP - depth), None, "open", {"depth_mm": depth})
    return Drawn("crossed channels", body.val(), (known,), JUDGED)


def stepped_pocket(random: Random) -> Drawn:
    """Two pockets of different depth that overlap are one, as deep as the deeper."""
    first, second = round(random.uniform(3, 5), 1), round(random.uniform(7, 12), 1)
    body = _block()
    for x, depth in ((-8, first), (12, second)):
        cutter = cq.Workplane().rect(30, 20).extrude(30).edges("|Z").fillet(3)
        body = body.cut(cutter.translate((x, 0, TOP - depth)))
    figures = {"depth_mm": second, "corner_radius_mm": 3.0, "near_mm": 25.0}
    return Drawn(
        "stepped pocket",
        body.val(),
        (Known("pocket", (0, 0, TOP - second), None, "closed", figures),),
        JUDGED,
    )


def hole_through_a_fillet(random: Random) -> Drawn:
    """The mouth lies partly on a rounded edge."""
    d = round(random.uniform(4, 8), 1)
    body = _block().edges(">X and |Y").fillet(6)
    known = Known("hole", (35, 0, 0), UP, "through", {"diameter_mm": d})
    return Drawn("hole through a fillet", cut(body.val(), [_drill(d, 35, 0)]), (known,), JUDGED)


def bore_into_a_bore(random: Random) -> Drawn:
    """A blind flat hole from the side whose bottom lies inside a vertical bore."""
    d, small = round(random.uniform(12, 20), 1), round(random.uniform(3, 7), 1)
    side = aimed(turned_tool([(small / 2, 1), (small / 2, -40)]), (40, 0, 0), (1, 0, 0))
    known = (
        Known("hole", (0, 0, 0), UP, "through", {"diameter_mm": d, "depth_mm": 2 * TOP}),
        Known("hole", (20, 0, 0), (1, 0, 0), "through", {"diameter_mm": small}),
    )
    return Drawn("bore into a bore", cut(_block().val(), [_drill(d, 0, 0), side]), known, JUDGED)


def broken_holes(random: Random) -> Drawn:
    """A hole that breaks out of the side, two that overlap, and a bore with a keyway."""
    d = round(random.uniform(7, 10), 1)
    places = [(40 - 0.3 * d, 10.0), (-20 - 0.3 * d, 10.0), (-20 + 0.3 * d, 10.0), (10.0, -8.0)]
    keyway = cq.Workplane().rect(0.3 * d, d).extrude(60, both=True).translate((10, -8 + 0.3 * d, 0)).val()
    known = [
        Known("hole", (x, y, 0), UP, "through", {"diameter_mm": d, "depth_mm": 2 * TOP, "breaks_out": True})
        for x, y in places
    ]
    tools = [*(_drill(d, x, y) for x, y in places), keyway]
    return Drawn("broken holes", cut(_block().val(), tools), tuple(known), frozenset({"hole"}))


TOUCHING_PARTS: tuple[tuple[int, Callable[[Random], Drawn]], ...] = (
    (1, hole_on_a_step),
    (1, slot_over_holes),
    (1, hole_in_a_pocket_wall),
    (1, crossed_channels),
    (1, stepped_pocket),
    (1, hole_through_a_fillet),
    (1, bore_into_a_bore),
    (1, broken_holes),
)
"""How often each kind of part is made, by weight."""
