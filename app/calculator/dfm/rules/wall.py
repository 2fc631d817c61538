"""Walls thinner than the process can hold."""

from collections.abc import Iterator

from app.calculator.dfm.base import Limits, Part, Rule, Words, walls
from app.contract.geometry import Finding

RECOMMENDED, FEASIBLE = "wall_recommended_mm", "wall_feasible_mm"
WORDS = Words(
    warning="wall-thin",
    error="wall-too-thin",
    fix="Make the walls thicker.",
    unit="mm",
    price_effect="Thin walls need slower passes or break.",
)


def check(part: Part, limits: Limits) -> Iterator[Finding]:
    """Judges the fifth percentile of the thickness: the very minimum may be a ray that grazes an edge."""
    thickness = part.facts.thickness_mm
    assert thickness is not None
    broken = limits.below(thickness.p5, RECOMMENDED, FEASIBLE)
    if broken is not None:
        message = f"Walls are {thickness.p5:.2f} mm thick; the process needs {broken.limit:g} mm."
        faces = thickness.thinnest_face_ids
        yield WORDS.say(broken, thickness.p5, message, place=thickness.thinnest_place, face_ids=faces)


RULE = Rule("wall thickness", frozenset({RECOMMENDED, FEASIBLE}), walls, check)
