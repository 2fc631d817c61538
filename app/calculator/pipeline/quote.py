"""Facts or dimensions in, a price with its proof out."""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property, partial

from pydantic import BaseModel, JsonValue

from app.calculator.catalog.catalog import Catalog
from app.calculator.catalog.public import publish
from app.calculator.catalog.reading import CatalogError, Fault
from app.calculator.catalog.rows import Machine, MaterialForm
from app.calculator.errors import PartOutsideLimits, UnknownCatalog
from app.calculator.pipeline.digest import digest_of
from app.calculator.pipeline.known import PARTS, KnownPart
from app.calculator.pipeline.part import part_of_dimensions
from app.calculator.pipeline.sensitivity import sensitivity
from app.calculator.pricing.band import band_of, engine_of, reasons_of_range
from app.calculator.pricing.choices import Choices, process_of, resolve
from app.calculator.pricing.drafts import Drafts, Made
from app.calculator.pricing.forms import cheapest_form, usable_forms
from app.calculator.pricing.lead_time import (
    Days,
    Lot,
    days_by_plan,
    days_by_rules,
    optional_days,
    told,
    too_long,
    total_days,
)
from app.calculator.pricing.lines import Lines
from app.calculator.pricing.quantity import break_quantities
from app.calculator.pricing.review import (
    at_no_cost,
    more_for_the_same,
    not_applied,
    reasons_for_review,
    refuse_beyond,
    refuse_undrawn,
    refuse_unsure,
)
from app.calculator.pricing.rounding import unit_price
from app.calculator.pricing.tree import Quote
from app.calculator.processes import PROCESSES, missing_figures
from app.calculator.processes.base import Part, Plan
from app.calculator.processes.sheets import thickness_of
from app.contract.base import unchecked
from app.contract.catalog import Catalog as PublicCatalog
from app.contract.catalog import CatalogProcess
from app.contract.geometry import Finding
from app.contract.pricing import Break, LeadTimeOption, MachineFit, MaterialUse, Price, PriceRequest, Used

ENGINE_VERSION = "4"
"""Part of every quote hash: raised when the same input may give another price."""

_break, _used_value, _option = unchecked(Break), unchecked(Used), unchecked(LeadTimeOption)


@dataclass(frozen=True)
class _Offer:
    """What was decided on the way to a price."""

    known: KnownPart | None
    part: Part
    choices: Choices
    machines: tuple[MachineFit, ...]
    able: tuple[Machine, ...]
    form: MaterialForm
    plan: Plan
    standard: Quote

    @cached_property
    def priced(self) -> Quote:
        """The price with the chosen delivery time."""
        return self.standard.hastened(self.choices.lead_time)


def quote(request: PriceRequest, catalog: Catalog) -> Price:
    """The price of a part by the process behind ``service_id``, from the rows of the given catalogue.

    Raises ``UnknownCatalog`` when the caller names another version, ``ValidationFailed`` for choices nobody
    knows, ``PriceOnRequest`` for a service without automatic price, ``MaterialNotAllowed`` and
    ``PartOutsideLimits`` for what the process cannot do. Nothing asked for is ever replaced.
    """
    started = time.perf_counter()
    offer = _offer(request, catalog)
    quantity, priced = request.quantity, offer.priced
    quantities = break_quantities(request.quantities, quantity, catalog.bands)
    refuse_beyond(priced.uncapped(max(quantity, *quantities)))
    lines = Lines(priced, quantity)
    total, selling = lines.total, lines.selling()
    used = _used(request, offer)
    way = _days(offer, quantity, catalog)
    days = total_days(way)
    findings = (*_said(request, offer, used), *_too_long(offer, quantity, days, catalog))
    reasons = (
        *reasons_for_review(request.facts, findings, offer.choices, offer.plan),
        *(() if request.facts is None else reasons_of_range(offer.part, offer.choices.figures)),
    )
    price = Price(
        service_id=request.service_id,
        engine=engine_of(offer.choices.figures, measured=request.facts is not None),
        currency=catalog.shop.currency,
        quantity=quantity,
        unit_price=unit_price(total, quantity),
        total_price=total,
        material=_material(offer, selling[0].amount),
        hours=lines.hours(),
        lines=selling,
        by_feature=lines.by_feature(),
        cost_lines=lines.costs() if request.costs else (),
        breaks=_breaks(quantities, priced),
        band=None if request.facts is None else band_of(total, offer.choices.figures),
        review=bool(reasons),
        reasons=reasons,
        lead_time_days=optional_days(days, offer.choices.lead_time),
        lead_times=_lead_times(offer, days, quantity, catalog),
        lead_time_parts=told(way) if request.costs else (),
        machines=offer.machines,
        findings=findings,
        used=used,
        catalog_version=catalog.version,
        quote_hash=_quote_hash(request, offer.known, used, catalog),
        calculator_seconds=time.perf_counter() - started,
    )
    if not request.sensitivity:
        return price
    changes = sensitivity(request, price, catalog, partial(quote, catalog=catalog))
    seconds = time.perf_counter() - started
    return price.model_copy(update={"sensitivity": changes, "calculator_seconds": seconds})


def public_catalog(catalog: Catalog) -> PublicCatalog:
    """What everybody may know of the catalogue, with the parameters of every process that prices itself.

    Raises ``CatalogError`` when a figure is missing that a process needs; call it once at start.
    """
    missing = missing_figures(catalog)
    if missing:
        raise CatalogError(Fault("the catalogue", f"figures are missing: {', '.join(missing)}"))
    processes = (
        CatalogProcess(
            id=service.id, label=service.label, params=PROCESSES[service.id].params.model_json_schema()
        )
        for service in catalog.services.values()
        if service.id in PROCESSES and service.pricing == "automatic"
    )
    return publish(catalog, processes)


