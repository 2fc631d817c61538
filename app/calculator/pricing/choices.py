"""What the customer chose, looked up in the catalogue; what was left open, filled in and named."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from app.calculator.catalog.catalog import Catalog
from app.calculator.catalog.rows import (
    Certificate,
    Control,
    Cover,
    Finish,
    LeadTimeOption,
    Location,
    Material,
    Row,
    Tolerance,
)
from app.calculator.errors import LONGEST_FIELD, PriceOnRequest, ValidationFailed, cut
from app.calculator.processes import PROCESSES
from app.calculator.processes.base import Process
from app.contract.pricing import PriceChoices
from app.contract.problem import FieldError

R = TypeVar("R", bound=Row)
STANDARD = "standard"
MOST_TOLD = 5
LONGEST_TOLD = 200
"""How much of the errors the one sentence for people repeats."""


@dataclass(frozen=True, slots=True)
class Choices:
    """Everything a price depends on besides the part, resolved; ``assumed`` names what was left open."""

    process: Process
    params: BaseModel
    material: Material
    tolerance: Tolerance
    finish: Finish
    covers: tuple[Cover, ...]
    control: Control
    certificates: tuple[Certificate, ...]
    location: Location
    lead_time: LeadTimeOption
    figures: Mapping[str, Decimal]
    assumed: frozenset[str]

    @property
    def options(self) -> tuple[object, ...]:
        """Names of what changes the money of a plan, apart from quantity and delivery time."""
        chosen = (self.tolerance.id, self.finish.id, self.control.id)
        return (*chosen, tuple(row.id for row in self.covers), tuple(row.id for row in self.certificates))


def process_of(service_id: str, catalog: Catalog) -> Process:
    """The process behind a service.

    Raises ``ValidationFailed`` for an unknown service and ``PriceOnRequest`` for one without automatic price.
    """
    if service_id not in catalog.services:
        raise _refused([unknown("service_id", service_id, catalog.services)])
    process = PROCESSES.get(service_id)
    if catalog.services[service_id].pricing == "on_request" or process is None:
        raise PriceOnRequest(f"The service {service_id!r} has no automatic price; ask for a quote.")
    return process


def resolve(asked: PriceChoices, process: Process, catalog: Catalog) -> Choices:
    """Looks everything up; raises one ``ValidationFailed`` naming every field that cannot be used."""
    shop, errors = catalog.shop, list[FieldError]()
    assumed = {name for name in _OPTIONAL if getattr(asked, name) is None}
    assumed |= {name for name in _DEFAULTED if name not in asked.model_fields_set}
    lookup = _Lookup(errors)
    material = lookup.material(asked, process, catalog)
    tolerance = lookup.one(
        "tolerance_id", asked.tolerance_id or shop.default_tolerance_id, catalog.tolerances
    )
    finish = lookup.one("finish_id", asked.finish_id or shop.default_finish_id, catalog.finishes)
    control = lookup.one("control_id", asked.control_id or shop.default_control_id, catalog.controls)
    covers = lookup.many("cover_ids", asked.cover_ids, catalog.covers)
    certificates = lookup.many("certificate_ids", asked.certificate_ids, catalog.certificates)
    params = lookup.params(asked.params, process)
    if params is not None and material is not None:
        params = process.settled(params, material)
    location = lookup.location(asked.location_id, process, params, catalog) if params is not None else None
    if errors:
        raise _refused(errors)
    assert material
    assert tolerance
    assert finish
    assert control
    assert location
    assert params is not None
    return Choices(
        process=process,
        params=params,
        material=material,
        tolerance=tolerance,
        finish=finish,
        covers=covers,
        control=control,
        certificates=certificates,
        location=location,
        lead_time=catalog.lead_times[asked.lead_time or STANDARD],
        figures=catalog.figures_in(process.tables(params)),
        assumed=frozenset(assumed),
    )


def unknown(field: str, value: str, allowed: Iterable[str]) -> FieldError:
    """The error for an id that is not in its table, with those that are."""
    return FieldError(
        field=field, message=f"Unknown {value!r}; allowed: {', '.join(allowed)}.", code="unknown-id"
    )


_OPTIONAL = ("tolerance_id", "finish_id", "control_id", "location_id", "lead_time", "material_form")
_DEFAULTED = ("cover_ids", "certificate_ids", "quantity")


@dataclass(frozen=True, slots=True)
class _Lookup:
    """Looks ids up and collects what could not be found."""

    errors: list[FieldError]

    def one(self, field: str, wanted: str, table: Mapping[str, R]) -> R | None:
        found = table.get(wanted)
        if found is None:
            self.errors.append(unknown(field, wanted, table))
        return found

    def many(self, field: str, wanted: Iterable[str], table: Mapping[str, R]) -> tuple[R, ...]:
        """Each id counts once, in the order of the table so that the order asked changes nothing."""
        chosen = set(wanted)
        self.errors.extend(unknown(field, one, table) for one in sorted(chosen - table.keys()))
        return tuple(row for key, row in table.items() if key in chosen)

    def material(self, asked: PriceChoices, process: Process, catalog: Catalog) -> Material | None:
        if asked.material_id is None:
            message = f"A material is needed; allowed: {', '.join(_usable(process, catalog))}."
            self.errors.append(FieldError(field="material_id", message=message, code="missing"))
            return None
        material = catalog.materials.get(asked.material_id)
        if material is None:
            self.errors.append(unknown("material_id", asked.material_id, _usable(process, catalog)))
        elif asked.material_form is not None:
            self.one("material_form", asked.material_form, {form.id: material for form in material.forms})
        return material

    def location(
        self, wanted: str | None, process: Process, params: BaseModel, catalog: Catalog
    ) -> Location | None:
        equipped = {
            machine.location_id: catalog.locations[machine.location_id]
            for machine in catalog.machines_of(process.machine_type(params))
        }
        if wanted is None and equipped:
            return next(row for key, row in catalog.locations.items() if key in equipped)
        return self.one("location_id", wanted or "", equipped)

    def params(self, asked: Mapping[str, object], process: Process) -> BaseModel | None:
        try:
            return process.params.model_validate(asked)
        except ValidationError as error:
            self.errors.extend(
                FieldError(
                    field=".".join(("params", *(str(part) for part in problem["loc"]))),
                    message=problem["msg"],
                    code="unknown-parameter" if problem["type"] == "extra_forbidden" else "invalid",
                )
                for problem in error.errors()
            )
            return None


def _usable(process: Process, catalog: Catalog) -> list[str]:
    """The materials the process may be given."""
    return [
        row.id
        for row in catalog.materials.values()
        if any(process.key in form.processes for form in row.forms)
    ]


def _refused(errors: list[FieldError]) -> ValidationFailed:
    said = " ".join(
        f"{cut(error.field, LONGEST_FIELD)}: {cut(error.message, LONGEST_TOLD)}"
        for error in errors[:MOST_TOLD]
    )
    return ValidationFailed(f"The price cannot be made. {said}", errors=errors)
