"""How a part is made by a process: neither the quantity nor an option changes that, so it is planned once."""

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field
from typing import TypeVar, cast

from app.calculator.catalog.catalog import Catalog
from app.calculator.catalog.rows import Machine, MaterialForm
from app.calculator.pricing.choices import Choices
from app.calculator.pricing.fitting import fit_machines
from app.calculator.pricing.recent import Recent, Same
from app.calculator.pricing.tree import Quote
from app.calculator.processes.base import Job, Part, Plan
from app.contract.pricing import MachineFit

MOST_WAYS = 16
"""Processes, parameters and locations of which the fitting machines are remembered."""
MOST_PLANS = 24
"""Plans that are remembered: of several materials, each in its forms."""
MOST_WORKS = 32
"""Works that are remembered: what is the same for several materials and forms."""

MOST_QUOTES = 8
"""Plans in money that are remembered: the same wishes at another quantity and delivery time."""

T = TypeVar("T")
Fitting = tuple[tuple[MachineFit, ...], tuple[Machine, ...]]
Drafted = tuple[MaterialForm, Plan, Quote]


@dataclass(frozen=True, slots=True)
class Made:
    """What is remembered of one part."""

    fittings: Recent[Fitting] = field(default_factory=lambda: Recent(MOST_WAYS))
    plans: Recent[Plan] = field(default_factory=lambda: Recent(MOST_PLANS))
    works: Recent[object] = field(default_factory=lambda: Recent(MOST_WORKS))
    quotes: Recent[Drafted] = field(default_factory=lambda: Recent(MOST_QUOTES))


class Drafts:
    """Machines and plans of a part as chosen. Raises ``PartOutsideLimits`` when no machine fits."""

    def __init__(self, part: Part, choices: Choices, catalog: Catalog, made: Made) -> None:
        self._part = part
        self._choices = choices
        self._catalog = catalog
        self._made = made
        params = choices.params.model_dump_json()
        self._way = (choices.process.key, params, choices.location.id, Same(catalog))
        self.fits, self.machines = made.fittings.get(self._way, lambda: fit_machines(part, choices, catalog))

    def quoted(self, forms: Iterable[MaterialForm], make: Callable[[], Drafted]) -> Drafted:
        """What was made of these forms with the same options, or what is made of them now."""
        wanted = (self._choices.material.id, *(form.id for form in forms))
        return self._made.quotes.get((wanted, self._choices.options, self._way), make)

    def sketch(self, job: Job) -> Plan:
        """As much of the plan as depends on the form; of bare dimensions that is all."""
        if self._part.measured is None:
            return self.plan(job)
        return self._made.plans.get(self._key("sketch", job), lambda: self._choices.process.sketch(job))

    def plan(self, job: Job) -> Plan:
        """The whole plan."""
        process = self._choices.process
        if self._part.measured is None:
            return self._made.plans.get(self._key("plan", job), lambda: process.plan_by_rules(job))
        return self._made.plans.get(self._key("plan", job), lambda: process.plan_by_features(job))

    def once(self, key: Hashable, make: Callable[[], T], /) -> T:
        """What does not depend on the material, or only on what the key names of it."""
        return cast("T", self._made.works.get((key, self._way), make))

    def _key(self, kind: str, job: Job) -> Hashable:
        return (kind, job.material.id, job.form.id, self._way)

    def job(self, form: MaterialForm) -> Job:
        """What the process is asked to make of a form of the material."""
        material, catalog = self._choices.material, self._catalog
        return Job(
            part=self._part,
            material=material,
            form=form,
            form_limits=catalog.forms[form.id],
            machinability=catalog.machinability.get(material.machinability or ""),
            machines=self.machines,
            figures=self._choices.figures,
            params=self._choices.params,
            stock_sizes=catalog.stock_of(form.id, material.family),
            laser=catalog.lasers.get(material.machinability or ""),
            equipment=catalog.equipment,
            once=self.once,
        )
