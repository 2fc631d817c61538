"""The catalogue in memory: every table by id, and the version that names its content."""

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import NamedTuple, TypeVar

from app.calculator.catalog.cutting_rows import Machinability
from app.calculator.catalog.laser_rows import LaserData, LaserMetal, LaserPierce, LaserSpeed
from app.calculator.catalog.rows import (
    Certificate,
    Control,
    Cover,
    Figure,
    Finish,
    Form,
    LeadTimeOption,
    LeadTimePart,
    Location,
    Machine,
    Material,
    MaterialForm,
    QuantityBand,
    Row,
    Service,
    Shop,
    Stock,
    Tolerance,
)
from app.contract.catalog_rows import CatalogContent, CatalogRow

R = TypeVar("R", bound=Row)

TABLES: dict[str, type[Row]] = {
    row.table: row
    for row in (
        *(Shop, QuantityBand, LeadTimePart, LeadTimeOption, Form, Stock, Service, Material, Machinability),
        *(Location, Machine, Tolerance, Finish, Cover, Control, Certificate, Figure),
        *(LaserMetal, LaserSpeed, LaserPierce),
    )
}


class KnownFigure(NamedTuple):
    """A figure of a process and how its row is called in the proof of a price."""

    value: Decimal
    unit: str
    row: str


Known = Mapping[str, KnownFigure]
"""Figures by their names."""


