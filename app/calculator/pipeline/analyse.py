"""A file becomes facts. Runs in a child of its own: it imports the CAD kernel, which may hang or die."""

import logging
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from app.calculator.analysis.mesh import measure_mesh
from app.calculator.analysis.solid import measure_solid
from app.calculator.errors import UnsupportedFile
from app.calculator.features import MOST_FEATURES, recognise
from app.calculator.geometry.part import MeshPart, Part, SolidPart
from app.calculator.readers.base import Reader, ReadLimits, format_of
from app.calculator.readers.step import read_step
from app.calculator.readers.stl import read_stl
from app.contract.geometry import Feature, Finding, PartFacts

log = logging.getLogger(__name__)

READERS: dict[str, Reader] = {"step": read_step, "stl": read_stl}


def analyse(
    report: Callable[[dict[str, Any]], None], path: Path, *, max_triangles: int, max_entities: int
) -> dict[str, Any]:
    """The facts of the file as plain data; what is known earlier is reported on the way.

    Raises ``UnsupportedFile``, ``CadUnreadable``, ``CadInvalid`` or ``CadTooComplex``.
    """
    started = time.perf_counter()
    facts: dict[str, Any] = {}
    for measured in measure(path, ReadLimits(max_triangles, max_entities)):
        facts = measured.model_copy(update={"seconds": time.perf_counter() - started}).model_dump(mode="json")
        if not measured.complete:
            report(facts)
    return facts


def measure(path: Path, limits: ReadLimits) -> Iterator[PartFacts]:
    """Facts that grow; the last ones are complete."""
    with path.open("rb") as file:
        kind = format_of(file)
    if kind is None:
        raise UnsupportedFile("the content is neither STEP nor STL")
    part: Part = READERS[kind](path, limits)
    return measure_mesh(part) if isinstance(part, MeshPart) else _measure_and_recognise(part)


def _measure_and_recognise(part: SolidPart) -> Iterator[PartFacts]:
    """The figures of the solid first, so that they survive whatever recognition meets."""
    facts = None
    for facts in measure_solid(part):
        if not facts.complete:
            yield facts
    assert facts is not None
    yield facts.model_copy(update={"complete": False, "findings": (*facts.findings, _late())})
    yield _recognised(facts, part)


def _recognised(facts: PartFacts, part: SolidPart) -> PartFacts:
    """Features and what is to be said about them; a fault in recognition costs features, never figures."""
    failed: list[str] = []
    features: tuple[Feature, ...] = ()
    try:
        features = recognise(part.shape, failed.append)
    except MemoryError:
        raise
    except Exception:
        log.exception("features-failed")
        failed.append("all")
    remarks = (_failed(),) if failed else ()
    if len(features) >= MOST_FEATURES:
        remarks = (*remarks, _many())
    return facts.model_copy(update={"features": features, "findings": (*facts.findings, *remarks)})


def _many() -> Finding:
    return Finding(
        code="features-many",
        severity="warning",
        message=f"Only the first {MOST_FEATURES} features are listed.",
        fix="Have the machining time checked by a person.",
        value=MOST_FEATURES,
        limit=MOST_FEATURES,
        unit="features",
    )


def _late() -> Finding:
    return Finding(
        code="features-missing",
        severity="warning",
        message="The time was up before holes and other features were recognised.",
        fix="Simplify the part (fewer free-form faces) or ask for a manual quote.",
    )


def _failed() -> Finding:
    return Finding(
        code="features-failed",
        severity="warning",
        message="Some features of this part could not be recognised.",
        fix="The figures are sure; have the machining time checked by a person.",
    )
