"""Shapes of many kinds and sizes, always the same ones."""

import random
from collections.abc import Callable, Iterator
from typing import Any

import cadquery as cq

SEED = 7
OF_EACH = 5

Dice = random.Random
Shape = Callable[[Dice], Any]


def shapes() -> Iterator[tuple[str, Any]]:
    """Name and cadquery shape, several of every kind."""
    dice = random.Random(SEED)  # noqa: S311 - not for secrets
    for number in range(OF_EACH):
        for kind in KINDS:
            yield f"{kind.__name__.strip('_').replace('_', ' ')} {number + 1}", kind(dice)


def _block(dice: Dice) -> Any:  # noqa: ANN401 - cadquery has no types, here and below
    return cq.Workplane().box(dice.uniform(10, 80), dice.uniform(10, 80), dice.uniform(5, 60))


def _plate(dice: Dice) -> Any:  # noqa: ANN401
    return cq.Workplane().box(dice.uniform(40, 120), dice.uniform(30, 90), dice.uniform(2, 8))


def _cylinder(dice: Dice) -> Any:  # noqa: ANN401
    return cq.Workplane().cylinder(dice.uniform(8, 70), dice.uniform(6, 30))


def _tube(dice: Dice) -> Any:  # noqa: ANN401
    outer = dice.uniform(8, 30)
    return cq.Workplane().circle(outer).circle(outer - dice.uniform(1.2, 5)).extrude(dice.uniform(10, 80))


def _open_box(dice: Dice) -> Any:  # noqa: ANN401
    block = cq.Workplane().box(dice.uniform(30, 70), dice.uniform(30, 70), dice.uniform(20, 60))
    return block.faces(">Z").shell(-dice.uniform(1.5, 4))


def _bracket(dice: Dice) -> Any:  # noqa: ANN401
    wall, length, height = dice.uniform(3, 8), dice.uniform(30, 70), dice.uniform(20, 60)
    outline = [(0, 0), (length, 0), (length, wall), (wall, wall), (wall, height), (0, height)]
    return cq.Workplane("XZ").polyline(outline).close().extrude(dice.uniform(15, 60))


def _ball(dice: Dice) -> Any:  # noqa: ANN401
    return cq.Workplane().sphere(dice.uniform(10, 30))


def _cone(dice: Dice) -> Any:  # noqa: ANN401
    radius = dice.uniform(10, 30)
    return cq.Workplane().add(
        cq.Solid.makeCone(radius, radius * dice.uniform(0.1, 0.7), dice.uniform(15, 60))
    )


def _drilled_plate(dice: Dice) -> Any:  # noqa: ANN401
    plate = cq.Workplane().box(dice.uniform(45, 90), dice.uniform(45, 90), dice.uniform(8, 20))
    return plate.faces(">Z").workplane().rarray(18, 18, 2, 2).hole(dice.uniform(4, 9))


def _pocketed_block(dice: Dice) -> Any:  # noqa: ANN401
    block = cq.Workplane().box(dice.uniform(45, 80), dice.uniform(45, 80), dice.uniform(15, 30))
    top = block.faces(">Z").workplane()
    return top.rect(dice.uniform(20, 35), dice.uniform(20, 35)).cutBlind(-dice.uniform(5, 12))


def _comb(dice: Dice) -> Any:  # noqa: ANN401
    teeth = dice.randint(4, 9)
    base = cq.Workplane().box(60, 40, 4).faces(">Z").workplane()
    return base.rarray(60 / teeth, 1, teeth, 1).rect(dice.uniform(1.2, 2.5), 38).extrude(dice.uniform(10, 30))


def _stepped_shaft(dice: Dice) -> Any:  # noqa: ANN401
    radius = dice.uniform(10, 25)
    foot = cq.Workplane().circle(radius).extrude(dice.uniform(5, 20))
    return foot.faces(">Z").workplane().circle(radius * 0.6).extrude(dice.uniform(10, 40))


KINDS: tuple[Shape, ...] = (
    *(_block, _plate, _cylinder, _tube, _open_box, _bracket),
    *(_ball, _cone, _drilled_plate, _pocketed_block, _comb, _stepped_shaft),
)
