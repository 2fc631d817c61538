"""What a rule is, what it sees of a part, and how it says that a limit is broken.

A rule is a file in ``rules`` that exports ``RULE``. Its limits are figures of the process: ``recommended``
broken is a warning, ``feasible`` broken an error. A rule without any of its figures does not apply to the
process.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from app.contract.base import unchecked
from app.contract.geometry import Feature, Finding, PartFacts, Severity, Vector

Figures = Mapping[str, Decimal]

TOLERANCE = 1e-6
"""A measured figure may miss its limit by this share: it has been through a floating point."""

SURE = 0.75
"""Features of less confidence, those of a mesh for instance, are worth a warning at most."""

FEATURES_FAILED = "features-failed"

NUMBERS = (int, float)

_finding = unchecked(Finding)


class Part:
    """The facts, and the features by kind."""

    def __init__(self, facts: PartFacts) -> None:
        self.facts = facts

    @cached_property
    def _by_kind(self) -> Mapping[str, Sequence[Feature]]:
        found: dict[str, list[Feature]] = {}
        for feature in self.facts.features:
            found.setdefault(feature.kind, []).append(feature)
        return found

    def features(self, kind: str) -> Sequence[Feature]:
        """Those of a kind, in the order of the facts."""
        return self._by_kind.get(kind, ())

    @cached_property
    def shows_features(self) -> bool:
        """Whether there are features, or it is sure that there are none: never on a mesh."""
        facts = self.facts
        if facts.features:
            return True
        failed = any(finding.code == FEATURES_FAILED for finding in facts.findings)
        return facts.faces is not None and facts.complete and not failed

    @cached_property
    def shows_walls(self) -> bool:
        """Whether rays measured walls, gaps and heights."""
        return self.facts.thickness_mm is not None


@dataclass(frozen=True, slots=True)
class Broken:
    """The limit that a value breaks, and how bad that is."""

    severity: Severity
    limit: float


class Limits:
    """The figures of a process as plain numbers."""

    def __init__(self, figures: Figures) -> None:
        self._figures = {name: float(figure) for name, figure in figures.items()}

    def get(self, name: str) -> float | None:
        """A figure, if the process has it."""
        return self._figures.get(name)

    def below(
        self, value: float, recommended: str, feasible: str, times: float = 1, plus: float = 0
    ) -> Broken | None:
        """The limit that the value is under: so many times the figure, and so much more."""
        return self._broken(value, (recommended, feasible), -1, (times, plus))

    def above(
        self, value: float, recommended: str, feasible: str, times: float = 1, plus: float = 0
    ) -> Broken | None:
        """The limit that the value is over."""
        return self._broken(value, (recommended, feasible), 1, (times, plus))

    def _broken(
        self, value: float, names: tuple[str, str], side: int, scale: tuple[float, float]
    ) -> Broken | None:
        recommended, feasible = names
        checks: tuple[tuple[str, Severity], ...] = ((feasible, "error"), (recommended, "warning"))
        for name, severity in checks:
            figure = self._figures.get(name)
            if figure is None:
                continue
            limit = figure * scale[0] + scale[1]
            if side * (value - limit) > TOLERANCE * abs(limit):
                return Broken(severity, limit)
        return None


@dataclass(frozen=True, slots=True)
class Rule:
    """``subject`` completes the sentence "These could not be judged"; ``figures`` are all it reads."""

    subject: str
    figures: frozenset[str]
    can_judge: Callable[[Part], bool]
    check: Callable[[Part, Limits], Iterator[Finding]]


@dataclass(frozen=True, slots=True)
class Words:
    """What a rule says whatever the figure: the codes of its warning and its error, the remedy, the price."""

    warning: str
    error: str
    fix: str
    unit: str
    price_effect: str | None = None

    def say(
        self,
        broken: Broken,
        value: float,
        message: str,
        at: Feature | None = None,
        *,
        place: Vector | None = None,
        face_ids: tuple[int, ...] | None = None,
    ) -> Finding:
        """A finding about a feature, or with a ``place`` and ``face_ids`` of its own.

        What is not surely there is no error.
        """
        severity = broken.severity
        if at is not None:
            severity = "warning" if severity == "error" and at.confidence < SURE else severity
            place = at.place if place is None else place
            face_ids = at.face_ids if face_ids is None else face_ids
        return _finding(
            code=self.error if severity == "error" else self.warning,
            severity=severity,
            message=message,
            fix=self.fix,
            value=float(round(value, 3)),
            limit=float(round(broken.limit, 3)),
            unit=self.unit,
            place=place,
            face_ids=face_ids or (),
            feature_id=None if at is None else at.id,
            price_effect=self.price_effect,
        )


def number(feature: Feature, name: str) -> float | None:
    """A figure of the feature, if it has it and it is a number."""
    found = (feature.__pydantic_extra__ or {}).get(name)
    return float(found) if isinstance(found, NUMBERS) and not isinstance(found, bool) else None


def text(feature: Feature, name: str) -> str | None:
    """A word of the feature, if it has it."""
    found = (feature.__pydantic_extra__ or {}).get(name)
    return found if isinstance(found, str) else None


def axis_of(feature: Feature) -> tuple[float, float, float] | None:
    """The direction of the feature, if it has one."""
    found = (feature.__pydantic_extra__ or {}).get("axis")
    if not isinstance(found, Sequence) or len(found) != len(("x", "y", "z")):
        return None
    x, y, z = (float(part) for part in found)
    return x, y, z


def arm(start: Vector, end: Vector) -> tuple[float, float, float]:
    """From one place to another."""
    return end.x - start.x, end.y - start.y, end.z - start.z


def dot(one: tuple[float, float, float], other: tuple[float, float, float]) -> float:
    """The scalar product."""
    return one[0] * other[0] + one[1] * other[1] + one[2] * other[2]


def always(part: Part) -> bool:
    """What is judged is in the facts of every part."""
    return bool(part.facts)


def features(part: Part) -> bool:
    """It takes features."""
    return part.shows_features


def walls(part: Part) -> bool:
    """It takes rays."""
    return part.shows_walls
