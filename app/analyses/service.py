"""Facts on demand: known ones from the store, new ones from the calculator, once over all processes."""

import asyncio
from collections.abc import AsyncIterable, Awaitable, Callable
from dataclasses import dataclass
from functools import partial

from pydantic import ValidationError

from app.analyses.client import REFUSALS, GeometryClient
from app.analyses.errors import ANALYSIS_REFUSALS, CadUnreadable
from app.analyses.leases import Leases
from app.analyses.models import FACTS, Analysis
from app.analyses.repository import AnalysisRepository
from app.analyses.running import Running
from app.contract.geometry import FACTS_VERSION, PartFacts
from app.core.errors import Unavailable, UpstreamFailed, UpstreamTimeout
from app.core.storage import BlobMissing

NOT_NOW = (Unavailable, UpstreamTimeout, UpstreamFailed, BlobMissing)
"""What says nothing about the part."""


Charge = Callable[[], Awaitable[None]]
"""Counts a new part that is to be measured, or raises because there were enough."""


@dataclass(frozen=True)
class Content:
    """The bytes of a part: their digest, a name for people, and how to read them."""

    sha256: str
    name: str
    read: Callable[[], AsyncIterable[bytes]]


class AnalysisService:
    """Knows what was measured and has the rest measured."""

    def __init__(
        self, analyses: AnalysisRepository, client: GeometryClient, leases: Leases, running: Running
    ) -> None:
        self.analyses = analyses
        self.client = client
        self.leases = leases
        self.running = running

    async def known(self, sha256: str) -> Analysis | None:
        """What is known of this content, without asking anybody."""
        return await self.analyses.find(sha256)

    async def facts_of(
        self, content: Content, known: Analysis | None = None, *, charge: Charge | None = None
    ) -> PartFacts:
        """The facts of this content; ``known`` spares the look-up when the caller has it.

        Whoever measures it already is joined, in whichever process. Facts of an older analyser, and those
        that are not complete, are measured again: there may be more to know now. ``charge`` is called when
        a part of which nothing is known is really measured for this caller.

        Raises:
            CadUnreadable, CadInvalid, CadTooComplex: this content can have none.
            Unavailable, UpstreamTimeout, UpstreamFailed: the calculator cannot be asked.
            What ``charge`` raises.
        """
        analysis = known or await self.analyses.find(content.sha256)
        if analysis is not None and analysis.is_current:
            return facts_from(analysis)
        return await self.running.join((FACTS, content.sha256), partial(self._shared, content, charge))

    async def facts_within(
        self,
        seconds: float,
        content: Content,
        known: Analysis | None = None,
        *,
        charge: Charge | None = None,
    ) -> PartFacts | None:
        """The facts as soon as they are there, older ones when no better come in time, ``None`` for not yet.

        The measuring goes on. Raises only what the part itself is to blame for, and what ``charge`` raises.
        """
        try:
            async with asyncio.timeout(seconds):
                return await self.facts_of(content, known, charge=charge)
        except (TimeoutError, *NOT_NOW):
            return None if known is None or not is_readable(known) else facts_from(known)

    async def _shared(self, content: Content, charge: Charge | None) -> PartFacts:
        """Measure, or wait for the process that does; begin when it ends without an outcome."""
        while True:
            held = await self.leases.claim(content.sha256, FACTS)
            if held is not None:
                async with self.leases.kept(held):
                    return await self._unless_known(content, charge)
            outcome = await self._of_another(content.sha256)
            if outcome is not None:
                return facts_from(outcome)

    async def _of_another(self, sha256: str) -> Analysis | None:
        """What the process that is at it finds out, be it incomplete; ``None`` if it does not."""
        before = await self.analyses.find(sha256)
        await self.leases.wait(sha256, FACTS)
        after = await self.analyses.find(sha256)
        if after is None or after.is_current:
            return after
        return after if before is None or after.updated_at > before.updated_at else None

    async def _unless_known(self, content: Content, charge: Charge | None) -> PartFacts:
        analysis = await self.analyses.find(content.sha256)
        if analysis is not None and analysis.is_current:
            return facts_from(analysis)
        if analysis is None and charge is not None:
            await charge()
        return await self._measure(content)

    async def _measure(self, content: Content) -> PartFacts:
        try:
            facts = await self.client.analyse(content.read(), content.name)
        except ANALYSIS_REFUSALS as refusal:
            await self.analyses.keep_failure(content.sha256, refusal.code, refusal.detail)
            raise
        await self.analyses.keep_facts(content.sha256, facts)
        return facts


def is_readable(analysis: Analysis) -> bool:
    """Whether the outcome can be told; the facts of an older analyser may have another shape."""
    if analysis.facts is None or analysis.facts_version == FACTS_VERSION:
        return True
    try:
        PartFacts.model_validate(analysis.facts)
    except ValidationError:
        return False
    return True


def facts_from(analysis: Analysis) -> PartFacts:
    """The stored facts, or the stored refusal raised again with its original code."""
    if analysis.facts is not None:
        return PartFacts.model_validate(analysis.facts)
    raise REFUSALS.get(analysis.failure_code or "", CadUnreadable)(analysis.failure_message)
