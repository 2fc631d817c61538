"""What must hold between the rows of a catalogue."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import get_args

from app.calculator.catalog.catalog import Catalog
from app.calculator.catalog.laser_rows import LaserMetal, LaserSpeed
from app.calculator.catalog.rows import Material, Row, Shop
from app.contract.pricing import LeadTime


@dataclass(frozen=True)
class BrokenReference:
    """A row (``None``: the catalogue as a whole) that leans on something which is not there."""

    row: Row | None
    field: str | None
    message: str


def broken_references(catalog: Catalog) -> Iterator[BrokenReference]:
    """Everything that is wrong between rows, one by one."""
    shops = [row for row in catalog.rows if isinstance(row, Shop)]
    if len(shops) != 1:
        yield BrokenReference(None, None, f"exactly one shop is needed, found {len(shops)}")
        return
    if not catalog.bands or catalog.bands[0].first != 1:
        yield BrokenReference(None, None, "a quantity band that begins at 1 is needed")
    yield from _defaults(catalog)
    yield from _equipment(catalog)
    for material in catalog.materials.values():
        yield from _material(material, catalog)
    if set(catalog.lead_times) != set(get_args(LeadTime)):
        yield BrokenReference(None, None, f"a lead time option for each of {get_args(LeadTime)} is needed")
    yield from _stock_and_machines(catalog)
    yield from _lasers(catalog)


def _lasers(catalog: Catalog) -> Iterator[BrokenReference]:
    metals = {row.id for row in catalog.rows if isinstance(row, LaserMetal)}
    for row in catalog.rows:
        if isinstance(row, LaserSpeed) and row.metal not in metals:
            yield BrokenReference(row, "metal", f"no laser metal {row.metal!r}")
        if isinstance(row, LaserMetal):
            for group in row.machinabilities:
                if group not in catalog.machinability:
                    yield BrokenReference(row, "machinabilities", f"no machinability {group!r}")


def _stock_and_machines(catalog: Catalog) -> Iterator[BrokenReference]:
    for stock in catalog.stock.values():
        if stock.form not in catalog.forms:
            yield BrokenReference(stock, "form", f"no form {stock.form!r}")
    for machine in catalog.machines.values():
        if machine.location_id not in catalog.locations:
            yield BrokenReference(machine, "location_id", f"no location {machine.location_id!r}")


def _defaults(catalog: Catalog) -> Iterator[BrokenReference]:
    shop = catalog.shop
    for field, wanted, known in (
        ("default_tolerance_id", shop.default_tolerance_id, catalog.tolerances.keys()),
        ("default_finish_id", shop.default_finish_id, catalog.finishes.keys()),
        ("default_control_id", shop.default_control_id, catalog.controls.keys()),
    ):
        if wanted not in known:
            yield BrokenReference(shop, field, f"no {wanted!r} in that table")


def _equipment(catalog: Catalog) -> Iterator[BrokenReference]:
    """What special equipment is made of: both or neither, and with a price."""
    shop = catalog.shop
    if shop.equipment_material_id is None and shop.equipment_form is None:
        return
    material = catalog.materials.get(shop.equipment_material_id or "")
    if material is None or material.unpriced is not None:
        yield BrokenReference(shop, "equipment_material_id", "a material with a price is needed")
    elif shop.equipment_form not in {form.id for form in material.forms}:
        yield BrokenReference(shop, "equipment_form", f"{material.id} has no form {shop.equipment_form!r}")


def _material(material: Material, catalog: Catalog) -> Iterator[BrokenReference]:
    priced = material.density_kg_m3 is not None and all(form.price_per_kg for form in material.forms)
    if priced == (material.unpriced is not None):
        yield BrokenReference(
            material, "id", "density and all prices, or the reason in 'unpriced', are needed"
        )
    if material.machinability is not None and material.machinability not in catalog.machinability:
        yield BrokenReference(material, "machinability", f"no machinability {material.machinability!r}")
    seen = [form.id for form in material.forms]
    if len(seen) != len(set(seen)):
        yield BrokenReference(material, "forms", "a form stands there twice")
    for form in material.forms:
        if form.id not in catalog.forms:
            yield BrokenReference(material, "forms", f"no form {form.id!r}")
        for process in form.processes:
            if process not in catalog.services:
                yield BrokenReference(material, "forms", f"no service {process!r}")
