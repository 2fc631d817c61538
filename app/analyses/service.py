"""Facts on demand: known ones from the store, new ones from the calculator."""

from collections.abc import AsyncIterable, Callable
from dataclasses import dataclass

from app.analyses.client import REFUSALS, GeometryClient
from app.analyses.errors import ANALYSIS_REFUSALS, CadUnreadable
from app.analyses.models import Analysis
from app.analyses.repository import AnalysisRepository
from app.contract.geometry import PartFacts


@dataclass(frozen=True)
class Content:
    """The bytes of a part: their digest, a name for people, and how to read them."""

    sha256: str
    name: str
    read: Callable[[], AsyncIterable[bytes]]


class AnalysisService:
    """Knows what was measured and has the rest measured."""

    def __init__(self, analyses: AnalysisRepository, client: GeometryClient) -> None:
        self.analyses = analyses
        self.client = client

    async def known(self, sha256: str) -> Analysis | None:
        """What is known of this content, without asking anybody."""
        return await self.analyses.find(sha256)

    async def facts_of(self, content: Content, known: Analysis | None = None) -> PartFacts:
        """The facts of this content; ``known`` spares the look-up when the caller has it.

        Incomplete facts are answered but not kept: the next caller may have more luck.

        Raises:
            CadUnreadable, CadInvalid, CadTooComplex: this content can have none.
            Unavailable, UpstreamTimeout, UpstreamFailed: the calculator cannot be asked.
        """
        analysis = known or await self.analyses.find(content.sha256)
        if analysis is not None:
            return facts_from(analysis)
        return await self._measure(content)

    async def _measure(self, content: Content) -> PartFacts:
        try:
            facts = await self.client.analyse(content.read(), content.name)
        except ANALYSIS_REFUSALS as refusal:
            await self.analyses.keep_failure(content.sha256, refusal.code, refusal.detail)
            raise
        if facts.complete:
            await self.analyses.keep_facts(content.sha256, facts)
        return facts


def facts_from(analysis: Analysis) -> PartFacts:
    """The stored facts, or the stored refusal raised again with its original code."""
    if analysis.facts is not None:
        return PartFacts.model_validate(analysis.facts)
    raise REFUSALS.get(analysis.failure_code or "", CadUnreadable)(analysis.failure_message)
