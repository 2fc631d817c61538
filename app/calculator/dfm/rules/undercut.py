"""Faces that no straight tool reaches."""

from collections.abc import Iterator

from app.calculator.dfm.base import Limits, Part, Rule, Words
from app.contract.geometry import Finding

RECOMMENDED, FEASIBLE = "unreached_share", "unreached_share_most"
WORDS = Words(
    warning="undercut",
    error="undercut-large",
    fix="Open the undercut towards a side, or divide the part.",
    unit="1",
    price_effect="Undercuts take T-slot cutters, more axes or spark erosion.",
)


def check(part: Part, limits: Limits) -> Iterator[Finding]:
    """The share of the area that is left when every useful direction has been tried."""
    access = part.facts.access
    assert access is not None
    broken = limits.above(access.unreached_share, RECOMMENDED, FEASIBLE)
    if broken is not None:
        message = f"{access.unreached_share:.1%} of the surface cannot be reached by a straight tool."
        yield WORDS.say(broken, access.unreached_share, message, face_ids=access.unreached_face_ids)


def _knows_access(part: Part) -> bool:
    return part.facts.access is not None


RULE = Rule("access of the tool", frozenset({RECOMMENDED, FEASIBLE}), _knows_access, check)
