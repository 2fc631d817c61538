"""Rows of equal XML elements become arrays: the part of a 3MF file that there are millions of."""

from collections.abc import Callable, Sequence
from itertools import chain
from typing import Generic, TypeVar

import numpy as np

from app.calculator.errors import CadTooComplex, CadUnreadable
from app.calculator.readers.digits import Corners, Indices

BLOCK_ROWS = 65_536

Attributes = list[str]
"""Name, value, name, value …, as the parser hands them over."""


Numbers = TypeVar("Numbers", Corners, Indices)


class Rows(Generic[Numbers]):
    """Collects elements with ``add`` and keeps the numbers of the wanted attributes, block by block."""

    def __init__(self, wanted: Sequence[str], parse: Callable[[str, int], Numbers], most: int) -> None:
        self._wanted = tuple(wanted)
        self._parse: Callable[[str, int], Numbers] = parse
        self._blocks: list[Numbers] = []
        self._waiting: list[Attributes] = []
        self._left = most
        self.add: Callable[[Attributes], None] = self._waiting.append

    def settle(self) -> None:
        """Convert what has come together. Raises ``CadTooComplex`` for more elements than ``most``."""
        if len(self._waiting) >= BLOCK_ROWS:
            self._convert()

    def taken(self) -> Numbers:
        """Everything since the last time, one row per element. Raises ``CadUnreadable``."""
        if self._waiting:
            self._convert()
        blocks, self._blocks = self._blocks, []
        return np.concatenate(blocks) if blocks else self._parse("", 0).reshape(0, len(self._wanted))

    def _convert(self) -> None:
        count = len(self._waiting)
        self._left -= count
        if self._left < 0:
            raise CadTooComplex("the model has more triangles or vertices than this service measures")
        values = _columns(self._waiting, self._wanted)
        self._blocks.append(self._parse(" ".join(values), len(values)).reshape(count, -1))
        self._waiting.clear()


def _columns(rows: list[Attributes], wanted: tuple[str, ...]) -> list[str]:
    """The wanted values row by row; quick where every row names the same attributes in the same order."""
    width = len(rows[0])
    flat = list(chain.from_iterable(rows))
    if width == 2 * len(wanted) and flat[0::2] == list(wanted) * len(rows):
        return flat[1::2]
    try:
        return [
            named[name]
            for row in rows
            for named in (dict(zip(row[::2], row[1::2], strict=True)),)
            for name in wanted
        ]
    except KeyError as error:
        message = f"an element lacks its attribute {error.args[0]}"
        raise CadUnreadable(message) from error
