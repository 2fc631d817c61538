"""Every process and technology that prices itself, asked about one part."""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from app.calculator.catalog.catalog import Catalog
from app.calculator.catalog.rows import Material
from app.calculator.errors import CalculatorError
from app.calculator.pipeline.quote import quote
from app.calculator.processes import PROCESSES
from app.calculator.processes.base import Process
from app.contract.base import Text
from app.contract.comparison import ComparedOf, Comparison
from app.contract.pricing import CompareRequest, PriceOf, PriceRequest, Used
from app.contract.problem import Problem

_OURS = {"cost_lines", "lead_time_parts", "calculator_seconds"}


@dataclass(frozen=True)
class _Way:
    """A service with parameters, and the material it is tried with."""

    service_id: str
    params: Mapping[str, Any]
    material_id: str | None
    is_replaced: bool


def compare(request: CompareRequest, catalog: Catalog) -> Comparison:
    """The price by every service and technology, or what hinders it.

    A material that a process cannot use is replaced by the cheapest it can, which its price names as assumed.
    """
    started = time.perf_counter()
    items = tuple(_tried(way, request, catalog) for way in _ways(request, catalog))
    return Comparison(
        items=items, catalog_version=catalog.version, calculator_seconds=time.perf_counter() - started
    )


def _ways(request: CompareRequest, catalog: Catalog) -> Iterator[_Way]:
    for service in catalog.services.values():
        process = PROCESSES.get(service.id)
        if process is None or service.pricing != "automatic":
            continue
        own = request.params if service.id == request.service_id else {}
        for variant in process.variants():
            params = {**variant, **own}
            if any(params[name] != value for name, value in variant.items()):
                continue  # the customer has decided for another variant
            usable = [row for row in catalog.materials.values() if _can_use(row, process, variant)]
            material_id, is_replaced = _material(request.material_id, usable, catalog)
            yield _Way(service.id, params, material_id, is_replaced)


def _can_use(material: Material, process: Process, variant: Mapping[str, Any]) -> bool:
    if material.unpriced is not None:
        return False
    forms = {form.id for form in material.forms if process.key in form.processes}
    fitting = process.forms(process.params.model_validate(variant))
    return bool(forms if fitting is None else forms & fitting)


def _material(wanted: str | None, usable: list[Material], catalog: Catalog) -> tuple[str | None, bool]:
    if wanted is not None and (wanted not in catalog.materials or any(row.id == wanted for row in usable)):
        return wanted, False
    if not usable:
        return wanted, False
    return min(usable, key=_price_of_volume).id, True


def _price_of_volume(material: Material) -> tuple[Decimal, str]:
    """What a cubic metre costs in its cheapest form."""
    prices = [form.price_per_kg for form in material.forms if form.price_per_kg is not None]
    return (min(prices) * (material.density_kg_m3 or Decimal(0)), material.id)


def _tried(way: _Way, request: CompareRequest, catalog: Catalog) -> ComparedOf[Text]:
    chosen = {name: getattr(request, name) for name in request.model_fields_set}
    chosen |= {"service_id": way.service_id, "material_id": way.material_id, "params": dict(way.params)}
    if way.is_replaced:
        chosen.pop("material_form", None)
    try:
        price = quote(PriceRequest.model_validate(chosen), catalog)
    except CalculatorError as refusal:
        return ComparedOf[Text](service_id=way.service_id, params=dict(way.params), problem=_problem(refusal))
    told = {name: value for name, value in price if name not in _OURS}
    if way.is_replaced:
        used = price.used["material_id"]
        told["used"] = {**price.used, "material_id": Used(value=used.value, assumed=True)}
    return ComparedOf[Text](
        service_id=way.service_id, params=dict(way.params), price=PriceOf[Text].model_construct(**told)
    )


def _problem(refusal: CalculatorError) -> Problem:
    return Problem(
        type=f"urn:millwright:problem:{refusal.code}",
        title=refusal.title,
        status=refusal.status,
        detail=refusal.detail,
        code=refusal.code,
        errors=refusal.errors,
        findings=refusal.findings,
    )
