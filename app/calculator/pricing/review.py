"""When a measured part may be priced, and when a person should look at the price first."""

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal

from app.calculator.errors import PartOutsideLimits
from app.calculator.pricing.choices import Choices
from app.calculator.pricing.leaf import NOTHING
from app.calculator.pricing.tree import Quote
from app.calculator.processes.base import Part, Plan, Process
from app.contract.geometry import Finding, PartFacts
from app.contract.pricing import Reason

OPTIONAL_GROUPS = frozenset({"covers", "certificates"})
"""Groups of lines that stand there because they were chosen, whatever they cost."""
GRADES = frozenset({"tolerance_id", "finish_id"})
"""Choices that say how exact and how smooth a part is to be."""
LARGEST_TOTAL = Decimal(10) ** 15


NO_AREA = Finding(
    code="no-sure-area",
    severity="error",
    message="The contours of the drawing enclose no sure area, so it cannot be priced.",
    fix="Close the outer contour and remove lines that lie on each other.",
)
NO_THICKNESS = Finding(
    code="drawing-without-volume",
    severity="error",
    message="A drawing shows no thickness, so it can only be cut from sheet of a given one.",
    fix="Ask for laser cutting or bending with params.thickness_mm, or send the part as a STEP solid.",
)


def refuse_unsure(facts: PartFacts, part: Part | None) -> Part:
    """The part, if it has a size and a volume.

    Raises ``PartOutsideLimits`` with the findings of the file otherwise: an unknown volume is never priced.
    """
    if part is not None:
        return part
    own = Finding(
        code="no-sure-volume",
        severity="error",
        message="The part has no sure size or volume, so it cannot be priced.",
        fix="Close the mesh, or send the part as a STEP solid.",
    )
    raise PartOutsideLimits("The part has no sure size or volume.", findings=[*facts.findings, own])


def refuse_undrawn(facts: PartFacts, part: Part | None, thickness_mm: Decimal | None) -> Part:
    """The flat part of a drawing; raises ``PartOutsideLimits`` without a thickness or without contours."""
    if part is not None:
        return part
    own = NO_THICKNESS if thickness_mm is None else NO_AREA
    raise PartOutsideLimits(own.message, findings=[*facts.findings, own])


def refuse_beyond(total: Decimal) -> None:
    """Raises ``PartOutsideLimits`` for a total that no message could carry: the facts must be absurd."""
    if total < LARGEST_TOTAL:
        return
    finding = Finding(
        code="beyond-pricing",
        severity="error",
        message="The part or the quantity is too large to be priced.",
        fix="Check the unit of the file and the quantity.",
    )
    raise PartOutsideLimits(finding.message, findings=[finding])


def reasons_for_review(
    facts: PartFacts | None, findings: Iterable[Finding], choices: Choices, plan: Plan
) -> tuple[Reason, ...]:
    """Why a person should look at this price before it binds; empty when there is no reason."""
    reasons = list(_of_facts(facts, choices.process)) if facts is not None else []
    cheapened = choices.process.cheapened_by(choices.params, measured=facts is not None)
    reasons += [
        Reason(code="cheapened-by-request", message=f"{name} stands in place of the shop's own figures.")
        for name in cheapened
    ]
    reasons += [
        Reason(code=finding.code, message=finding.message)
        for finding in findings
        if finding.severity == "error"
    ]
    if not plan.usual_stock:
        reasons.append(
            Reason(code="unusual-stock", message="The blank is larger than this form is usually sold.")
        )
    return tuple(reasons)


def _of_facts(facts: PartFacts, process: Process) -> Iterator[Reason]:
    if not facts.complete:
        yield Reason(code="analysis-incomplete", message="The time was up before everything was measured.")
    if not facts.watertight:
        yield Reason(code="not-watertight", message="The surface of the part is not closed.")
    if facts.bodies != 1:
        yield Reason(
            code="several-bodies", message=f"The file holds {facts.bodies} bodies, priced as one part."
        )
    if facts.triangles is not None and process.wants_exact_shape:
        yield Reason(
            code="mesh-without-features",
            message="A mesh shows no exact holes and faces; the time is estimated from its size and volume.",
        )


def more_for_the_same(priced: Quote, quantity: int) -> Iterator[Finding]:
    """Says which larger quantity costs no more, where a quantity band makes it so."""
    total = priced.total(quantity)
    if priced.uncapped(quantity) == total:
        return
    more = next(band.first for band in reversed(priced.catalog.bands) if priced.uncapped(band.first) == total)
    yield Finding(
        code="more-for-the-same-price",
        severity="info",
        message=f"{more} pieces cost the same as {quantity}.",
        fix=f"Order {more} pieces.",
        value=quantity,
        limit=more,
        unit="pieces",
    )


def at_no_cost(priced: Quote) -> Iterator[Finding]:
    """Which covers and papers were chosen and cost nothing, so that a line of nought has its reason."""
    for leaf in priced.leaves:
        if leaf.group in OPTIONAL_GROUPS and leaf.amount == NOTHING:
            yield Finding(
                code="included-at-no-cost",
                severity="info",
                message=f"{leaf.label.en} ({leaf.code}) is included at no cost.",
                fix="Nothing needs to be done.",
            )


def not_applied(process: Process, *, measured: bool, chosen: Mapping[str, object]) -> Iterator[Finding]:
    """What was chosen but does not change this price, so that nothing is dropped silently."""
    if not process.graded:
        for name in sorted(GRADES & chosen.keys()):
            yield Finding(
                code="choice-not-applied",
                severity="warning",
                message=f"{name} changes nothing here: this process alone does not keep {chosen[name]}.",
                fix="Ask for milling or turning where the grade matters, or agree on it with the shop.",
            )
    for name in sorted(process.ignores(measured=measured) & chosen.keys()):
        yield Finding(
            code="choice-not-applied",
            severity="info",
            message=f"{name} does not change this price.",
            fix="Nothing needs to be done.",
        )
