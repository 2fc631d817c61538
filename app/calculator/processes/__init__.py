"""One file per process; a module that exports ``PROCESS`` is found here without being named anywhere."""

import pkgutil
from importlib import import_module

from app.calculator.catalog.catalog import Catalog
from app.calculator.processes.base import Process


class DuplicateProcess(ValueError):
    """Two files claim the same key."""


def discover() -> dict[str, Process]:
    """All processes by key; refuses a key that stands in two files."""
    found: dict[str, Process] = {}
    for module in pkgutil.iter_modules(__path__):
        process = getattr(import_module(f"{__name__}.{module.name}"), "PROCESS", None)
        if process is None:
            continue
        if process.key in found:
            raise DuplicateProcess(f"process {process.key!r} stands in two files")
        found[process.key] = process
    return found


PROCESSES = discover()


def missing_figures(catalog: Catalog) -> list[str]:
    """Figures that a process needs and the catalogue does not hold, as ``table/figure``."""
    return sorted(
        f"{table}/{figure}"
        for process in PROCESSES.values()
        for table, figures in process.figure_ids.items()
        for figure in figures - catalog.figures.get(table, {}).keys()
    )
