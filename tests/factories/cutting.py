"""Jobs of milling and turning as the processes get them, from the shipped catalogue."""

from typing import Any

from app.calculator.catalog.catalog import Catalog
from app.calculator.catalog.loader import load
from app.calculator.pipeline.part import part_of_facts
from app.calculator.processes import PROCESSES
from app.calculator.processes.base import Job
from tests.factories.parts import make_facts

CATALOG = load()


def make_job(
    service_id: str = "cnc-milling",
    material_id: str = "alum_AMC",
    form: str = "rod",
    *,
    catalog: Catalog = CATALOG,
    params: dict[str, Any] | None = None,
    facts: Any = None,
) -> Job:
    """One measured part in one form of a material, on the machines of the first location."""
    process, material = PROCESSES[service_id], catalog.materials[material_id]
    wish = process.params.model_validate(params or {})
    part = part_of_facts(facts or make_facts())
    assert part is not None
    return Job(
        part=part,
        material=material,
        form=next(one for one in material.forms if one.id == form),
        form_limits=catalog.forms[form],
        machinability=catalog.machinability[material.machinability or ""],
        machines=tuple(
            one
            for one in catalog.machines_of(process.machine_type(wish))
            if one.location_id == "location_1" and process.misfit(part, one) is None
        ),
        figures=catalog.figures_in(process.tables(wish)),
        params=wish,
        stock_sizes=catalog.stock_of(form, material.family),
        equipment=catalog.equipment,
    )
