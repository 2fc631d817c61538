"""Which form of the material the part is made of."""

from app.calculator.catalog.catalog import Catalog
from app.calculator.catalog.rows import Machine, MaterialForm
from app.calculator.errors import MaterialNotAllowed
from app.calculator.pricing.choices import Choices
from app.calculator.pricing.estimate import piece_estimate
from app.calculator.pricing.tree import Quote, quote_of
from app.calculator.processes.base import Job, Part, Plan


def cheapest_form(
    part: Part,
    machines: tuple[Machine, ...],
    forms: list[MaterialForm],
    choices: Choices,
    catalog: Catalog,
) -> tuple[MaterialForm, Plan, Quote]:
    """The form with the cheapest piece among those sold in the needed size.

    Where no form is usually sold that large the cheapest of all is taken; its plan then says so. Forms differ
    only in what a piece costs, so one piece decides for every quantity, and of a measured part only what
    depends on the form is planned to compare them.
    """
    jobs = [_job(form, part, machines, choices, catalog) for form in forms]
    process = choices.process
    if len(jobs) > 1:
        sketches = [
            process.plan_by_rules(job) if part.measured is None else process.sketch(job) for job in jobs
        ]
        best = min(
            range(len(jobs)),
            key=lambda index: (
                not sketches[index].usual_stock,
                piece_estimate(sketches[index], jobs[index], choices, catalog),
            ),
        )
    else:
        best = 0
    job = jobs[best]
    plan = process.plan_by_rules(job) if part.measured is None else process.plan_by_features(job)
    return job.form, plan, quote_of(plan, job, choices, catalog)


def _job(
    form: MaterialForm, part: Part, machines: tuple[Machine, ...], choices: Choices, catalog: Catalog
) -> Job:
    material = choices.material
    return Job(
        part=part,
        material=material,
        form=form,
        form_limits=catalog.forms[form.id],
        machinability=catalog.machinability.get(material.machinability or ""),
        machines=machines,
        figures=choices.figures,
        params=choices.params,
        stock_sizes=catalog.stock_of(form.id, material.family),
        laser=catalog.lasers.get(material.machinability or ""),
        equipment=catalog.equipment,
    )


def usable_forms(asked_form: str | None, choices: Choices) -> list[MaterialForm]:
    """The forms the process can use, or the asked one alone.

    Raises ``MaterialNotAllowed`` when the process cannot use the material or the asked form.
    """
    material, key = choices.material, choices.process.key
    if material.unpriced is not None:
        raise MaterialNotAllowed(f"{material.id} cannot be priced: {material.unpriced.en}.")
    usable = [form for form in material.forms if key in form.processes]
    if not usable:
        raise MaterialNotAllowed(f"{key} cannot work {material.id}.")
    if asked_form is None:
        return usable
    chosen = [form for form in usable if form.id == asked_form]
    if not chosen:
        allowed = ", ".join(form.id for form in usable)
        raise MaterialNotAllowed(f"{key} cannot work {material.id} as {asked_form}; allowed: {allowed}.")
    return chosen
