"""Finds the handlers of an application."""

from collections.abc import Iterable
from importlib import import_module
from pathlib import Path

from app.core.jobs.definitions import Schedule, Subscription
from app.core.jobs.pruning import prune
from app.core.jobs.registry import Handler, Registry

APP = Path(__file__).resolve().parents[2]


def discover() -> Registry:
    """What every feature's ``jobs.py`` declares, and the housekeeping of the jobs themselves."""
    folders = sorted(path.parent.name for path in APP.glob("*/jobs.py"))
    modules = [import_module(f"{APP.name}.{folder}.jobs") for folder in folders]
    return Registry([prune, *handlers_of(modules)])


def handlers_of(modules: Iterable[object]) -> list[Handler]:
    """Everything that was declared with ``on`` and ``every`` in these modules."""
    return [
        value
        for module in modules
        for value in vars(module).values()
        if isinstance(value, Subscription | Schedule)
    ]
