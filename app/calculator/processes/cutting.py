"""What milling and turning share: the rule for bare dimensions and the times for measured parts."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from app.calculator.catalog.rows import Form, Machinability
from app.calculator.errors import MaterialNotAllowed
from app.calculator.processes.base import (
    MINUTES_PER_HOUR,
    MM2_PER_CM2,
    MM3_PER_CM3,
    MM3_PER_M3,
    ONE,
    ZERO,
    Hole,
    Job,
    Measured,
    Plan,
    Step,
)
from app.contract.base import Text
from app.contract.pricing import Stock

WATTS_MINUTE = Decimal(60000)
"""Q [cm3/min] = 60000 x P [kW] x efficiency / Kc [MPa]: the removal rate a spindle can drive."""
VOLUME_PLACES_M3 = Decimal("1e-10")
MASS_PLACES_KG = Decimal("0.0001")
GRAMS_PER_KG = Decimal(1000)
MOST_TOLD_HOLES = 50

SHARED_FIGURES = frozenset(
    {
        "rule_base_minutes",
        "rule_minutes_per_step",
        "rule_dimensions_per_step",
        "rule_simple_dimensions",
        "rule_medium_dimensions",
        "rule_simple_factor",
        "rule_medium_factor",
        "rule_complex_factor",
        "smallest_extent_mm",
        "allowance_mm",
        "spindle_power_kw",
        "efficiency",
        "machine_factor",
        "programming_hours",
        "hours_per_setup",
        "loading_minutes",
        "tool_change_minutes",
        "base_tools",
        "hole_minutes",
        "deburr_base_minutes",
        "deburr_area_cm2_per_minute",
        "deburr_most_minutes",
        "base_setups",
        "wall_recommended_mm",
        "wall_feasible_mm",
        "hole_smallest_mm",
        "hole_depth_ratio",
        "hole_depth_ratio_most",
    }
)


class CuttingParams(BaseModel):
    """Parameters of milling and turning."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    n_dimensions: Annotated[
        int,
        Field(
            ge=1,
            le=10_000,
            description="Dimensions on the drawing; used when a price is made from dimensions alone.",
        ),
    ] = 1


@dataclass(frozen=True, slots=True)
class Rates:
    """How fast the material can be taken off; ``bound_by`` names what limits the roughing."""

    roughing_cm3_min: Decimal
    finishing_cm2_min: Decimal
    bound_by: str


@dataclass(frozen=True, slots=True)
class Blank:
    """The stock of one piece; ``size_mm`` is the thickness of a sheet or the distance across a bar."""

    stock: Stock
    volume_mm3: Decimal
    size_mm: Decimal
    formula: str


def machinability(job: Job) -> Machinability:
    """The cutting data of the material; raises ``MaterialNotAllowed`` where none are recorded."""
    if job.machinability is None:
        raise MaterialNotAllowed(f"No cutting data are recorded for {job.material.id}.")
    return job.machinability


def roughing(kc_mpa: Decimal, limit_cm3_min: Decimal, finish_cm2_min: Decimal, job: Job) -> Rates:
    """The smaller of what the spindle can drive and what the tool can take."""
    by_power = WATTS_MINUTE * job.figures["spindle_power_kw"] * job.figures["efficiency"] / kc_mpa
    bound_by = "spindle power" if by_power < limit_cm3_min else "tool"
    return Rates(min(by_power, limit_cm3_min), finish_cm2_min, bound_by)


def usual_size(form: Form, size_mm: Decimal) -> bool:
    """Whether the form is usually sold in this size."""
    limit = form.thickness_max_mm if form.thickness_max_mm is not None else form.across_max_mm
    return limit is None or size_mm <= limit


def mass_kg(job: Job, volume_mm3: Decimal) -> Decimal:
    """Mass of the blank; raises ``MaterialNotAllowed`` where no density is recorded."""
    if job.material.density_kg_m3 is None:
        raise MaterialNotAllowed(f"No density is recorded for {job.material.id}.")
    volume_m3 = (volume_mm3 / MM3_PER_M3).quantize(VOLUME_PLACES_M3)
    return (volume_m3 * job.material.density_kg_m3).quantize(MASS_PLACES_KG)


def rule_plan(job: Job, params: CuttingParams, blank: Blank) -> Plan:
    """Minutes = base + dimensions / 3 x 5 + grams x k_handle (original rule engine)."""
    k_handle = job.material.k_handle_min_per_g
    if k_handle is None:
        raise MaterialNotAllowed(f"No machining time is recorded for {job.material.id}.")
    figures, count = job.figures, params.n_dimensions
    mass = mass_kg(job, blank.volume_mm3)
    cutting = (
        Decimal(count) / figures["rule_dimensions_per_step"] * figures["rule_minutes_per_step"]
        + mass * GRAMS_PER_KG * k_handle
    )
    setup = Step(
        code="setup",
        group="setup",
        label=Text(en="Set-up", ru="Наладка"),
        formula="set-up time per piece x pieces",
        piece_hours=figures["rule_base_minutes"] / MINUTES_PER_HOUR,
    )
    machining = Step(
        code="machining",
        group="machining",
        label=Text(en="Machining", ru="Обработка"),
        formula="(time by dimensions + time by mass of the blank) x pieces",
        piece_hours=cutting / MINUTES_PER_HOUR,
        inputs={"mass_per_piece": (mass, "kg"), "dimensions_per_piece": (count, "dimensions")},
    )
    return _plan(job, blank, (setup, machining), _complexity(count, figures))


