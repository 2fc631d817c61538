"""Set-ups: programming, clamping, presetting tools, the first piece; loading and tool changes."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from app.calculator.processes import labels
from app.calculator.processes.base import ONE, ZERO, Job, Measured, Recognised, Step
from app.calculator.processes.cutting import hours, params_of
from app.calculator.processes.surfaces import complexity_of

FIGURES = frozenset(
    {
        "programming_hours",
        "programming_setup_hours",
        "programming_feature_hours",
        "programming_free_hours",
        "free_share",
        "hours_per_setup",
        "preset_minutes",
        "first_piece_minutes",
        "loading_minutes",
        "tool_change_minutes",
    }
)
MEASURED_KINDS = frozenset({"pocket", "groove", "chamfer", "boss", "turned"})
"""Features beside holes that are programmed and inspected; fillets are part of the faces they join."""


@dataclass(frozen=True, slots=True)
class Effort:
    """What setting up depends on; ``hour_factor`` is how much dearer than usual an hour of the machine is."""

    clampings: int
    tools: int
    programming_hours: Decimal
    hour_factor: Decimal = ONE


def programming_hours(job: Job, measured: Measured, clampings: int) -> Decimal:
    """A base, and more for each clamping and each different feature."""
    figures = job.figures
    total = figures["programming_hours"] + clampings * figures["programming_setup_hours"]
    total += different_features(measured) * figures["programming_feature_hours"]
    return total * complexity_of(job)


def free_hours(job: Job, measured: Measured) -> Decimal:
    """More to program where free surfaces are milled."""
    figures, faces = job.figures, measured.faces
    if faces is None or faces.free_mm2 <= measured.area_mm2 * figures["free_share"]:
        return ZERO
    return figures["programming_free_hours"] * complexity_of(job)


def features_of(measured: Measured) -> int:
    """How many features there are to deburr and to measure."""
    return len(measured.holes) + sum(one.kind in MEASURED_KINDS for one in measured.features)


def different_features(measured: Measured) -> int:
    """Equal ones count once."""
    return len({_name(one) for one in _programmed(measured.features)})


def _programmed(features: Iterable[Recognised]) -> Iterable[Recognised]:
    return (one for one in features if one.kind in MEASURED_KINDS or one.kind == "hole")


def _name(one: Recognised) -> str:
    return one.words.get("group", one.id)


def batch_steps(job: Job, effort: Effort) -> tuple[Step, ...]:
    """Once per batch, however many pieces."""
    figures, asked = job.figures, params_of(job).cnc_setup_time
    clamping = effort.clampings * figures["hours_per_setup"] + hours(effort.tools * figures["preset_minutes"])
    formula = "(clampings x time of each + tools x presetting), once per batch"
    return (
        Step(
            code="programming",
            group="setup",
            label=labels.PROGRAMMING,
            formula="base + time of each clamping and each different feature, once per batch",
            batch_hours=effort.programming_hours,
            graded=False,
            by_hand=True,
        ),
        Step(
            code="clamping",
            group="setup",
            label=labels.SETTING_UP_THE_MACHINE,
            formula=formula if asked is None else "the time asked for, once per batch",
            batch_hours=clamping if asked is None else asked,
            graded=False,
            inputs={
                "setups_per_batch": (effort.clampings, "setups"),
                "tools_per_batch": (effort.tools, "tools"),
            },
            hour_factor=effort.hour_factor,
        ),
        Step(
            code="first-piece",
            group="setup",
            label=labels.FIRST_PIECE,
            formula="running in and measuring the first piece, once per batch",
            batch_hours=hours(figures["first_piece_minutes"]),
            graded=False,
            hour_factor=effort.hour_factor,
        ),
    )


def handling_step(job: Job, effort: Effort) -> Step:
    """Every piece is clamped, and every tool comes to it."""
    figures = job.figures
    minutes = effort.clampings * figures["loading_minutes"] + effort.tools * figures["tool_change_minutes"]
    return Step(
        code="handling",
        group="machining",
        label=labels.LOADING_AND_TOOL_CHANGES,
        formula="(clampings x loading + tools x change) x pieces",
        piece_hours=hours(minutes),
        graded=False,
        inputs={
            "setups_per_piece": (effort.clampings, "setups"),
            "tools_per_piece": (effort.tools, "tools"),
        },
    )
