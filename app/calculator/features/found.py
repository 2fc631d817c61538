"""What a recogniser hands on, before it has an id."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from app.calculator.features.graph import Face
from app.calculator.features.surfaces import Floats
from app.contract.geometry import Feature, Vector

_MM_DIGITS = 6
_UNIT_DIGITS = 9


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """A feature of a kind with its faces, its place and the figures of that kind."""

    kind: str
    faces: frozenset[Face]
    place: Floats
    confidence: float
    figures: dict[str, Any] = field(default_factory=dict)


def figure(value: float) -> float:
    """Noise below a nanometre (or a millionth of a degree) is not part of a figure."""
    return round(float(value), _MM_DIGITS) + 0.0


def direction(vector: Floats) -> list[float]:
    """A unit vector as plain numbers."""
    return [round(part, _UNIT_DIGITS) + 0.0 for part in vector.tolist()]


def numbered(found: Iterable[Found]) -> tuple[Feature, ...]:
    """Features with ids, each kind counted from 1 in the order of the lowest face id."""
    counts: dict[str, int] = {}
    features = []
    for one in sorted(found, key=_order):
        counts[one.kind] = counts.get(one.kind, 0) + 1
        x_mm, y_mm, z_mm = (figure(value) for value in one.place.tolist())
        features.append(
            Feature.model_validate(
                {
                    **one.figures,
                    "id": f"{one.kind}-{counts[one.kind]}",
                    "kind": one.kind,
                    "face_ids": tuple(sorted(face.id for face in one.faces)),
                    "place": Vector(x=x_mm, y=y_mm, z=z_mm),
                    "confidence": one.confidence,
                }
            )
        )
    return tuple(features)


def _order(one: Found) -> tuple[int, str, tuple[int, ...]]:
    ids = tuple(sorted(face.id for face in one.faces))
    return (ids[0] if ids else -1, one.kind, ids)
