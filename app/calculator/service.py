"""The calculator's only asynchronous logic: from an upload to facts, by way of a child that may die."""

import asyncio
import os
import time
from collections import OrderedDict
from collections.abc import AsyncIterable
from dataclasses import replace
from typing import Any

import structlog
from pydantic import ValidationError

from app.calculator.catalog.catalog import Catalog
from app.calculator.children.life import ChildrenGone
from app.calculator.children.protocol import Ending, Limits, Outcome
from app.calculator.children.runner import Children
from app.calculator.config import CalculatorSettings
from app.calculator.errors import (
    Busy,
    CadInvalid,
    CadTooComplex,
    CadUnreadable,
    CalculatorError,
    FileTooLarge,
    UnsupportedFile,
)
from app.calculator.metrics import Metrics
from app.calculator.pipeline.quote import public_catalog, quote
from app.calculator.readers.base import format_of
from app.calculator.spool import Spooled, spool
from app.contract.formats import READABLE
from app.contract.geometry import PartFacts
from app.contract.pricing import Catalog as PublicCatalog
from app.contract.pricing import Price, PriceRequest

ANALYSE = "app.calculator.pipeline.analyse:analyse"
SURFACE_BYTES_PER_TRIANGLE = 50
"""The surface of a solid passes through a file in memory, in the layout of binary STL."""
PREPARE = ("app.calculator.pipeline.warm:warm_up",)

_REFUSALS: dict[str, type[CalculatorError]] = {
    error.code: error for error in (UnsupportedFile, CadUnreadable, CadInvalid, CadTooComplex)
}

log = structlog.get_logger(__name__)


class CalculatorService:
    """Analyses and prices. One child per content at a time; complete facts are kept by SHA-256."""

    def __init__(
        self, settings: CalculatorSettings, children: Children, catalog: Catalog, metrics: Metrics
    ) -> None:
        self.settings = settings
        self.children = children
        self.catalog = catalog
        self.metrics = metrics
        self._kept: OrderedDict[str, PartFacts] = OrderedDict()
        self._shared: dict[str, _Shared] = {}
        self._limits = limits_of(settings)

    @property
    def is_ready(self) -> bool:
        """A child has been born and has answered since the last start of the fork server."""
        return self.children.is_up

    def public_catalog(self) -> PublicCatalog:
        """The side of the catalogue that customers may see."""
        return public_catalog(self.catalog)

    def price(self, request: PriceRequest) -> Price:
        """The price of measured or given dimensions; microseconds, no geometry."""
        return quote(request, self.catalog)

    async def analyse(self, body: AsyncIterable[bytes], announced_bytes: int | None) -> PartFacts:
        """The facts of an uploaded file. Cancelling gives up the child unless somebody else waits for it.

        Raises ``FileTooLarge``, ``UnsupportedFile``, ``CadUnreadable``, ``CadInvalid``, ``CadTooComplex``
        and ``Busy``.
        """
        most_bytes = self.settings.max_file_bytes
        if announced_bytes is not None and announced_bytes > most_bytes:
            message = f"the file has more than {most_bytes} bytes"
            raise FileTooLarge(message)
        async with spool(body, most_bytes=most_bytes) as spooled:
            kept = self._kept.get(spooled.sha256)
            if kept is not None:
                self._kept.move_to_end(spooled.sha256)
                self.metrics.ended("kept")
                return kept
            self._check(spooled)
            return await self._share(spooled)

    def _check(self, spooled: Spooled) -> None:
        if not spooled.size_bytes:
            raise CadUnreadable("the file is empty")
        if format_of(spooled.file) is None:
            message = f"the content is not {READABLE}"
            raise UnsupportedFile(message)

    async def _share(self, spooled: Spooled) -> PartFacts:
        """Wait for the one analysis of this content; the last one to leave stops it."""
        shared = self._shared.get(spooled.sha256)
        if shared is None:
            self.children.check_room()
            shared = self._start(spooled)
            self._shared[spooled.sha256] = shared
        shared.waiting += 1
        try:
            return await asyncio.shield(shared.task)
        finally:
            shared.waiting -= 1
            if not shared.waiting:
                self._shared.pop(spooled.sha256, None)
                if not shared.task.done():
                    shared.task.cancel()
                    await asyncio.wait({shared.task})

    def _start(self, spooled: Spooled) -> "_Shared":
        """The analysis owns its file: the request that brought it may leave before another that joined."""
        own = replace(spooled, file=os.fdopen(os.dup(spooled.file.fileno()), "rb"))
        task = asyncio.create_task(self._run(own))

        def forget(task: asyncio.Task[PartFacts]) -> None:
            own.file.close()
            if not task.cancelled():
                task.exception()  # seen: everybody may have left

        task.add_done_callback(forget)
        return _Shared(task)

    async def _run(self, spooled: Spooled) -> PartFacts:
        arguments = {
            "max_triangles": self.settings.max_triangles,
            "max_entities": self.settings.max_entities,
        }
        started = time.perf_counter()
        outcome = await self._child(arguments, spooled)
        if outcome.ending is Ending.killed:
            outcome = await self._child(arguments, spooled)
        log.info(
            "analysed",
            sha256=spooled.sha256,
            size_bytes=spooled.size_bytes,
            ending=outcome.ending.value,
            seconds=round(time.perf_counter() - started, 4),
        )
        if outcome.ending is Ending.killed:
            raise Busy("the analysis was killed from outside, twice")
        facts = facts_of(outcome)
        if facts.complete:
            self._keep(spooled.sha256, facts)
        return facts

    async def _child(self, arguments: dict[str, Any], spooled: Spooled) -> Outcome:
        try:
            outcome = await self.children.run(ANALYSE, arguments, self._limits, spooled.file)
        except ChildrenGone as error:
            raise Busy("the geometry process is being started anew") from error
        self.metrics.ended(outcome.ending.value)
        return outcome

    def _keep(self, sha256: str, facts: PartFacts) -> None:
        self._kept[sha256] = facts
        while len(self._kept) > self.settings.cached_analyses:
            self._kept.popitem(last=False)


