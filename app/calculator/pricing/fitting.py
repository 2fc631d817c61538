"""Which machines can make the part, and why the others cannot."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from app.calculator.catalog.catalog import Catalog
from app.calculator.catalog.rows import Machine
from app.calculator.errors import PartOutsideLimits
from app.calculator.pricing.choices import Choices
from app.calculator.processes.base import Part
from app.calculator.processes.lacks import Lack
from app.contract.base import unchecked
from app.contract.geometry import Finding
from app.contract.pricing import MachineFit

_fit = unchecked(MachineFit)


@dataclass(frozen=True, slots=True)
class _Judged:
    """A machine, why it is too small, and what it lacks beyond its size."""

    machine: Machine
    misfit: str | None
    lack: Lack | None

    @property
    def is_able(self) -> bool:
        """Large enough and with everything there is a wish or a need for."""
        return self.misfit is None and self.lack is None

    @property
    def is_possible(self) -> bool:
        """Large enough, and what it lacks was not asked for by the customer."""
        return self.misfit is None and (self.lack is None or not self.lack.is_final)

    @property
    def reason(self) -> str | None:
        """Why it cannot make the part."""
        return self.misfit or (None if self.lack is None else self.lack.reason)


def fit_machines(
    part: Part, choices: Choices, catalog: Catalog
) -> tuple[tuple[MachineFit, ...], tuple[Machine, ...]]:
    """All machines of the process at the location, judged, and those that fit.

    What the part would like and the customer did not ask for (axes, driven tools) rules machines out only
    where others at the location have it. Raises ``PartOutsideLimits`` when none fits; the finding names other
    locations that could help.
    """
    location = choices.location
    there = [one for one in _machines(choices, catalog) if one.location_id == location.id]
    judged = _judged(part, choices, there)
    fitting = [one for one in judged if one.is_able] or [one for one in judged if one.is_possible]
    if not fitting:
        raise PartOutsideLimits(
            f"No machine at {location.id} can make the part.",
            findings=[_no_machine_fits(part, choices, catalog, judged)],
        )
    chosen = {one.machine.id for one in fitting}
    fits = tuple(
        _fit(id=one.machine.id, name=one.machine.name, fits=False, reason=one.reason)
        if one.machine.id not in chosen
        else _fit(id=one.machine.id, name=one.machine.name, fits=True)
        for one in judged
    )
    return fits, tuple(one.machine for one in fitting)


def _machines(choices: Choices, catalog: Catalog) -> Sequence[Machine]:
    """Those of the process, wherever they are."""
    return catalog.machines_of(choices.process.machine_type(choices.params))


def _judged(part: Part, choices: Choices, machines: Iterable[Machine]) -> list[_Judged]:
    process, params = choices.process, choices.params
    return [
        _Judged(machine, process.misfit(part, machine), process.lacks(part, machine, params))
        for machine in machines
    ]


def _no_machine_fits(part: Part, choices: Choices, catalog: Catalog, judged: list[_Judged]) -> Finding:
    location = choices.location
    everywhere = _judged(part, choices, _machines(choices, catalog))
    elsewhere = dict.fromkeys(one.machine.location_id for one in everywhere if one.is_possible)
    reasons = "; ".join(f"{one.machine.name}: {one.reason}" for one in judged)
    return Finding(
        code="no-machine-fits",
        severity="error",
        message=f"No machine at {location.id} can make the part: {reasons}.",
        fix=f"Ask for {' or '.join(elsewhere)}."
        if elsewhere
        else "Split the part or choose another process.",
        value=float(part.extents_mm[0]),
        unit="mm",
    )
