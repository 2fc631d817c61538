"""What a piece costs by a plan, without its proof: enough to compare forms of a material."""

from decimal import Decimal

from app.calculator.catalog.catalog import Catalog
from app.calculator.pricing.choices import Choices
from app.calculator.pricing.leaves import material_cost
from app.calculator.pricing.overheads import labour_parts, machine_parts, material_parts, price_factor
from app.calculator.pricing.rounding import WORK_PLACES
from app.calculator.processes.base import ONE, ZERO, Job, Plan


class Estimate:
    """The factors of the chosen options at the chosen location, multiplied once for all forms."""

    def __init__(self, choices: Choices, catalog: Catalog) -> None:
        location, self.figures = choices.location, choices.figures
        self.catalog = catalog
        self.on_material = price_factor(material_parts(location))
        on_all = choices.control.factor
        for cover in choices.covers:
            on_all *= cover.factor
        self.on_graded = choices.tolerance.factor * choices.finish.factor if choices.process.graded else ONE
        self.price_of_hour = location.price_of_hour
        self.on_wage = price_factor(labour_parts(location)) * on_all
        self.on_machine = price_factor(machine_parts(location)) * on_all

    def of_piece(self, plan: Plan, job: Job) -> Decimal:
        """The selling price of one piece at the standard time, batches and orders aside, not rounded."""
        by_rules = job.part.measured is None
        material = material_cost(plan, job, self.catalog, by_rules=by_rules) * self.on_material
        paid, alone = ZERO, ZERO
        for step in plan.steps:
            hours = step.piece_hours * self.on_graded if step.graded or by_rules else step.piece_hours
            if step.hour_figure is None:
                paid += hours * step.hour_factor
            else:
                alone += hours * self.figures[step.hour_figure]
        wage = paid * self.price_of_hour
        wage = (wage.quantize(WORK_PLACES) if by_rules else wage) * plan.complexity
        return material + wage * self.on_wage + alone * self.on_machine
