"""Rules of a process on the facts of a part: no mesh, no money."""

from collections.abc import Iterator, Sequence

from app.calculator.dfm.base import Figures, Limits, Part, Rule
from app.calculator.dfm.grouping import grouped
from app.calculator.dfm.rules import RULES
from app.contract.geometry import Finding, PartFacts

NOT_JUDGED = "rule-not-judged"


def judge(facts: PartFacts, figures: Figures, rules: Sequence[Rule] = RULES) -> Iterator[Finding]:
    """What the process has to say about the part; a rule without its figures does not apply.

    Rules that apply but see nothing of what they judge are named by one last finding.
    """
    part, limits = Part(facts), Limits(figures)
    blind: list[str] = []
    for rule in rules:
        if not rule.figures & figures.keys():
            continue
        if rule.can_judge(part):
            yield from grouped(rule.check(part, limits))
        else:
            blind.append(rule.subject)
    if blind:
        yield _not_judged(facts, blind)


def _not_judged(facts: PartFacts, blind: list[str]) -> Finding:
    if not facts.complete:
        reason, fix = "the analysis is not complete", "Simplify the part, or have it looked at by a person."
    elif facts.faces is None:
        reason = f"a part in {facts.format.upper()} format does not show them surely"
        fix = "Send the part as a STEP solid."
    else:
        reason, fix = "they could not be measured on this part", "Have the part looked at by a person."
    return Finding(
        code=NOT_JUDGED,
        severity="info",
        message=f"These could not be judged, because {reason}: {', '.join(dict.fromkeys(blind))}.",
        fix=fix,
        value=len(blind),
        unit="rules",
    )
