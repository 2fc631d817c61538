"""Rules of a process on the facts of a part: no mesh, no money."""

from collections.abc import Iterator, Mapping
from decimal import Decimal

from app.calculator.dfm.hole import hole_findings
from app.calculator.dfm.wall import wall_findings
from app.contract.geometry import Finding, PartFacts


def judge(facts: PartFacts, figures: Mapping[str, Decimal]) -> Iterator[Finding]:
    """What the process has to say about the part; a rule without its figure does not apply."""
    yield from wall_findings(facts, figures)
    yield from hole_findings(facts, figures)