def feature_plan(job: Job, measured: Measured, blank: Blank, rates: Rates, setups: Decimal) -> Plan:
    """Set-ups once per batch; roughing by volume, finishing by area, holes one by one, per piece."""
    steps = (
        *_setup_steps(job, setups),
        *_machining_steps(job, measured, blank, rates, setups),
        *_finishing_steps(job, measured, rates),
    )
    return _plan(job, blank, steps, ONE)


def _plan(job: Job, blank: Blank, steps: tuple[Step, ...], complexity: Decimal) -> Plan:
    return Plan(
        stock=blank.stock,
        stock_volume_mm3=blank.volume_mm3,
        mass_kg=mass_kg(job, blank.volume_mm3),
        material_formula=blank.formula,
        steps=steps,
        complexity=complexity,
        usual_stock=usual_size(job.form_limits, blank.size_mm),
    )


def _complexity(n_dimensions: int, figures: Mapping[str, Decimal]) -> Decimal:
    if n_dimensions <= figures["rule_simple_dimensions"]:
        return figures["rule_simple_factor"]
    if n_dimensions <= figures["rule_medium_dimensions"]:
        return figures["rule_medium_factor"]
    return figures["rule_complex_factor"]


def _setup_steps(job: Job, setups: Decimal) -> tuple[Step, ...]:
    clamping = setups * job.figures["hours_per_setup"]
    return (
        Step(
            code="programming",
            group="setup",
            label=Text(en="Programming", ru="Программирование"),
            formula="programming time, once per batch",
            batch_hours=job.figures["programming_hours"],
            graded=False,
        ),
        Step(
            code="clamping",
            group="setup",
            label=Text(en="Setting up the machine", ru="Наладка станка"),
            formula="set-ups x time per set-up, once per batch",
            batch_hours=clamping,
            graded=False,
            inputs={"setups_per_batch": (setups, "setups")},
        ),
    )


def _machining_steps(
    job: Job, measured: Measured, blank: Blank, rates: Rates, setups: Decimal
) -> tuple[Step, ...]:
    figures = job.figures
    removed = max(ZERO, blank.volume_mm3 - measured.volume_mm3)
    tools = figures["base_tools"] + len({hole.diameter_mm for hole in measured.holes})
    rough = Step(
        code="roughing",
        group="machining",
        label=Text(en="Roughing", ru="Черновая обработка"),
        formula=f"time to remove the volume (limited by the {rates.bound_by}) x pieces",
        piece_hours=_hours(removed / MM3_PER_CM3 / rates.roughing_cm3_min, figures["machine_factor"]),
        inputs={"removed_volume_per_piece": (removed, "mm3")},
    )
    handling = Step(
        code="handling",
        group="machining",
        label=Text(en="Loading and tool changes", ru="Установка и смена инструмента"),
        formula="(set-ups x loading + tools x change) x pieces",
        piece_hours=_hours(setups * figures["loading_minutes"] + tools * figures["tool_change_minutes"]),
        inputs={"setups_per_piece": (setups, "setups"), "tools_per_piece": (tools, "tools")},
    )
    return (rough, *_drilling(job, measured), handling)


def _drilling(job: Job, measured: Measured) -> tuple[Step, ...]:
    """Every hole on its own, up to a number that a person still reads; the rest together."""
    told, rest = measured.holes[:MOST_TOLD_HOLES], measured.holes[MOST_TOLD_HOLES:]
    steps = [_holes(job, (hole,), hole.id) for hole in told]
    return (*steps, _holes(job, rest, None)) if rest else tuple(steps)


def _holes(job: Job, holes: tuple[Hole, ...], feature_id: str | None) -> Step:
    depth = sum((hole.depth_mm for hole in holes), ZERO)
    minutes = depth / machinability(job).drill_feed_mm_min + len(holes) * job.figures["hole_minutes"]
    return Step(
        code="drilling",
        group="machining",
        label=Text(en="Holes", ru="Отверстия") if len(holes) > 1 else Text(en="Hole", ru="Отверстие"),
        formula="(time to drill the depth + positioning of each hole) x pieces",
        piece_hours=_hours(minutes, job.figures["machine_factor"]),
        inputs={"holes_per_piece": (len(holes), "holes"), "depth_per_piece": (depth, "mm")},
        feature_id=feature_id,
    )


def _finishing_steps(job: Job, measured: Measured, rates: Rates) -> tuple[Step, ...]:
    figures = job.figures
    area_cm2 = measured.area_mm2 / MM2_PER_CM2
    by_area = figures["deburr_base_minutes"] + area_cm2 / figures["deburr_area_cm2_per_minute"]
    area = {"area_per_piece": (measured.area_mm2, "mm2")}
    passes = Step(
        code="finish-passes",
        group="finishing",
        label=Text(en="Finishing passes", ru="Чистовая обработка"),
        formula="time to finish the surface x pieces",
        piece_hours=_hours(area_cm2 / rates.finishing_cm2_min, figures["machine_factor"]),
        inputs=area,
    )
    deburring = Step(
        code="deburring",
        group="finishing",
        label=Text(en="Deburring", ru="Снятие заусенцев"),
        formula="time by surface, within bounds, x pieces",
        piece_hours=_hours(min(by_area, figures["deburr_most_minutes"])),
        graded=False,
        inputs=area,
    )
    return (passes, deburring)


def _hours(minutes: Decimal, factor: Decimal = ONE) -> Decimal:
    return minutes * factor / MINUTES_PER_HOUR
