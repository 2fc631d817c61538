"""What is found out about a part after its figures: one stage after the other, each of which may fail alone.

A stage is a row here: what a person calls its outcome, and a function from the part and the facts so far to
the facts it adds. What is finished when the time is up has been reported; what is missing is named.
"""

import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from app.calculator.analysis.missing import failed, incomplete
from app.calculator.geometry.part import DrawingPart, Part
from app.calculator.pipeline.body_stages import (
    measure_hollow,
    measure_hull,
    measure_moments,
    measure_overhangs,
)
from app.calculator.pipeline.feature_stage import recognise_features
from app.calculator.pipeline.ray_stages import (
    measure_access,
    measure_gap,
    measure_slenderness,
    measure_thickness,
)
from app.calculator.pipeline.scene import Scene
from app.contract.geometry import PartFacts

log = logging.getLogger(__name__)

Added = Mapping[str, Any]
"""Fields of ``PartFacts``; ``findings`` are added to those known."""


@dataclass(frozen=True)
class Stage:
    """``name`` completes the sentence "The time was up before these were known"."""

    name: str
    measure: Callable[[Scene, PartFacts], Added]


STAGES = (
    Stage("features", recognise_features),
    Stage("wall thickness", measure_thickness),
    Stage("smallest gap", measure_gap),
    Stage("tool access", measure_access),
    Stage("slender regions", measure_slenderness),
    Stage("convex hull", measure_hull),
    Stage("moments of inertia", measure_moments),
    Stage("overhangs", measure_overhangs),
    Stage("hollow space", measure_hollow),
)


def stages_of(part: Part) -> tuple[Stage, ...]:
    """What is asked about a part: a drawing has no surface, and all there is to know is measured at once."""
    return () if isinstance(part, DrawingPart) else STAGES


def grow(scene: Scene, facts: PartFacts) -> Iterator[PartFacts]:
    """The facts after every stage; the last ones are complete.

    ``facts`` are the figures, sure and complete in themselves; a fault in a stage costs what it would have
    added, never a figure.
    """
    stages = stages_of(scene.part)
    for index, stage in enumerate(stages):
        missing = incomplete(*(late.name for late in stages[index:]))
        yield facts.model_copy(update={"complete": False, "findings": (*facts.findings, missing)})
        added = _survived(stage, scene, facts)
        findings = (*facts.findings, *added.get("findings", ()))
        facts = facts.model_copy(update={**added, "findings": findings})
    yield facts.model_copy(update={"complete": True})


def _survived(stage: Stage, scene: Scene, facts: PartFacts) -> Added:
    try:
        return stage.measure(scene, facts)
    except MemoryError:
        raise
    except Exception:
        log.exception("stage-failed", extra={"stage": stage.name})
        return {"findings": (failed(stage.name),)}
