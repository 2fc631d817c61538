"""What a piece costs by a plan, without its proof: enough to compare forms of a material."""

from decimal import Decimal

from app.calculator.catalog.catalog import Catalog
from app.calculator.pricing.choices import Choices
from app.calculator.pricing.leaves import material_cost
from app.calculator.pricing.overheads import labour_parts, machine_parts, material_parts, price_factor
from app.calculator.pricing.rounding import WORK_PLACES
from app.calculator.processes.base import ONE, ZERO, Job, Plan


def piece_estimate(plan: Plan, job: Job, choices: Choices, catalog: Catalog) -> Decimal:
    """The selling price of one piece at the standard time, batches and orders aside, not rounded."""
    location, by_rules = choices.location, job.part.measured is None
    material = material_cost(plan, job, catalog, by_rules=by_rules) * price_factor(material_parts(location))
    on_all = choices.control.factor
    for cover in choices.covers:
        on_all *= cover.factor
    on_graded = choices.tolerance.factor * choices.finish.factor if choices.process.graded else ONE
    paid, alone = ZERO, ZERO
    for step in plan.steps:
        factor = on_graded if step.graded or by_rules else ONE
        if step.price_of_hour is None:
            paid += step.piece_hours * step.hour_factor * factor
        else:
            alone += step.piece_hours * step.price_of_hour * factor
    wage = paid * location.price_of_hour
    wage = (wage.quantize(WORK_PLACES) if by_rules else wage) * plan.complexity
    work = wage * price_factor(labour_parts(location)) + alone * price_factor(machine_parts(location))
    return material + work * on_all
