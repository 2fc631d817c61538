"""The catalogue with its rates, row by row: between the two services and administrators only."""

from typing import Annotated

from pydantic import Field

from app.contract.base import STORABLE, Message
from app.contract.params import Params

MAX_TEXT = 1_000_000
MAX_ROWS = 20_000
MAX_TABLES = 64
VERSION_PATTERN = "^[0-9A-Za-z-]{1,64}$"

Version = Annotated[str, Field(pattern=VERSION_PATTERN)]
"""The name of a catalogue: the SHA-256 of all its rows."""
TableName = Annotated[str, Field(min_length=1, max_length=64), STORABLE]
RowKey = Annotated[str, Field(min_length=1, max_length=160), STORABLE]
ImportedText = Annotated[str, Field(max_length=MAX_TEXT), STORABLE]


class RowName(Message):
    """Which row of which table."""

    table: TableName
    key: RowKey


class GivenRow(Message):
    """A whole row, as somebody wrote it."""

    table: TableName
    fields: Params


class CatalogRow(GivenRow):
    """A row as it counts: numbers and dates as text, nothing that is left at its default."""

    key: RowKey


class CatalogRows(Message):
    """All rows; within a table their order is content, as it is the order of choices and of defaults."""

    rows: Annotated[tuple[CatalogRow, ...], Field(max_length=MAX_ROWS)]


class CatalogContent(CatalogRows):
    """A catalogue and its name."""

    version: Version


class CatalogChanges(Message):
    """What is to be different: rows in any of three ways, which replace those of the same key; rows to drop.

    ``toml`` has tables as the shipped files have them. ``csv`` has a text for each table: a line of names,
    then a row per line; ``label.en`` is a field of a field, lists are written as JSON, as are texts that
    would look like it, empty means not given.
    """

    toml: ImportedText | None = None
    csv: Annotated[dict[TableName, ImportedText], Field(max_length=MAX_TABLES)] = {}
    rows: Annotated[tuple[GivenRow, ...], Field(max_length=MAX_ROWS)] = ()
    remove: Annotated[tuple[RowName, ...], Field(max_length=MAX_ROWS)] = ()


class CatalogProposal(CatalogChanges):
    """Changes on top of the catalogue with the version ``base``."""

    base: Version
