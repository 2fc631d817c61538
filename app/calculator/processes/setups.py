"""Set-ups: programming, clamping, presetting tools, the first piece; loading and tool changes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from app.calculator.processes import labels
from app.calculator.processes.base import ZERO, Job, Measured, Recognised, Step
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
PROGRAMMING = ("programming_hours",)
PROGRAMMING_FREE = (*PROGRAMMING, "programming_free_hours")
"""What the program of a part takes without counting anything."""
MEASURED_KINDS = frozenset({"pocket", "groove", "chamfer", "boss", "turned"})
"""Features beside holes that are programmed and inspected; fillets are part of the faces they join."""


@dataclass(frozen=True, slots=True)
class Effort:
    """What setting up depends on; the figure ``hour_factor`` is how much dearer the machine's hour is."""

    clampings: int
    tools: int
    programming: Step
    hour_factor: str | None = None


def programming_step(
    job: Job, measured: Measured, clampings: int, *, has_free_surfaces: bool = False
) -> Step:
    """A base, and more for each clamping, each different feature and free surfaces that are milled."""
    figures, complexity, features = job.figures, complexity_of(job), different_features(measured)
    base = PROGRAMMING_FREE if has_free_surfaces else PROGRAMMING
    total = sum((figures[name] for name in base), ZERO)
    total += clampings * figures["programming_setup_hours"] + features * figures["programming_feature_hours"]
    free = " + time of free surfaces" if has_free_surfaces else ""
    return Step(
        code="programming",
        group="setup",
        label=labels.PROGRAMMING,
        formula=f"(base{free} + time of each clamping and each different feature)"
        " x complexity, once per batch",
        batch_hours=total * complexity,
        graded=False,
        by_hand=True,
        inputs={
            "setups_per_batch": (clampings, "setups"),
            "different_features_per_batch": (features, "features"),
        },
        figures=(*base, "programming_setup_hours", "programming_feature_hours"),
        data={"complexity_of_programming": (complexity, "1")},
    )


def is_free(job: Job, measured: Measured) -> bool:
    """Whether more than a share of the surface is free."""
    faces = measured.faces
    return faces is not None and faces.free_mm2 > measured.area_mm2 * job.figures["free_share"]


def dearer(step: Step, hour_factor: str | None, figures: Mapping[str, Decimal]) -> Step:
    """The step by the hour of a machine that costs more by this figure."""
    if hour_factor is None or hour_factor in step.figures:
        return step
    return step._replace(hour_factor=figures[hour_factor], figures=(*step.figures, hour_factor))


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
    clamping = Step(
        code="clamping",
        group="setup",
        label=labels.SETTING_UP_THE_MACHINE,
        formula="(clampings x time of each + tools x presetting), once per batch",
        batch_hours=effort.clampings * figures["hours_per_setup"]
        + hours(effort.tools * figures["preset_minutes"]),
        graded=False,
        inputs={
            "setups_per_batch": (effort.clampings, "setups"),
            "tools_per_batch": (effort.tools, "tools"),
        },
        figures=("hours_per_setup", "preset_minutes"),
    )
    if asked is not None:
        formula = "the time asked for, once per batch"
        clamping = clamping._replace(formula=formula, batch_hours=asked, figures=())
    first = Step(
        code="first-piece",
        group="setup",
        label=labels.FIRST_PIECE,
        formula="running in and measuring the first piece, once per batch",
        batch_hours=hours(figures["first_piece_minutes"]),
        graded=False,
        figures=("first_piece_minutes",),
    )
    return (
        effort.programming,
        dearer(clamping, effort.hour_factor, figures),
        dearer(first, effort.hour_factor, figures),
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
        figures=("loading_minutes", "tool_change_minutes"),
    )
