"""Special equipment, such as a fixture, made once for an order: a blank as large, half the work of a piece.

The rule is that of the original engine, where a classifier asked for it; here a customer or the shop does.
"""

from decimal import Decimal

from app.calculator.processes.base import MM3_PER_M3, ZERO, Charge, Job, Plan, Step
from app.calculator.processes.cutting import MASS_PLACES_KG, params_of
from app.contract.base import Text

FIGURES = frozenset({"equipment_hours_share"})


def added_to(plan: Plan, job: Job, blank_mm3: Decimal) -> Plan:
    """The plan with the special equipment, if it is asked for: hours and material once per order."""
    if not params_of(job).special_equipment:
        return plan
    hours = sum((step.piece_hours for step in plan.steps), ZERO)
    work = Step(
        code="equipment-work",
        group="equipment",
        label=Text(en="Making special equipment", ru="Изготовление спецоснастки"),
        formula="share of the hours of a piece, once per order",
        order_hours=hours * job.figures["equipment_hours_share"],
        graded=False,
        inputs={"hours_per_piece": (hours, "h")},
        figures=("equipment_hours_share",),
    )
    return plan._replace(steps=(*plan.steps, work), charges=(*plan.charges, *_material(job, blank_mm3)))


def _material(job: Job, blank_mm3: Decimal) -> tuple[Charge, ...]:
    """A blank as large as that of the part."""
    if job.equipment is None:
        return ()
    material, form = job.equipment
    density, price = material.density_kg_m3, form.price_per_kg
    if density is None or price is None:
        return ()
    mass = (blank_mm3 / MM3_PER_M3 * density).quantize(MASS_PLACES_KG)
    charge = Charge(
        code="equipment-material",
        group="equipment",
        label=Text(en=f"Special equipment: {material.label.en}", ru=f"Спецоснастка: {material.label.ru}"),
        formula="volume of the blank of the part x density, once per order",
        per_order=mass * price,
        is_material=True,
        inputs={"mass_per_order": (mass, "kg")},
        rows=(material.full_key,),
    )
    return (charge,)
