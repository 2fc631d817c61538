"""The side of the catalogue that everybody may see: no rates, no factors, no purchase prices."""

from collections.abc import Iterable
from decimal import Decimal

from app.calculator.catalog.catalog import Catalog
from app.calculator.catalog.rows import Certificate, Machine, Material, Option
from app.contract.catalog import Catalog as PublicCatalog
from app.contract.catalog import (
    CatalogForm,
    CatalogLocation,
    CatalogMachine,
    CatalogMaterial,
    CatalogOption,
    CatalogProcess,
    CatalogService,
)


def publish(catalog: Catalog, processes: Iterable[CatalogProcess]) -> PublicCatalog:
    """The public catalogue; the processes are described by those who know their parameters."""
    return PublicCatalog(
        version=catalog.version,
        currency=catalog.shop.currency,
        services=tuple(
            CatalogService(id=row.id, label=row.label, pricing=row.pricing)
            for row in catalog.services.values()
        ),
        materials=tuple(_material(row, catalog) for row in catalog.materials.values()),
        tolerances=_options(catalog.tolerances.values()),
        finishes=_options(catalog.finishes.values()),
        covers=_options(catalog.covers.values()),
        controls=_options(catalog.controls.values()),
        certificates=_options(catalog.certificates.values()),
        locations=tuple(
            CatalogLocation(id=row.id, name=row.name, label=row.label) for row in catalog.locations.values()
        ),
        machines=tuple(_machine(row) for row in catalog.machines.values()),
        processes=tuple(processes),
    )


def _options(rows: Iterable[Option | Certificate]) -> tuple[CatalogOption, ...]:
    return tuple(CatalogOption(id=row.id, label=row.label) for row in rows)


def _material(row: Material, catalog: Catalog) -> CatalogMaterial:
    return CatalogMaterial(
        id=row.id,
        label=row.label,
        family=row.family,
        density_kg_m3=_figure(row.density_kg_m3),
        forms=tuple(
            CatalogForm(id=form.id, label=catalog.forms[form.id].label, processes=form.processes)
            for form in row.forms
        ),
    )


def _machine(row: Machine) -> CatalogMachine:
    return CatalogMachine(
        id=row.id,
        name=row.name,
        type=row.type,
        axes=row.axes,
        location_id=row.location_id,
        x_mm=_figure(row.x_mm),
        y_mm=_figure(row.y_mm),
        z_mm=_figure(row.z_mm),
    )


def _figure(value: Decimal | None) -> float | None:
    return None if value is None else float(value)
