"""Which processes have learned: those whose jobs were fitted, whoever else reads the same figures."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from app.calculator.catalog.catalog import Catalog
from app.calculator.catalog.rows import Figure
from app.calculator.pricing.band import LEARNED
from app.calculator.processes import PROCESSES
from scripts.calibration.times import Timed

YES, NO = Decimal(1), Decimal(0)


def marks(jobs: Sequence[Timed], figures: Sequence[Figure], catalog: Catalog) -> Mapping[str, Decimal]:
    """The mark by the table that a process alone reads.

    A process that reads the marked table of another one, as bending does that of laser cutting, is told not
    to have learned, unless the catalogue says something about it already.
    """
    fitted = {figure.process for figure in figures}
    found = {job.tables[-1]: YES for job in jobs if fitted.intersection(job.tables)}
    heirs = {tables[-1] for tables in _tables() if found.keys() & set(tables[:-1])} - found.keys()
    silent = {table for table in heirs if LEARNED not in catalog.figures.get(table, {})}
    return {**found, **dict.fromkeys(sorted(silent), NO)}


def _tables() -> Iterator[tuple[str, ...]]:
    for process in PROCESSES.values():
        for variant in process.variants():
            yield process.tables(process.params.model_validate(variant))
