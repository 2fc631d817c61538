"""Painting by the original rule: money by the square metre, factors by the letters of its steps.

The original multiplied square millimetres with prices per square metre, so that a plate of 100 x 80 x 5 mm
cost what 17,800 square metres cost; here the area is in square metres.
"""

from decimal import Decimal

from app.calculator.processes import own_parts
from app.calculator.processes.base import Charge, Inputs, Job, Plan
from app.contract.base import Text

FIGURES = frozenset(
    {
        "rule_preparation_price_per_m2",
        "rule_clean_alum",
        "rule_clean_plastic",
        "rule_clean_steel",
        "rule_clean_other",
        "minimum_per_order",
    }
)
PAINT_FIGURES = frozenset({"rule_price_per_m2", "rule_type_factor", "rule_preparation_factor"})


def rule_plan(job: Job, factor: Decimal, factors: tuple[str, ...]) -> Plan:
    """(area x price x type + area x preparation x family x type) x factor of the steps and the control.

    ``factors`` are the figures that ``factor`` is made of.
    """
    figures, body = job.figures, own_parts.body_of(job.part)
    area = own_parts.square_metres(body.area_mm2)
    own = f"rule_clean_{job.material.family}"
    clean = own if own in figures else "rule_clean_other"
    preparation = (
        figures["rule_preparation_price_per_m2"] * figures[clean] * figures["rule_preparation_factor"]
    )
    coat = figures["rule_price_per_m2"] * figures["rule_type_factor"]
    inputs: Inputs = {"area_per_piece": (body.area_mm2, "mm2")}
    rows, data = (f"material/{job.material.id}",), {"factor": (factor, "1")}
    charges = (
        Charge(
            code="coating",
            group="finishing",
            label=Text(en="Coats of paint", ru="Нанесение покрытия"),
            formula="area x price by type of paint x factors of the steps x pieces",
            per_piece=area * coat * factor,
            is_price=True,
            is_work=True,
            inputs=inputs,
            rows=rows,
            figures=("rule_price_per_m2", "rule_type_factor", *factors),
            data=data,
        ),
        Charge(
            code="preparation",
            group="finishing",
            label=Text(en="Preparing the surface", ru="Подготовка поверхности"),
            formula="area x price by family of the material x factors of the steps x pieces",
            per_piece=area * preparation * factor,
            is_price=True,
            is_work=True,
            inputs=inputs,
            rows=rows,
            figures=("rule_preparation_price_per_m2", clean, "rule_preparation_factor", *factors),
            data=data,
        ),
    )
    minimum = figures["minimum_per_order"]
    return own_parts.treatment(job, body, (), charges, pieces_per_batch=None, minimum=minimum)
