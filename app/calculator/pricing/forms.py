"""Which form of the material the part is made of."""

from app.calculator.catalog.catalog import Catalog
from app.calculator.catalog.rows import MaterialForm
from app.calculator.errors import MaterialNotAllowed
from app.calculator.pricing.choices import Choices
from app.calculator.pricing.drafts import Drafted, Drafts
from app.calculator.pricing.estimate import Estimate
from app.calculator.pricing.tree import quote_of
from app.calculator.processes.base import Job


def cheapest_form(drafts: Drafts, forms: list[MaterialForm], choices: Choices, catalog: Catalog) -> Drafted:
    """The form with the cheapest piece among those sold in the needed size.

    Where no form is usually sold that large the cheapest of all is taken; its plan then says so. Forms differ
    only in what a piece costs, so one piece decides for every quantity, and of a measured part only what
    depends on the form is planned to compare them.
    """
    return drafts.quoted(forms, lambda: _drafted(drafts, forms, choices, catalog))


def _drafted(drafts: Drafts, forms: list[MaterialForm], choices: Choices, catalog: Catalog) -> Drafted:
    jobs = [drafts.job(form) for form in forms]
    job = jobs[0] if len(jobs) == 1 else _cheapest(jobs, drafts, choices, catalog)
    plan = drafts.plan(job)
    return job.form, plan, quote_of(plan, job, choices, catalog)


def _cheapest(jobs: list[Job], drafts: Drafts, choices: Choices, catalog: Catalog) -> Job:
    estimate = Estimate(choices, catalog)
    sketches = [(job, drafts.sketch(job)) for job in jobs]
    return min(sketches, key=lambda one: (not one[1].usual_stock, estimate.of_piece(one[1], one[0])))[0]


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
