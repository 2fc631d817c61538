"""Known features against found ones."""

from collections import Counter
from dataclasses import dataclass, field

import numpy as np
import pytest

from app.contract.geometry import Feature
from tests.calculator.features.known import Drawn, Known

NOTHING = "nothing"
PLACE_MM = 0.05
FIGURE_MM = 0.02
FIGURE_RELATIVE = 5e-4
PARALLEL = 1e-3


@dataclass
class Score:
    """Counts of (drawn, found); ``NOTHING`` stands for missed and for invented ones."""

    table: Counter[tuple[str, str]] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)

    def add(self, part: Drawn, features: tuple[Feature, ...]) -> None:
        """Match every known feature with the found one at its place."""
        left = [feature for feature in features if feature.kind in part.judged]
        for known in part.features:
            match = next((feature for feature in left if _same_place(known, feature)), None)
            if match is None:
                self._note(part, known.name, NOTHING, f"{known}")
                continue
            left.remove(match)
            wrong = _wrong_figures(known, match)
            name = _name(match)
            self._note(
                part, known.name, f"{name}, wrong figures" if wrong and name == known.name else name, wrong
            )
        for feature in left:
            self._note(part, NOTHING, _name(feature), f"{feature}")

    def _note(self, part: Drawn, drawn: str, found: str, what: str) -> None:
        self.table[drawn, found] += 1
        if drawn != found:
            self.faults.append(f"{part.name}: {drawn} -> {found}: {what}")

    def precision(self, kind: str) -> float:
        """Right ones among found ones."""
        found = sum(count for (_, name), count in self.table.items() if _is(name, kind))
        return self._right(kind) / found if found else 1.0

    def recall(self, kind: str) -> float:
        """Right ones among drawn ones."""
        drawn = sum(count for (name, _), count in self.table.items() if _is(name, kind))
        return self._right(kind) / drawn if drawn else 1.0

    def _right(self, kind: str) -> int:
        return sum(
            count for (drawn, found), count in self.table.items() if drawn == found and _is(drawn, kind)
        )

    def kinds(self) -> list[str]:
        """Every kind that was drawn or found."""
        names = {name for pair in self.table for name in pair} - {NOTHING}
        return sorted({name.split(" ", 1)[0].rstrip(",") for name in names})

    def summary(self) -> str:
        """Precision and recall of every kind."""
        lines = ["| kind | drawn | precision | recall |", "|---|---|---|---|"]
        for kind in self.kinds():
            drawn = sum(count for (name, _), count in self.table.items() if _is(name, kind))
            lines.append(f"| {kind} | {drawn} | {self.precision(kind):.4f} | {self.recall(kind):.4f} |")
        return "\n".join(lines)

    def markdown(self) -> str:
        """The confusion table."""
        lines = ["| drawn | found | count |", "|---|---|---|"]
        lines += [f"| {drawn} | {found} | {count} |" for (drawn, found), count in sorted(self.table.items())]
        return "\n".join(lines)


def _is(name: str, kind: str) -> bool:
    return name.split(" ", 1)[0].rstrip(",") == kind


def _name(feature: Feature) -> str:
    label = (feature.__pydantic_extra__ or {}).get("type")
    return f"{feature.kind} {label}" if label else feature.kind


def _same_place(known: Known, feature: Feature) -> bool:
    """The found place lies on the known axis near the known place, or within its size."""
    away = np.array([feature.place.x, feature.place.y, feature.place.z]) - np.array(known.place)
    extra = feature.__pydantic_extra__ or {}
    if feature.kind != known.kind:
        return False
    if known.direction is None:
        return bool(np.linalg.norm(away) < known.figures.get("near_mm", 1.0))
    axis = np.array(known.direction)
    if "axis" in extra and abs(abs(np.dot(axis, extra["axis"])) - 1) > PARALLEL:
        return False
    near = known.figures.get("near_mm", 60.0)
    return bool(np.linalg.norm(away - (away @ axis) * axis) < PLACE_MM and abs(away @ axis) < near)


def _wrong_figures(known: Known, feature: Feature) -> str:
    extra = feature.__pydantic_extra__ or {}
    wrong = [
        f"{name} {extra.get(name)} instead of {value}"
        for name, value in known.figures.items()
        if name != "near_mm" and not _equal(extra.get(name), value)
    ]
    return ", ".join(wrong)


def _equal(found: object, wanted: object) -> bool:
    if isinstance(wanted, float | int) and not isinstance(wanted, bool):
        return isinstance(found, float | int) and found == pytest.approx(
            wanted, rel=FIGURE_RELATIVE, abs=FIGURE_MM
        )
    return found == wanted
