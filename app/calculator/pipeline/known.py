"""What follows from the facts of a part, remembered while the same part is asked about.

One part is priced in many quantities, compared by many processes and varied in many ways. Whether its facts
are one object all the while or come anew with each request: equal content means the same part.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Mapping
from decimal import Decimal
from functools import cached_property

from app.calculator.dfm import Rulebook
from app.calculator.pipeline.digest import digest_of
from app.calculator.pipeline.part import part_of_drawing, part_of_facts
from app.calculator.pricing.drafts import Made
from app.calculator.pricing.recent import Recent, Same
from app.calculator.processes.base import Part
from app.contract.geometry import Finding, PartFacts

MOST_PARTS = 32
MOST_BYTES = 500_000
"""Parts that are remembered, and how long the text of their facts may be together."""
MOST_JUDGEMENTS = 16
"""Processes whose findings on a part are remembered."""
MOST_RULEBOOKS = 32
"""Processes and technologies whose rules are remembered."""


class KnownPart:
    """A part by its facts."""

    def __init__(self, facts: PartFacts, size_bytes: int) -> None:
        self.facts = facts
        self.size_bytes = size_bytes
        self.made = Made()
        self._findings: Recent[tuple[Finding, ...]] = Recent(MOST_JUDGEMENTS)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of what was measured; how long that took is no part of it."""
        return digest_of(self.facts.model_dump(mode="json", exclude={"seconds"}))

    def part(self, thickness_mm: Decimal | None) -> Part | None:
        """Its exact figures, those of a drawing with this thickness; ``None`` where they are not sure."""
        if self.facts.drawing is not None:
            return part_of_drawing(self.facts, thickness_mm)
        return self._solid

    @cached_property
    def _solid(self) -> Part | None:
        return part_of_facts(self.facts)

    def findings(self, figures: Mapping[str, Decimal]) -> tuple[Finding, ...]:
        """What the rules of a process say about it."""
        rules = RULEBOOKS.get(Same(figures), lambda: Rulebook(figures))
        return self._findings.get(Same(figures), lambda: tuple(rules.judge(self.facts)))


class KnownParts:
    """Parts by the content of their facts, bounded by number and by size."""

    def __init__(self, most: int = MOST_PARTS, most_bytes: int = MOST_BYTES) -> None:
        self._most = most
        self._most_bytes = most_bytes
        self._kept: OrderedDict[bytes, KnownPart] = OrderedDict()
        self._size_bytes = 0
        self._last: tuple[PartFacts, KnownPart] | None = None

    def of(self, facts: PartFacts) -> KnownPart:
        """The part of these facts; one too large to be kept is known until another is asked for."""
        if self._last is not None and self._last[0] is facts:
            return self._last[1]
        text = facts.model_dump_json(exclude={"seconds"}).encode()
        key = hashlib.sha256(text).digest()
        known = self._kept.get(key)
        if known is None:
            known = self._keep(key, KnownPart(facts, len(text)))
        else:
            self._kept.move_to_end(key)
        self._last = (facts, known)
        return known

    def _keep(self, key: bytes, known: KnownPart) -> KnownPart:
        self._kept[key] = known
        self._size_bytes += known.size_bytes
        while len(self._kept) > self._most or self._size_bytes > self._most_bytes:
            _, oldest = self._kept.popitem(last=False)
            self._size_bytes -= oldest.size_bytes
        return known


RULEBOOKS: Recent[Rulebook] = Recent(MOST_RULEBOOKS)
"""Those of this process."""
PARTS = KnownParts()
"""Those of this process: every price of a measured part goes by them."""
