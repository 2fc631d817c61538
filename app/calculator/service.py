"""The calculator's only asynchronous logic: from an upload to facts, by way of a child that may die."""

import asyncio
import json
import os
import tempfile
import time
from collections import OrderedDict
from collections.abc import AsyncIterable, Callable, Coroutine
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from functools import partial
from typing import Any, BinaryIO, TypeVar

import structlog
from pydantic import ValidationError

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
from app.calculator.pipeline.compare import compare
from app.calculator.pipeline.quote import quote
from app.calculator.readers.base import format_of
from app.calculator.sharing import Sharing
from app.calculator.shelf import CatalogShelf
from app.calculator.spool import Spooled, spool
from app.contract.comparison import Comparison
from app.contract.formats import READABLE
from app.contract.geometry import PartFacts
from app.contract.pictures import PreviewQuery
from app.contract.pricing import CompareRequest, Price, PriceRequest

ANALYSE = "app.calculator.pipeline.analyse:analyse"
PREVIEW = "app.calculator.pipeline.pictures:preview"
MODEL = "app.calculator.pipeline.pictures:model"
_EVENTS = {ANALYSE: "analysed", PREVIEW: "drawn", MODEL: "modelled"}
NICENESS_OF_DRAWING = 5
"""Nobody waits for a picture as for a price: who draws has a third of the time of who measures."""
SURFACE_BYTES_PER_TRIANGLE = 50
"""The surface of a solid passes through a file in memory, in the layout of binary STL."""
PREPARE = ("app.calculator.pipeline.warm:warm_up",)

_REFUSALS: dict[str, type[CalculatorError]] = {
    error.code: error for error in (UnsupportedFile, CadUnreadable, CadInvalid, CadTooComplex)
}

log = structlog.get_logger(__name__)

Result = TypeVar("Result")


class CalculatorService:
    """Analyses, draws and prices. One child per content and wish at a time; complete facts are kept."""

    def __init__(
        self, settings: CalculatorSettings, children: Children, catalogs: CatalogShelf, metrics: Metrics
    ) -> None:
        self.settings = settings
        self.children = children
        self.catalogs = catalogs
        self.metrics = metrics
        self._kept: OrderedDict[str, PartFacts] = OrderedDict()
        self._analyses: Sharing[PartFacts] = Sharing()
        self._pictures: Sharing[bytes] = Sharing()
        self._limits = limits_of(settings)
        self._limits_of_drawing = replace(self._limits, niceness=NICENESS_OF_DRAWING)

    @property
    def is_ready(self) -> bool:
        """A child has been born and has answered since the last start of the fork server."""
        return self.children.is_up

    def compare(self, request: CompareRequest) -> Comparison:
        """The price of a part by every process and technology, or why there is none."""
        return compare(request, self.catalogs.get(request.catalog_version))

    def price(self, request: PriceRequest) -> Price:
        """The price of measured or given dimensions; microseconds, no geometry."""
        return quote(request, self.catalogs.get(request.catalog_version))

    async def analyse(self, body: AsyncIterable[bytes], announced_bytes: int | None) -> PartFacts:
        """The facts of an uploaded file. Cancelling gives up the child unless somebody else waits for it.

        Raises ``FileTooLarge``, ``UnsupportedFile``, ``CadUnreadable``, ``CadInvalid``, ``CadTooComplex``
        and ``Busy``.
        """
        async with self._upload(body, announced_bytes) as spooled:
            kept = self._kept.get(spooled.sha256)
            if kept is not None:
                self._kept.move_to_end(spooled.sha256)
                self.metrics.ended("kept")
                return kept
            _check(spooled)
            begin = partial(self._begin, spooled, self._analyse)
            return await self._analyses.join(spooled.sha256, begin)

    async def preview(
        self, body: AsyncIterable[bytes], announced_bytes: int | None, query: PreviewQuery
    ) -> bytes:
        """A PNG of an uploaded part. Cancels and raises as ``analyse`` does."""
        wanted = query.model_dump(mode="json", exclude={"name"})
        return await self._picture(body, announced_bytes, PREVIEW, {"query": wanted})

    async def model(self, body: AsyncIterable[bytes], announced_bytes: int | None) -> bytes:
        """A binary glTF of an uploaded part. Cancels and raises as ``analyse`` does."""
        arguments = {"most_bytes": self.settings.max_model_bytes}
        return await self._picture(body, announced_bytes, MODEL, arguments)

    async def _picture(
        self, body: AsyncIterable[bytes], announced_bytes: int | None, job: str, arguments: dict[str, Any]
    ) -> bytes:
        async with self._upload(body, announced_bytes) as spooled:
            _check(spooled)
            key = (spooled.sha256, job, json.dumps(arguments, sort_keys=True))
            begin = partial(self._begin, spooled, partial(self._draw, job, arguments))
            return await self._pictures.join(key, begin)

    def _upload(
        self, body: AsyncIterable[bytes], announced_bytes: int | None
    ) -> AbstractAsyncContextManager[Spooled]:
        most_bytes = self.settings.max_file_bytes
        if announced_bytes is not None and announced_bytes > most_bytes:
            message = f"the file has more than {most_bytes} bytes"
            raise FileTooLarge(message)
        return spool(body, most_bytes=most_bytes)

    def _begin(
        self, spooled: Spooled, work: Callable[[Spooled], Coroutine[Any, Any, Result]]
    ) -> "asyncio.Task[Result]":
        """The work owns its file: the request that brought it may leave before another that joined."""
        self.children.check_room()
        own = replace(spooled, file=os.fdopen(os.dup(spooled.file.fileno()), "rb"))
        task = asyncio.create_task(work(own))
        task.add_done_callback(lambda _: own.file.close())
        return task

    async def _analyse(self, spooled: Spooled) -> PartFacts:
        outcome = await self._child(ANALYSE, {}, spooled)
        facts = facts_of(outcome)
        if facts.complete:
            self._keep(spooled.sha256, facts)
        return facts

    async def _draw(self, job: str, arguments: dict[str, Any], spooled: Spooled) -> bytes:
        output = await asyncio.to_thread(tempfile.TemporaryFile)
        with output:
            outcome = await self._child(job, arguments, spooled, output)
            if outcome.ending is not Ending.done:
                raise refusal_of(outcome)
            output.seek(0)
            return await asyncio.to_thread(output.read)

    async def _child(
        self, job: str, arguments: dict[str, Any], spooled: Spooled, output: BinaryIO | None = None
    ) -> Outcome:
        """One child, and another if it was killed from outside, which is no verdict on the part."""
        everything = {
            "max_triangles": self.settings.max_triangles,
            "max_entities": self.settings.max_entities,
            **arguments,
        }
        files = {"file": spooled.file} if output is None else {"file": spooled.file, "output": output}
        started = time.perf_counter()
        outcome = await self._once(job, everything, files)
        if outcome.ending is Ending.killed:
            outcome = await self._once(job, everything, files)
        log.info(
            _EVENTS[job],
            sha256=spooled.sha256,
            size_bytes=spooled.size_bytes,
            ending=outcome.ending.value,
            seconds=round(time.perf_counter() - started, 4),
        )
        if outcome.ending is Ending.killed:
            raise Busy("the geometry child was killed from outside, twice")
        return outcome

    async def _once(self, job: str, arguments: dict[str, Any], files: dict[str, BinaryIO]) -> Outcome:
        limits = self._limits if job == ANALYSE else self._limits_of_drawing
        try:
            outcome = await self.children.run(job, arguments, limits, **files)
        except ChildrenGone as error:
            raise Busy("the geometry process is being started anew") from error
        count = self.metrics.ended if job == ANALYSE else self.metrics.drawn
        count(outcome.ending.value)
        return outcome

    def _keep(self, sha256: str, facts: PartFacts) -> None:
        self._kept[sha256] = facts
        while len(self._kept) > self.settings.cached_analyses:
            self._kept.popitem(last=False)


