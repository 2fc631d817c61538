"""Contours of a drawing that do not close: nobody knows what is inside."""

from collections.abc import Iterator

from app.calculator.dfm.base import Limits, Part, Rule, Words, always
from app.contract.geometry import Finding

RECOMMENDED, FEASIBLE = "open_contours_recommended", "open_contours_feasible"
WORDS = Words(
    warning="contour-open",
    error="contour-open",
    fix="Close the contours in the drawing, or delete what is no contour.",
    unit="contours",
    price_effect="Open contours cannot be cut.",
)


def check(part: Part, limits: Limits) -> Iterator[Finding]:
    """Only a drawing has contours."""
    drawing = part.facts.drawing
    broken = None if drawing is None else limits.above(drawing.open_contours, RECOMMENDED, FEASIBLE)
    if drawing is not None and broken is not None:
        yield WORDS.say(broken, drawing.open_contours, f"{drawing.open_contours} contours are not closed.")


RULE = Rule("open contours", frozenset({RECOMMENDED, FEASIBLE}), always, check)
