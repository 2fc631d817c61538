"""Floats of the facts as exact figures, once and rounded."""

from collections.abc import Callable, Iterator, Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Generic, TypeVar

from app.contract.geometry import Feature

PLACES = Decimal("0.001")
"""A thousandth of a millimetre (mm2, mm3): finer figures differ from run to run, not from part to part."""
LARGEST = 1e18
"""Nothing measurable is larger, and nothing larger could be told in thousandths."""
NUMBERS = (int, float)
ZERO = Decimal(0)

T = TypeVar("T")


def exact(value: object) -> Decimal | None:
    """The figure in thousandths, a truth as one or nought; ``None`` for what is no figure or absurd."""
    if not isinstance(value, NUMBERS) or not -LARGEST <= value <= LARGEST:
        return None
    return Decimal(repr(value + 0)).quantize(PLACES, ROUND_HALF_UP)


def positive(value: object) -> Decimal:
    """The same, nought where there is no figure or one below it."""
    found = exact(value)
    return ZERO if found is None or found <= 0 else found


def figures_of(feature: Feature) -> dict[str, Any]:
    """The figures that depend on the kind of the feature."""
    return feature.__pydantic_extra__ or {}


def word(value: object) -> str | None:
    """The text; ``None`` for what is none."""
    return value if isinstance(value, str) else None


class WhenAsked(Mapping[str, T], Generic[T]):
    """Figures of a feature, each read when it is asked for, as few are; what cannot be read is not there."""

    __slots__ = ("_figures", "_read")

    def __init__(self, figures: Mapping[str, Any], read: Callable[[object], T | None]) -> None:
        self._figures = figures
        self._read = read

    def __getitem__(self, name: str) -> T:
        found = self._read(self._figures.get(name))
        if found is None:
            raise KeyError(name)
        return found

    def __iter__(self) -> Iterator[str]:
        return (name for name, value in self._figures.items() if self._read(value) is not None)

    def __len__(self) -> int:
        return sum(1 for _ in self)
