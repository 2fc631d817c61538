"""What is different between two catalogues, row by row."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from app.catalog.schemas import RowChange
from app.contract.catalog_rows import CatalogChanges, CatalogRow, GivenRow, RowName

Named = Mapping[tuple[str, str], CatalogRow]


def rows_from(stored: Iterable[Mapping[str, Any]]) -> tuple[CatalogRow, ...]:
    """Rows as they were stored."""
    return tuple(CatalogRow.model_validate(row) for row in stored)


def differences(old: Sequence[CatalogRow], new: Sequence[CatalogRow]) -> list[RowChange]:
    """Rows that were added, removed or changed, these with the fields that differ, table by table."""
    return sorted(_changes(_named(old), _named(new)), key=lambda change: (change.table, change.key))


def own_changes(
    base: Sequence[CatalogRow], own: Sequence[CatalogRow], target: Sequence[CatalogRow]
) -> CatalogChanges:
    """What somebody changed who began with ``base`` and has ``own``, to be applied to ``target``.

    Rows he left as they were follow the target; rows he dropped are dropped there too.
    """
    before, after, there = _named(base), _named(own), _named(target)
    changed = [row for name, row in after.items() if before.get(name) != row]
    gone = [name for name in before if name not in after and name in there]
    return CatalogChanges(
        rows=tuple(GivenRow(table=row.table, fields=row.fields) for row in changed),
        remove=tuple(RowName(table=table, key=key) for table, key in gone),
    )


def _named(rows: Iterable[CatalogRow]) -> Named:
    return {(row.table, row.key): row for row in rows}


def _changes(old: Named, new: Named) -> Iterator[RowChange]:
    for name in {**old, **new}:
        before, after = old.get(name), new.get(name)
        if before == after:
            continue
        table, key = name
        was, is_now = _differing(before, after)
        yield RowChange(table=table, key=key, before=was, after=is_now)


def _differing(
    before: CatalogRow | None, after: CatalogRow | None
) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
    if before is None or after is None:
        return None if before is None else before.fields, None if after is None else after.fields
    names = [
        name
        for name in {**before.fields, **after.fields}
        if before.fields.get(name) != after.fields.get(name)
    ]
    return (
        {name: before.fields[name] for name in names if name in before.fields},
        {name: after.fields[name] for name in names if name in after.fields},
    )
