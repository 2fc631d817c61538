"""One file per rule; a module that exports ``RULE`` is found here without being named anywhere."""

import pkgutil
from importlib import import_module

from app.calculator.dfm.base import Rule


def discover() -> tuple[Rule, ...]:
    """All rules, in the order of their file names."""
    names = sorted(module.name for module in pkgutil.iter_modules(__path__))
    return tuple(import_module(f"{__name__}.{name}").RULE for name in names)


RULES = discover()
