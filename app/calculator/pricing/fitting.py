"""Which machines can hold the part, and why the others cannot."""

from app.calculator.catalog.catalog import Catalog
from app.calculator.catalog.rows import Machine
from app.calculator.errors import PartOutsideLimits
from app.calculator.pricing.choices import Choices
from app.calculator.processes.base import Part
from app.contract.geometry import Finding
from app.contract.pricing import MachineFit


def fit_machines(
    part: Part, choices: Choices, catalog: Catalog
) -> tuple[tuple[MachineFit, ...], tuple[Machine, ...]]:
    """All machines of the process at the location, judged, and those that fit.

    Raises ``PartOutsideLimits`` when none fits; the finding names other locations that could help.
    """
    process, location = choices.process, choices.location
    machine_type = process.machine_type(choices.params)
    judged = [
        (machine, process.misfit(part, machine))
        for machine in catalog.machines.values()
        if machine.type == machine_type and machine.location_id == location.id
    ]
    fitting = tuple(machine for machine, misfit in judged if misfit is None)
    if not fitting:
        raise PartOutsideLimits(
            f"No machine at {location.id} can hold the part.",
            findings=[_no_machine_fits(part, choices, catalog, judged)],
        )
    fits = tuple(
        MachineFit(id=machine.id, name=machine.name, fits=misfit is None, reason=misfit)
        for machine, misfit in judged
    )
    return fits, fitting


def _no_machine_fits(
    part: Part,
    choices: Choices,
    catalog: Catalog,
    judged: list[tuple[Machine, str | None]],
) -> Finding:
    process, location = choices.process, choices.location
    machine_type = process.machine_type(choices.params)
    elsewhere = dict.fromkeys(
        machine.location_id
        for machine in catalog.machines.values()
        if machine.type == machine_type and process.misfit(part, machine) is None
    )
    reasons = "; ".join(f"{machine.name}: {misfit}" for machine, misfit in judged)
    return Finding(
        code="no-machine-fits",
        severity="error",
        message=f"No machine at {location.id} can hold the part: {reasons}.",
        fix=f"Ask for {' or '.join(elsewhere)}."
        if elsewhere
        else "Split the part or choose another process.",
        value=float(part.extents_mm[0]),
        unit="mm",
    )
