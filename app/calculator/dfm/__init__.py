"""Rules of a process on the facts of a part: no mesh, no money."""

from collections.abc import Iterator, Sequence

from app.calculator.dfm.base import Figures, Limits, Part, Rule
from app.calculator.dfm.grouping import grouped
from app.calculator.dfm.rules import RULES
from app.contract.geometry import Finding, PartFacts

NOT_JUDGED = "rule-not-judged"


class Rulebook:
    """What applies to a process: the rules it has figures for, and these figures."""

    def __init__(self, figures: Figures, rules: Sequence[Rule] = RULES) -> None:
        self._limits = Limits(figures)
        self._rules = [rule for rule in rules if rule.figures & figures.keys()]

    def judge(self, facts: PartFacts) -> Iterator[Finding]:
        """What the process has to say about the part.

        Rules that apply but see nothing of what they judge are named by one last finding.
        """
        part, blind = Part(facts), list[str]()
        for rule in self._rules:
            if rule.can_judge(part):
                yield from grouped(rule.check(part, self._limits))
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