def _offer(request: PriceRequest, catalog: Catalog) -> _Offer:
    """Checks in the order a person would: catalogue, service, choices, material, part, machines."""
    if request.catalog_version not in (None, catalog.version):
        raise UnknownCatalog(f"This service holds catalogue {catalog.version}.")
    choices = resolve(request, process_of(request.service_id, catalog), catalog)
    forms = usable_forms(request.material_form, choices)
    known = None if request.facts is None else PARTS.of(request.facts)
    part = _part(request, known, choices.params)
    refusal = choices.process.accepts(part, choices.figures)
    if refusal is not None:
        raise PartOutsideLimits(refusal.message, findings=[*_findings(request), refusal])
    drafts = Drafts(part, choices, catalog, Made() if known is None else known.made)
    found = cheapest_form(drafts, forms, choices, catalog)
    return _Offer(known, part, choices, drafts.fits, drafts.machines, *found)


def _part(request: PriceRequest, known: KnownPart | None, params: BaseModel) -> Part:
    if known is None:
        assert request.dimensions is not None
        return part_of_dimensions(request.dimensions)
    thickness = thickness_of(params)
    part = known.part(thickness)
    if known.facts.drawing is not None:
        return refuse_undrawn(known.facts, part, thickness)
    return refuse_unsure(known.facts, part)


def _findings(request: PriceRequest) -> tuple[Finding, ...]:
    return () if request.facts is None else request.facts.findings


def _said(request: PriceRequest, offer: _Offer, used: Mapping[str, Used]) -> tuple[Finding, ...]:
    """What the file, the process and the price have to say, in this order."""
    process, known = offer.choices.process, offer.known
    chosen = {name: value.value for name, value in used.items() if not value.assumed}
    return (
        *_findings(request),
        *(() if known is None else known.findings(offer.choices.figures)),
        *not_applied(process, measured=known is not None, chosen=chosen),
        *at_no_cost(offer.priced),
        *more_for_the_same(offer.priced, request.quantity),
    )


def _material(offer: _Offer, amount: Decimal) -> MaterialUse:
    return MaterialUse(
        id=offer.choices.material.id,
        form=offer.form.id,
        stock=offer.plan.stock,
        volume_mm3=round(float(offer.plan.stock_volume_mm3), 3),
        mass_kg=float(offer.plan.mass_kg),
        cost=amount,
    )


def _days(offer: _Offer, quantity: int, catalog: Catalog) -> tuple[Days, ...]:
    """The standard lead time: by rows for bare dimensions, by the hours of the lot for a measured part."""
    if offer.part.measured is None:
        return days_by_rules(catalog, offer.choices, quantity)
    return days_by_plan(catalog, offer.choices, _lot(offer, quantity))


def _too_long(offer: _Offer, quantity: int, days: int, catalog: Catalog) -> Iterable[Finding]:
    """The days of a measured part follow from its hours, those of bare dimensions do not."""
    return too_long(catalog, _lot(offer, quantity), days) if offer.part.measured is None else ()


def _lot(offer: _Offer, quantity: int) -> Lot:
    return Lot(offer.plan, quantity, offer.standard.batches(quantity), offer.able)


def _lead_times(
    offer: _Offer, standard_days: int, quantity: int, catalog: Catalog
) -> tuple[LeadTimeOption, ...]:
    """Every delivery option with its own price, the slowest first."""
    return tuple(
        _option(
            id=option.id,
            days=optional_days(standard_days, option),
            total_price=offer.standard.total(quantity, option.factor),
        )
        for option in catalog.lead_times.values()
    )


def _breaks(quantities: list[int], priced: Quote) -> tuple[Break, ...]:
    totals = [(count, priced.total(count)) for count in quantities]
    return tuple(
        _break(quantity=count, unit_price=unit_price(total, count), total_price=total)
        for count, total in totals
    )


def _used(request: PriceRequest, offer: _Offer) -> dict[str, Used]:
    """Every parameter of the price; ``assumed`` where the customer left it open."""
    choices = offer.choices
    values: dict[str, JsonValue] = {
        "quantity": request.quantity,
        "material_id": choices.material.id,
        "material_form": offer.form.id,
        "tolerance_id": choices.tolerance.id,
        "finish_id": choices.finish.id,
        "cover_ids": [cover.id for cover in choices.covers],
        "control_id": choices.control.id,
        "certificate_ids": [paper.id for paper in choices.certificates],
        "location_id": choices.location.id,
        "lead_time": choices.lead_time.id,
    }
    used = {name: _used_value(value=value, assumed=name in choices.assumed) for name, value in values.items()}
    for name, value in choices.params.model_dump(mode="json").items():
        exact = getattr(choices.params, name)
        told = f"{exact.normalize():f}" if isinstance(exact, Decimal) else value
        used[f"params.{name}"] = _used_value(value=told, assumed=name not in choices.params.model_fields_set)
    return used


def _quote_hash(
    request: PriceRequest, known: KnownPart | None, used: Mapping[str, Used], catalog: Catalog
) -> str:
    """SHA-256 of everything the price depends on; whether a value was chosen or assumed changes nothing."""
    if known is not None:
        part: object = known.digest
    else:
        assert request.dimensions is not None
        part = {name: f"{value.normalize():f}" for name, value in request.dimensions}
    everything = {
        "engine": ENGINE_VERSION,
        "service_id": request.service_id,
        "part": part,
        "used": {name: value.value for name, value in used.items()},
        "catalog": catalog.version,
    }
    return digest_of(everything)
