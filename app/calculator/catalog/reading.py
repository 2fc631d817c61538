"""Rows from texts and lists: what is wrong is told by file and line, all of it at once."""

import csv
import io
import json
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from pydantic import ValidationError

from app.calculator.catalog.catalog import TABLES
from app.calculator.catalog.rows import Row
from app.contract.catalog_rows import GivenRow, RowName

Key = tuple[str, str]
"""Table and key: what names a row."""


@dataclass(frozen=True)
class Fault:
    """Something wrong, and where it stands."""

    where: str
    message: str

    def __str__(self) -> str:
        return f"{self.where}: {self.message}"


class CatalogError(ValueError):
    """The catalogue cannot be used; each fault names file and line, or the row."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__("\n".join(str(fault) for fault in faults))
        self.faults = faults


@dataclass(frozen=True)
class Place:
    """Where a row stands: in which text, from which line on; in a list its number is the line."""

    source: str
    first: int
    lines: Sequence[str] = ()
    unit: str = "line"

    def fault(self, message: str, field: str | None = None) -> Fault:
        """What is wrong here, at the line of the field where the text shows it."""
        return Fault(f"{self.source}, {self.unit} {self._line_of(field)}", message)

    def _line_of(self, field: str | None) -> int:
        if field is not None:
            pattern = re.compile(rf"\s*{re.escape(field)}\s*=")
            for number, line in enumerate(self.lines[self.first :], start=self.first + 1):
                if line.startswith("[["):
                    break
                if pattern.match(line):
                    return number
        return self.first


class Reading:
    """Collects rows with their places, and every fault on the way."""

    def __init__(self) -> None:
        self.placed: dict[Key, tuple[Row, Place]] = {}
        self.faults: list[Fault] = []

    @property
    def rows(self) -> tuple[Row, ...]:
        """The rows, in the order in which they were read."""
        return tuple(row for row, _ in self.placed.values())

    def toml(self, source: str, text: str) -> None:
        """Rows of ``[[table]]`` blocks."""
        lines = text.splitlines()
        try:
            tables = tomllib.loads(text, parse_float=Decimal)
        except (tomllib.TOMLDecodeError, RecursionError) as error:
            self.faults.append(Fault(source, str(error)))
            return
        for table, entries in tables.items():
            starts = [number for number, line in enumerate(lines, start=1) if _opens(line, table)]
            if table not in TABLES or not isinstance(entries, list) or len(starts) != len(entries):
                first = next((n for n, line in enumerate(lines, start=1) if table in line), 1)
                self.faults.append(Place(source, first, lines).fault(_no_table(table)))
                continue
            for entry, start in zip(entries, starts, strict=True):
                self._take(table, entry, Place(source, start, lines))

    def csv(self, table: str, text: str) -> None:
        """Rows of one table: names in the first line, then a row per line, by comma or semicolon."""
        source = f"{table}.csv"
        try:
            for number, fields in _csv_rows(text):
                self._take(table, fields, Place(source, number))
        except csv.Error as error:
            self.faults.append(Fault(source, str(error)))
        except _Uneven as error:
            self.faults.append(Fault(f"{source}, line {error.line}", str(error)))

    def listed(self, rows: Iterable[GivenRow]) -> None:
        """Rows as JSON gives them."""
        for number, row in enumerate(rows, start=1):
            self._take(row.table, row.fields, Place("rows", number, unit="row"))

    def refer(self, row: Row | None, field: str | None, message: str) -> None:
        """Note a fault between rows, at the row that leans on another if it was read here."""
        if row is None:
            self.faults.append(Fault("the catalogue", message))
        elif (row.table, row.key) in self.placed:
            self.faults.append(self.placed[row.table, row.key][1].fault(message, field))
        else:
            self.faults.append(Fault(f"{row.table} {row.key!r}", message))

    def missing(self, name: RowName) -> None:
        """Note that a row which is to be dropped does not exist."""
        self.faults.append(Fault("remove", f"there is no {name.table} {name.key!r}"))

    def refuse(self) -> None:
        """Raises ``CatalogError`` if anything was wrong so far."""
        if self.faults:
            raise CatalogError(*self.faults)

    def _take(self, table: str, fields: Mapping[str, Any], place: Place) -> None:
        if table not in TABLES:
            self.faults.append(place.fault(_no_table(table)))
            return
        try:
            row = TABLES[table].model_validate(fields)
        except ValidationError as error:
            self.faults.extend(_faults(table, error, place))
            return
        if (row.table, row.key) in self.placed:
            self.faults.append(place.fault(f"{row.table} {row.key!r} stands here a second time"))
            return
        self.placed[row.table, row.key] = (row, place)


def _no_table(table: str) -> str:
    return f"{table!r} is no table of the catalogue; there are {', '.join(TABLES)}"


def _opens(line: str, table: str) -> bool:
    return re.match(rf"\[\[\s*{re.escape(table)}\s*\]\]", line) is not None


def _faults(table: str, error: ValidationError, place: Place) -> Iterator[Fault]:
    for problem in error.errors(include_url=False, include_context=False, include_input=False):
        where = ".".join(str(part) for part in problem["loc"])
        field = str(problem["loc"][0]) if problem["loc"] else None
        yield place.fault(": ".join(filter(None, (table, where, problem["msg"]))), field)


class _Uneven(ValueError):
    """A line that has other columns than the first, or a cell that cannot be understood."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line


def _csv_rows(text: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """The line each row ends on, and its fields."""
    heading = text.lstrip("\ufeff").partition("\n")[0]
    delimiter = ";" if heading.count(";") > heading.count(",") else ","
    lines = csv.reader(io.StringIO(text.lstrip("\ufeff"), newline=""), delimiter=delimiter, strict=True)
    names = [name.strip() for name in next(lines, [])]
    for cells in lines:
        if not any(cells):
            continue
        if len(cells) != len(names):
            raise _Uneven(lines.line_num, f"has {len(cells)} cells, the first line {len(names)}")
        yield lines.line_num, _nested(zip(names, cells, strict=True), lines.line_num)


def _nested(cells: Iterable[tuple[str, str]], line: int) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for name, cell in cells:
        if not cell.strip():
            continue
        outer, _, inner = name.partition(".")
        if not inner:
            fields[outer] = _cell(cell.strip(), line)
        elif isinstance(fields.setdefault(outer, {}), dict):
            fields[outer][inner] = _cell(cell.strip(), line)
        else:
            raise _Uneven(line, f"{outer} is given as a whole and in parts")
    return fields


def _cell(text: str, line: int) -> object:
    if not text.startswith(("[", "{", '"')):
        return text
    try:
        return json.loads(text, parse_float=Decimal)
    except (ValueError, RecursionError) as error:
        if text.startswith('"'):
            return text  # a name in quotation marks
        raise _Uneven(line, f"{text[:40]!r} is no JSON: {error}") from None
