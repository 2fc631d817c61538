"""What every reader is: a function from an open path to a part, under limits."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from app.calculator.geometry.part import Part


@dataclass(frozen=True)
class ReadLimits:
    """Counts a reader checks before it starts the work."""

    max_triangles: int = 5_000_000
    max_entities: int = 1_000_000


Reader = Callable[[Path, ReadLimits], Part]
"""Raises ``CadUnreadable``, ``CadInvalid`` or ``CadTooComplex``."""
