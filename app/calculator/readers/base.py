"""What every reader is: a function from a path to a part, under limits; and which one a file needs."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from app.contract.formats import HEAD_BYTES, TAIL_BYTES, sniff
from app.contract.geometry import PartFormat

if TYPE_CHECKING:  # the service asks for the format and must not import numpy
    from app.calculator.geometry.part import Part


@dataclass(frozen=True)
class ReadLimits:
    """Counts a reader checks before it starts the work."""

    max_triangles: int = 5_000_000
    max_entities: int = 1_000_000


Reader = Callable[[Path, ReadLimits], "Part"]
"""Raises ``CadUnreadable``, ``CadInvalid`` or ``CadTooComplex``."""


def format_of(file: BinaryIO) -> PartFormat | None:
    """The format by content, ``None`` when no reader knows it. Leaves the file at its start."""
    size_bytes = file.seek(0, 2)
    file.seek(0)
    head = file.read(HEAD_BYTES)
    file.seek(max(0, size_bytes - TAIL_BYTES))
    tail = file.read(TAIL_BYTES)
    file.seek(0)
    return sniff(head, tail, size_bytes)
