"""From the directions tools must come from to how often the part is clamped on a machine."""

from collections.abc import Sequence
from itertools import combinations

from app.calculator.processes.shape import Clampings

Floats = tuple[float, float, float]
ALONG = 0.98
"""Cosine from which two directions are one line (11 degrees)."""
ACROSS = 0.02
"""Cosine up to which they stand upright on each other (1 degree)."""
BOTH_SIDES = 2


def clampings_of(directions: Sequence[Floats]) -> Clampings | None:
    """How often the part is clamped; ``None`` where no direction is known.

    Three axes: once for every direction. Four: everything upright to the axis of the rotary table at once,
    the end it was held by and every other direction once more. Five: all but the side it was held by.
    """
    if not directions:
        return None
    three = len(directions)
    rotary = [cross for one, other in combinations(directions, 2) if (cross := _cross(one, other))]
    around = min((_outside(axis, directions) for axis in rotary), default=0)
    return Clampings(
        three=three,
        four=min(three, 1 + max(1, around)),
        five=min(three, BOTH_SIDES),
        axes=_axes(directions, rotary),
    )


def _axes(directions: Sequence[Floats], rotary: Sequence[Floats]) -> int:
    """Three where all directions stand upright on each other, four where one rotary axis explains them."""
    if all(_is_square(one, other) for one, other in combinations(directions, 2)):
        return 3
    explained = any(all(_is_square(axis, one) for one in directions) for axis in rotary)
    return 4 if explained else 5


def _outside(axis: Floats, directions: Sequence[Floats]) -> int:
    return sum(abs(_dot(axis, one)) > ACROSS for one in directions)


def _is_square(one: Floats, other: Floats) -> bool:
    cosine = abs(_dot(one, other))
    return cosine <= ACROSS or cosine >= ALONG


def _dot(one: Floats, other: Floats) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True))


def _cross(one: Floats, other: Floats) -> Floats | None:
    """The unit vector upright to both; ``None`` where they are one line."""
    if abs(_dot(one, other)) >= ALONG:
        return None
    x = one[1] * other[2] - one[2] * other[1]
    y = one[2] * other[0] - one[0] * other[2]
    z = one[0] * other[1] - one[1] * other[0]
    length = (x * x + y * y + z * z) ** 0.5
    return (x / length, y / length, z / length)
