"""Rows as text that can be edited and proposed again: a TOML for all tables, a CSV for one.

Proposing an exported text on top of any version with the same rows makes exactly the version it came from.
Numbers and dates are written as they are stored, as text.
"""

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from typing import Any

from app.contract.catalog_rows import CatalogRow

BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
BYTE_ORDER_MARK = "\ufeff"
"""Without it spreadsheets take the text for another encoding."""
ESCAPED = {ord(one): f"\\u{ord(one):04x}" for one in "\x7f\x85\u2028\u2029"}
LOOKS_LIKE_JSON = ("[", "{", '"')
"""A cell that begins so is read as JSON."""


class ExportFormat(StrEnum):
    """How rows are written."""

    toml = "toml"
    csv = "csv"


MEDIA_TYPES = {ExportFormat.toml: "application/toml", ExportFormat.csv: "text/csv; charset=utf-8"}


def as_toml(rows: Iterable[CatalogRow]) -> str:
    """All rows in ``[[table]]`` blocks, as the shipped files have them."""
    return "\n".join("\n".join(_block(row)) for row in rows)


def as_csv(rows: Iterable[CatalogRow]) -> str:
    """The rows of one table: a line of names, then a row per line; ``label.en`` is a field of a field."""
    lines = [_flat(row.fields) for row in rows]
    names = list(dict.fromkeys(name for line in lines for name in line))
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, names, restval="")
    writer.writeheader()
    writer.writerows(lines)
    return BYTE_ORDER_MARK + text.getvalue()


def _block(row: CatalogRow) -> Iterator[str]:
    yield f"[[{_key(row.table)}]]"
    for name, value in row.fields.items():
        if value is not None:
            yield f"{_key(name)} = {_toml(value)}"
    yield ""


def _key(name: str) -> str:
    return name if BARE_KEY.fullmatch(name) else _quoted(name)


def _toml(value: Any) -> str:  # noqa: ANN401 - any JSON value
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, Mapping):
        inner = ", ".join(f"{_key(name)} = {_toml(one)}" for name, one in value.items() if one is not None)
        return f"{{ {inner} }}" if inner else "{}"
    if isinstance(value, list):
        return f"[{', '.join(map(_toml, value))}]"
    return json.dumps(value)


def _quoted(text: str) -> str:
    """A basic string of TOML, which escapes as JSON does and a little more, on one line for every reader."""
    return json.dumps(text, ensure_ascii=False).translate(ESCAPED)


def _flat(fields: Mapping[str, Any]) -> dict[str, str]:
    cells: dict[str, str] = {}
    for name, value in fields.items():
        if isinstance(value, Mapping) and value:
            cells |= {f"{name}.{inner}": _cell(one) for inner, one in value.items() if one is not None}
        elif value is not None:
            cells[name] = _cell(value)
    return cells


def _cell(value: Any) -> str:  # noqa: ANN401 - any JSON value
    if isinstance(value, str) and value and value == value.strip() and not value.startswith(LOOKS_LIKE_JSON):
        return value
    return json.dumps(value, ensure_ascii=False)
