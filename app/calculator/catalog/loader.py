"""Reads the catalogue from TOML files; a bad row is named by file and line."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from app.calculator.catalog.catalog import TABLES, Catalog
from app.calculator.catalog.references import broken_references
from app.calculator.catalog.rows import Row

SHIPPED = Path(__file__).parent


class CatalogError(ValueError):
    """The catalogue cannot be used; the text names file and line."""


@dataclass(frozen=True)
class _Place:
    """Where a row stands, for the sentence that refuses it."""

    file: Path
    lines: list[str]
    first: int

    def refuse(self, message: str, field: str | None = None) -> CatalogError:
        return CatalogError(f"{self.file.name}, line {self._line_of(field)}: {message}")

    def _line_of(self, field: str | None) -> int:
        if field is not None:
            pattern = re.compile(rf"\s*{re.escape(field)}\s*=")
            for number, line in enumerate(self.lines[self.first :], start=self.first + 1):
                if line.startswith("[["):
                    break
                if pattern.match(line):
                    return number
        return self.first


def load(folder: Path | None = None) -> Catalog:
    """The catalogue in the folder's TOML files (the shipped one without a folder).

    Raises ``CatalogError``, naming file and line, for text that is no TOML, unknown tables, bad or
    repeated rows and rows that refer to rows which do not exist.
    """
    folder = folder or SHIPPED
    placed: dict[tuple[str, str], tuple[Row, _Place]] = {}
    for file in sorted(folder.glob("*.toml")):
        for row, place in _rows(file):
            if (row.table, row.key) in placed:
                raise place.refuse(f"{row.table} {row.key!r} stands here a second time")
            placed[row.table, row.key] = (row, place)
    catalog = Catalog(tuple(row for row, _ in placed.values()))
    for broken in broken_references(catalog):
        if broken.row is None:
            raise CatalogError(f"{folder}: {broken.message}")
        raise placed[broken.row.table, broken.row.key][1].refuse(broken.message, broken.field)
    return catalog


def _rows(file: Path) -> Iterator[tuple[Row, _Place]]:
    text = file.read_text(encoding="utf-8")
    lines = text.splitlines()
    try:
        tables = tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        raise CatalogError(f"{file.name}: {error}") from error
    for table, entries in tables.items():
        starts = [number for number, line in enumerate(lines, start=1) if _opens(line, table)]
        if table not in TABLES or not isinstance(entries, list) or len(starts) != len(entries):
            first = next((n for n, line in enumerate(lines, start=1) if table in line), 1)
            raise _Place(file, lines, first).refuse(f"{table!r} is no table of the catalogue")
        for entry, start in zip(entries, starts, strict=True):
            place = _Place(file, lines, start)
            yield _row(TABLES[table], entry, place), place


def _opens(line: str, table: str) -> bool:
    return re.match(rf"\[\[\s*{re.escape(table)}\s*\]\]", line) is not None


def _row(kind: type[Row], entry: Mapping[str, Any], place: _Place) -> Row:
    try:
        return kind.model_validate(entry)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        field = str(first["loc"][0]) if first["loc"] else None
        raise place.refuse(f"{kind.table}: {where}: {first['msg']}", field) from error
