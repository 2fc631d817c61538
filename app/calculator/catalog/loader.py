"""Puts catalogues together: from the shipped files, from rows that were sent, from changes to another one."""

from pathlib import Path

from app.calculator.catalog.catalog import Catalog
from app.calculator.catalog.promises import broken_promises
from app.calculator.catalog.reading import CatalogError, Fault, Reading
from app.calculator.catalog.references import broken_references
from app.contract.catalog_rows import CatalogChanges, CatalogContent

SHIPPED = Path(__file__).parent
IMPORTED = "catalog.toml"
"""What a TOML text without a file is called in messages."""


def load(folder: Path | None = None) -> Catalog:
    """The catalogue in the folder's TOML files (the shipped one without a folder).

    Raises ``CatalogError``, naming file and line, for text that is no TOML, unknown tables, bad or
    repeated rows, rows that refer to rows which do not exist, and those that make more cost less.
    """
    reading = Reading()
    for file in sorted((folder or SHIPPED).glob("*.toml")):
        reading.toml(file.name, file.read_text(encoding="utf-8"))
    reading.refuse()
    return _kept(_checked(Catalog(reading.rows), reading), reading)


def received(content: CatalogContent) -> Catalog:
    """The catalogue of these rows.

    Raises ``CatalogError`` for bad rows, and when they are not those that the version names. Whether more
    costs less was judged when they were proposed, so that versions of before that stay usable.
    """
    reading = Reading()
    reading.listed(content.rows)
    reading.refuse()
    catalog = _checked(Catalog(reading.rows), reading)
    if catalog.version != content.version:
        raise CatalogError(Fault("version", f"these rows are those of {catalog.version}"))
    return catalog


def changed(base: Catalog, changes: CatalogChanges) -> Catalog:
    """Another catalogue with changed, added and dropped rows.

    Raises ``CatalogError`` for bad or repeated rows, those that leave a reference to nothing, and those that
    make more cost less.
    """
    reading = Reading()
    if changes.toml is not None:
        reading.toml(IMPORTED, changes.toml)
    for table, text in changes.csv.items():
        reading.csv(table, text)
    reading.listed(changes.rows)
    known = {(row.table, row.key) for row in base.rows}
    for name in changes.remove:
        if (name.table, name.key) not in known:
            reading.missing(name)
    reading.refuse()
    dropped = {(name.table, name.key) for name in changes.remove}
    return _kept(_checked(base.without(dropped).with_rows(reading.rows), reading), reading)


def _checked(catalog: Catalog, reading: Reading) -> Catalog:
    for broken in broken_references(catalog):
        reading.refer(broken.row, broken.field, broken.message)
    reading.refuse()
    return catalog


def _kept(catalog: Catalog, reading: Reading) -> Catalog:
    """The catalogue, if nothing in it makes more cost less; told at the row of the two that was read."""
    for broken in broken_promises(catalog):
        read = [row for row in broken.rows if (row.table, row.key) in reading.placed]
        reading.refer((*read, *broken.rows)[0], "factor", broken.message)
    reading.refuse()
    return catalog
