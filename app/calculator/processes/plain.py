"""What most processes have in common: one way, machines of their own name, every form that names them."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import ClassVar

from pydantic import BaseModel

from app.calculator.catalog.rows import Machine, Material
from app.calculator.processes.base import Job, Part, Plan
from app.calculator.processes.lacks import Lack
from app.calculator.processes.sizes import box_misfit, too_small
from app.contract.geometry import Finding

SMALLEST = "smallest_extent_mm"
"""A figure any process may have; parts of a smaller extent cannot be held."""


class PlainProcess(ABC):
    """A process that says only what is its own; tolerance and finish are what it gives."""

    key: ClassVar[str]
    params: ClassVar[type[BaseModel]]
    figure_ids: ClassVar[Mapping[str, frozenset[str]]]
    graded: ClassVar[bool] = False
    wants_exact_shape: ClassVar[bool] = False

    def machine_type(self, params: BaseModel) -> str:
        """Machines are of the type of the process."""
        del params
        return self.key

    def settled(self, params: BaseModel, material: Material) -> BaseModel:
        """Nothing depends on the material."""
        del material
        return params

    def variants(self) -> tuple[Mapping[str, str], ...]:
        """One way only."""
        return ({},)

    def forms(self, params: BaseModel) -> frozenset[str] | None:
        """Every form that names it."""
        del params
        return None

    def tables(self, params: BaseModel) -> tuple[str, ...]:
        """Its own figures."""
        del params
        return (self.key,)

    def accepts(self, part: Part, figures: Mapping[str, Decimal]) -> Finding | None:
        """Every part, or every one that can still be held, where the catalogue says how small that is."""
        least = figures.get(SMALLEST)
        return None if least is None else too_small(part, least)

    def misfit(self, part: Part, machine: Machine) -> str | None:
        """The part in its best position against the working space."""
        return box_misfit(part, machine)

    def lacks(self, part: Part, machine: Machine, params: BaseModel) -> Lack | None:
        """Every machine of the type has what is needed."""
        del part, machine, params
        return None

    def ignores(self, *, measured: bool) -> frozenset[str]:
        """Every parameter matters."""
        del measured
        return frozenset()

    def cheapened_by(self, params: BaseModel, *, measured: bool) -> Iterator[str]:
        """No parameter stands in place of a figure of the shop."""
        del params, measured
        return iter(())

    def sketch(self, job: Job) -> Plan:
        """Everything may depend on the form."""
        return self.plan_by_features(job)

    def plan_by_rules(self, job: Job) -> Plan:
        """The same plan for bare dimensions and for a measured part."""
        return self.plan(job)

    def plan_by_features(self, job: Job) -> Plan:
        """The same plan for bare dimensions and for a measured part."""
        return self.plan(job)

    @abstractmethod
    def plan(self, job: Job) -> Plan:
        """How a piece comes into being."""