@dataclass(frozen=True)
class Catalog:
    """All rows of the shop, rates and purchase prices included: never sent to a customer as it is."""

    rows: tuple[Row, ...]

    def _table(self, kind: type[R]) -> Mapping[str, R]:
        return {row.key: row for row in self.rows if isinstance(row, kind)}

    @cached_property
    def content(self) -> CatalogContent:
        """All rows as they travel, table by table, and their version."""
        rows = tuple(
            CatalogRow(table=row.table, key=row.key, fields=row.content())
            for row in sorted(self.rows, key=lambda row: row.table)
        )
        return CatalogContent(version=_digest(rows), rows=rows)

    @property
    def version(self) -> str:
        """SHA-256 of all rows: the same rows have the same, whichever files or messages they came in."""
        return self.content.version

    @cached_property
    def shop(self) -> Shop:
        """The one row about the shop."""
        return next(iter(self._table(Shop).values()))

    @cached_property
    def bands(self) -> Sequence[QuantityBand]:
        """Quantity bands in rising order; the first begins at one piece."""
        return sorted(self._table(QuantityBand).values(), key=lambda band: band.first)

    @cached_property
    def lead_time_parts(self) -> Mapping[str, LeadTimePart]:
        """The steps of the way to the customer, in the order of the file."""
        return self._table(LeadTimePart)

    @cached_property
    def lead_times(self) -> Mapping[str, LeadTimeOption]:
        """Delivery options by id."""
        return self._table(LeadTimeOption)

    @cached_property
    def forms(self) -> Mapping[str, Form]:
        """Forms by id."""
        return self._table(Form)

    @cached_property
    def stock(self) -> Mapping[str, Stock]:
        """Sizes that are sold, by id."""
        return self._table(Stock)

    def stock_of(self, form: str, family: str) -> Sequence[Stock]:
        """The sizes a form of a family is sold in: its own rows, else those for every family."""
        found = self._stock_found.get((form, family))
        if found is None:
            rows = [row for row in self.stock.values() if row.form == form]
            own = [row for row in rows if family in row.families]
            found = self._stock_found[form, family] = own or [row for row in rows if not row.families]
        return found

    @cached_property
    def _stock_found(self) -> dict[tuple[str, str], Sequence[Stock]]:
        return {}

    @cached_property
    def equipment(self) -> tuple[Material, MaterialForm] | None:
        """What special equipment is made of, and the form it is cut from."""
        material = self.materials.get(self.shop.equipment_material_id or "")
        if material is None:
            return None
        form = next((form for form in material.forms if form.id == self.shop.equipment_form), None)
        return None if form is None else (material, form)

    @cached_property
    def lasers(self) -> Mapping[str, LaserData]:
        """What is recorded about cutting a metal, by group of machinability."""
        speeds = sorted(self._table(LaserSpeed).values(), key=lambda row: row.thickness_mm)
        pierces = sorted(self._table(LaserPierce).values(), key=lambda row: row.thickness_mm)
        return {
            machinability: LaserData(metal, [row for row in speeds if row.metal == metal.id], pierces)
            for metal in self._table(LaserMetal).values()
            for machinability in metal.machinabilities
        }

    @cached_property
    def services(self) -> Mapping[str, Service]:
        """Services by id."""
        return self._table(Service)

    @cached_property
    def materials(self) -> Mapping[str, Material]:
        """Materials by id."""
        return self._table(Material)

    @cached_property
    def machinability(self) -> Mapping[str, Machinability]:
        """Groups of machinability by id."""
        return self._table(Machinability)

    @cached_property
    def locations(self) -> Mapping[str, Location]:
        """Locations by id, in the order of the file."""
        return self._table(Location)

    @cached_property
    def machines(self) -> Mapping[str, Machine]:
        """Machines by id, in the order of the file."""
        return self._table(Machine)

    def machines_of(self, machine_type: str) -> Sequence[Machine]:
        """Those of a type, in the order of the file."""
        return self._machines_by_type.get(machine_type, ())

    @cached_property
    def _machines_by_type(self) -> Mapping[str, Sequence[Machine]]:
        found: dict[str, list[Machine]] = {}
        for machine in self.machines.values():
            found.setdefault(machine.type, []).append(machine)
        return found

    @cached_property
    def tolerances(self) -> Mapping[str, Tolerance]:
        """Tolerances by id."""
        return self._table(Tolerance)

    @cached_property
    def finishes(self) -> Mapping[str, Finish]:
        """Finishes by id."""
        return self._table(Finish)

    @cached_property
    def covers(self) -> Mapping[str, Cover]:
        """Covers by id."""
        return self._table(Cover)

    @cached_property
    def controls(self) -> Mapping[str, Control]:
        """Controls by id."""
        return self._table(Control)

    @cached_property
    def certificates(self) -> Mapping[str, Certificate]:
        """Certificates by id."""
        return self._table(Certificate)

    @cached_property
    def figures(self) -> Mapping[str, Mapping[str, Decimal]]:
        """Figures by process and id."""
        return {
            table: {name: figure.value for name, figure in figures.items()}
            for table, figures in self._known.items()
        }

    @cached_property
    def _known(self) -> Mapping[str, Known]:
        found: dict[str, dict[str, KnownFigure]] = {}
        for one in self._table(Figure).values():
            known = KnownFigure(one.value, one.unit, one.full_key)
            found.setdefault(one.process, {})[one.id] = known
        return found

    def figures_in(self, tables: tuple[str, ...]) -> Mapping[str, Decimal]:
        """The figures of several tables; what stands in a later one goes before the earlier ones."""
        found = self._figures_found.get(tables)
        if found is None:
            found = {name: figure.value for name, figure in self.known_in(tables).items()}
            self._figures_found[tables] = found
        return found

    def known_in(self, tables: tuple[str, ...]) -> Known:
        """The same figures with their units and rows."""
        found = self._known_found.get(tables)
        if found is None:
            merged: dict[str, KnownFigure] = {}
            for table in tables:
                merged |= self._known.get(table, {})
            found = self._known_found[tables] = merged
        return found

    @cached_property
    def _known_found(self) -> dict[tuple[str, ...], Known]:
        return {}

    @cached_property
    def _figures_found(self) -> dict[tuple[str, ...], Mapping[str, Decimal]]:
        return {}

    def with_rows(self, changed: Iterable[Row]) -> "Catalog":
        """A catalogue in which these rows replace those of the same table and key, or come in addition."""
        new = {(row.table, row.key): row for row in changed}
        kept = [new.pop((row.table, row.key), row) for row in self.rows]
        return Catalog((*kept, *new.values()))

    def without(self, names: Collection[tuple[str, str]]) -> "Catalog":
        """A catalogue without the rows of these tables and keys."""
        return Catalog(tuple(row for row in self.rows if (row.table, row.key) not in names))


def _digest(rows: Iterable[CatalogRow]) -> str:
    lines = (json.dumps([row.table, row.fields], sort_keys=True, ensure_ascii=True) for row in rows)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
