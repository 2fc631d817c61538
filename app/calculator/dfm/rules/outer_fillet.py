"""Rounded outer edges: a chamfer is one pass, a fillet takes a form tool or many passes."""

from collections.abc import Iterator

from app.calculator.dfm.base import Limits, Part, Rule, Words, features, number
from app.contract.geometry import Finding

RECOMMENDED, FEASIBLE = "outer_fillets_recommended", "outer_fillets_feasible"
WORDS = Words(
    warning="outer-fillets",
    error="outer-fillets",
    fix="Break outer edges with a chamfer of 45 degrees.",
    unit="fillets",
    price_effect="Outer fillets are milled in many passes or with a form tool.",
)
MOST_FACES = 200


def check(part: Part, limits: Limits) -> Iterator[Finding]:
    """One finding for all of them."""
    outer = [one for one in part.features("fillet") if (one.__pydantic_extra__ or {}).get("convex") is True]
    broken = limits.above(len(outer), RECOMMENDED, FEASIBLE)
    if broken is not None:
        length = sum(number(fillet, "length_mm") or 0.0 for fillet in outer)
        faces = tuple(face for fillet in outer for face in fillet.face_ids)[:MOST_FACES]
        message = f"{len(outer)} outer edges are rounded, {length:.0f} mm altogether."
        yield WORDS.say(broken, len(outer), message, outer[0], face_ids=faces)


RULE = Rule("outer fillets", frozenset({RECOMMENDED, FEASIBLE}), features, check)