def limits_of(settings: CalculatorSettings) -> Limits:
    """What one child may use; what it writes is the surface of a solid, a picture or a model."""
    surface_bytes = SURFACE_BYTES_PER_TRIANGLE * settings.max_triangles
    return Limits(
        wall_seconds=settings.wall_seconds,
        cpu_seconds=settings.cpu_seconds,
        memory_bytes=settings.memory_bytes,
        written_bytes=max(surface_bytes, settings.max_model_bytes),
    )


def _check(spooled: Spooled) -> None:
    if not spooled.size_bytes:
        raise CadUnreadable("the file is empty")
    if format_of(spooled.file) is None:
        message = f"the content is not {READABLE}"
        raise UnsupportedFile(message)


def facts_of(outcome: Outcome) -> PartFacts:
    """The child's facts, or the refusal that its end means; finished stages survive limits."""
    if outcome.ending is Ending.done:
        return _valid(outcome.answer)
    if outcome.ending is not Ending.refused and outcome.stage is not None:
        return _valid(outcome.stage)
    raise refusal_of(outcome)


def refusal_of(outcome: Outcome) -> CalculatorError:
    """What it means for the part that a child did not come to its end."""
    if outcome.ending is Ending.refused:
        refusal = _REFUSALS.get(str(outcome.answer.get("code")), CadUnreadable)
        return refusal(str(outcome.answer.get("detail")))
    if outcome.ending in {Ending.out_of_time, Ending.out_of_memory}:
        return CadTooComplex("the limits of time or memory were reached before anything was known")
    if outcome.ending is Ending.failed:
        log.warning("child-failed", error=str(outcome.answer.get("error")))
    return CadUnreadable("the file brings the CAD kernel down")


def _valid(answer: dict[str, Any]) -> PartFacts:
    try:
        return PartFacts.model_validate(answer)
    except ValidationError as error:
        raise CadUnreadable("the figures of the part are not finite numbers") from error