def limits_of(settings: CalculatorSettings) -> Limits:
    """What one child may use."""
    return Limits(
        wall_seconds=settings.wall_seconds,
        cpu_seconds=settings.cpu_seconds,
        memory_bytes=settings.memory_bytes,
        written_bytes=SURFACE_BYTES_PER_TRIANGLE * settings.max_triangles,
    )


class _Shared:
    """An analysis and how many wait for it."""

    def __init__(self, task: "asyncio.Task[PartFacts]") -> None:
        self.task = task
        self.waiting = 0


def facts_of(outcome: Outcome) -> PartFacts:
    """The child's facts, or the refusal that its end means; finished stages survive limits."""
    if outcome.ending is Ending.done:
        return _valid(outcome.answer)
    if outcome.ending is Ending.refused:
        refusal = _REFUSALS.get(str(outcome.answer.get("code")), CadUnreadable)
        raise refusal(str(outcome.answer.get("detail")))
    if outcome.stage is not None:
        return _valid(outcome.stage)
    if outcome.ending in {Ending.out_of_time, Ending.out_of_memory}:
        raise CadTooComplex("the limits of time or memory were reached before anything was known")
    if outcome.ending is Ending.failed:
        log.warning("child-failed", **_told(outcome.answer))
    raise CadUnreadable("the file brings the CAD kernel down")


def _told(answer: dict[str, Any]) -> dict[str, str]:
    return {"error": str(answer.get("error"))}


def _valid(answer: dict[str, Any]) -> PartFacts:
    try:
        return PartFacts.model_validate(answer)
    except ValidationError as error:
        raise CadUnreadable("the figures of the part are not finite numbers") from error
