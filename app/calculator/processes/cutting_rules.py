"""The price of milling and turning by bare dimensions: the original rule engine, figure by figure."""

from collections.abc import Mapping
from decimal import Decimal

from app.calculator.errors import MaterialNotAllowed
from app.calculator.processes import equipment, labels
from app.calculator.processes.base import MINUTES_PER_HOUR, ONE, Job, Plan, Step
from app.calculator.processes.blanks import Blank
from app.calculator.processes.cutting import mass_kg, params_of, usual_size

GRAMS_PER_KG = Decimal(1000)
FIGURES = frozenset(
    {
        "rule_base_minutes",
        "rule_minutes_per_step",
        "rule_dimensions_per_step",
        "rule_simple_dimensions",
        "rule_medium_dimensions",
        "rule_simple_factor",
        "rule_medium_factor",
        "rule_complex_factor",
    }
)


def rule_plan(job: Job, blank: Blank, hour_factor: str | None = None) -> Plan:
    """Minutes = base + dimensions / 3 x 5 + grams x k_handle (original rule engine).

    ``hour_factor`` is the figure that says how much dearer an hour of the machine is than usual.
    """
    k_handle = job.material.k_handle_min_per_g
    if k_handle is None:
        raise MaterialNotAllowed(f"No machining time is recorded for {job.material.id}.")
    figures, count, params = job.figures, params_of(job).n_dimensions, params_of(job)
    mass = mass_kg(job, blank.volume_mm3)
    factor, dearer = (ONE, ()) if hour_factor is None else (figures[hour_factor], (hour_factor,))
    cutting = (
        Decimal(count) / figures["rule_dimensions_per_step"] * figures["rule_minutes_per_step"]
        + mass * GRAMS_PER_KG * k_handle
    )
    setup = Step(
        code="setup",
        group="setup",
        label=labels.SET_UP,
        formula="set-up time per piece x pieces",
        piece_hours=figures["rule_base_minutes"] / MINUTES_PER_HOUR,
        figures=("rule_base_minutes", *dearer),
        batch_hours=params.cnc_setup_time or Decimal(0),
        hour_factor=factor,
    )
    machining = Step(
        code="machining",
        group="machining",
        label=labels.MACHINING,
        formula="(time by dimensions + time by mass of the blank) x pieces",
        piece_hours=cutting / MINUTES_PER_HOUR,
        inputs={"mass_per_piece": (mass, "kg"), "dimensions_per_piece": (count, "dimensions")},
        rows=(job.material.full_key,),
        figures=("rule_dimensions_per_step", "rule_minutes_per_step", *dearer),
        data={"time_of_a_gram": (k_handle, "min/g")},
        hour_factor=factor,
    )
    if params.cnc_setup_time is not None:
        setup = setup._replace(formula="set-up time per piece x pieces + the time asked for, once per batch")
    plan = Plan(
        stock=blank.stock,
        stock_volume_mm3=blank.volume_mm3,
        mass_kg=mass,
        material_formula=blank.formula,
        steps=(setup, machining),
        complexity=_complexity(count, figures) * params.factor,
        usual_stock=usual_size(job.form_limits, blank.size_mm),
    )
    return equipment.added_to(plan, job, blank.volume_mm3)


def _complexity(n_dimensions: int, figures: Mapping[str, Decimal]) -> Decimal:
    if n_dimensions <= figures["rule_simple_dimensions"]:
        return figures["rule_simple_factor"]
    if n_dimensions <= figures["rule_medium_dimensions"]:
        return figures["rule_medium_factor"]
    return figures["rule_complex_factor"]
