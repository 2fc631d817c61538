"""Numbers written as text, millions at a time."""

import numpy as np
import numpy.typing as npt

from app.calculator.errors import CadUnreadable

Corners = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int64]


def floats(text: bytes | str, expected: int) -> Corners:
    """Exactly so many numbers between blanks. Raises ``CadUnreadable``."""
    numbers = _parsed(text, expected, np.dtype(np.float64))
    return numbers.astype(np.float64, copy=False)


def integers(text: bytes | str, expected: int) -> Indices:
    """Exactly so many whole numbers between blanks. Raises ``CadUnreadable``."""
    numbers = _parsed(text, expected, np.dtype(np.int64))
    return numbers.astype(np.int64, copy=False)


def _parsed(text: bytes | str, expected: int, kind: np.dtype[np.generic]) -> npt.NDArray[np.generic]:
    if not expected:
        return np.zeros(0, dtype=kind)
    try:
        numbers: npt.NDArray[np.generic] = np.fromstring(text, dtype=kind, sep=" ")
    except (ValueError, DeprecationWarning) as error:
        raise CadUnreadable("a number cannot be read") from error
    if len(numbers) != expected:
        message = f"{expected} numbers were expected, {len(numbers)} could be read"
        raise CadUnreadable(message)
    return numbers
