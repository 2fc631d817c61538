"""What a drawing shows: the entities of its model space and of the blocks inserted there, in place."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from app.calculator.errors import CadTooComplex, CadUnreadable
from app.calculator.geometry.curves import Floats, Stroke, Transform, stroke_of
from app.calculator.readers.dxf_curves import Entity, curves_of, frame_of

DEEPEST_NESTING = 50
MOST_POINTS = 5_000_000
_MARKS = re.compile(r"CENT|HIDDEN|DASH|PHANTOM|DOT|DIVIDE|ACAD_ISO(?!01)", re.IGNORECASE)
"""Line types of axes, hidden edges and bends: drawn to be seen, not to be cut."""


@dataclass
class Passed:
    """What was not taken for a line to cut, by kind."""

    kinds: Counter[str] = field(default_factory=Counter)
    marks: int = 0
    hidden: int = 0


@dataclass(frozen=True)
class _Place:
    """Where the entities of a block go and what they inherit."""

    transform: Transform
    layer: str = "0"
    linetype: str = "BYLAYER"
    depth: int = 0


class Sheet:
    """A loaded drawing, its strokes in millimetres. ``passed`` is filled while they are made."""

    def __init__(self, document: Any, scale: float, most_entities: int) -> None:  # noqa: ANN401 - of ezdxf
        self._document = document
        self._scale = scale
        self._most = most_entities
        self._counts: dict[str, int] = {}
        self._points = 0
        self.passed = Passed()

    def strokes(self) -> Iterator[Stroke]:
        """One stroke per entity. Raises ``CadTooComplex`` before blocks within blocks multiply too far."""
        space = self._document.modelspace()
        drawn = sum(self._count(entity) for entity in space)
        if drawn > self._most:
            message = (
                f"{drawn} entities, those of repeated blocks included, are more than the {self._most} read"
            )
            raise CadTooComplex(message)
        scale = np.eye(4, 3) * self._scale
        for entity in space:
            yield from self._drawn(entity, _Place(scale))

    def _count(self, entity: Entity, depth: int = 0) -> int:
        """How many entities this one stands for."""
        if entity.dxftype() != "INSERT":
            return 1
        if depth > DEEPEST_NESTING:
            raise CadUnreadable("blocks hold one another in a circle, or too deep")
        name = entity.dxf.name
        if name not in self._counts:
            block = entity.block()
            self._counts[name] = sum(self._count(inner, depth + 1) for inner in block or ())
        return max(1, int(entity.mcount)) * max(1, self._counts[name])

    def _drawn(self, entity: Entity, place: _Place) -> Iterator[Stroke]:
        layer = place.layer if entity.dxf.layer == "0" else entity.dxf.layer
        if entity.dxf.invisible or self._is_off(layer):
            self.passed.hidden += 1
        elif entity.dxftype() == "INSERT":
            yield from self._inserted(entity, place, layer)
        elif _MARKS.search(self._linetype(entity, layer, place)):
            self.passed.marks += 1
        else:
            yield from self._stroke(entity, place)

    def _stroke(self, entity: Entity, place: _Place) -> Iterator[Stroke]:
        curves = curves_of(entity)
        if curves is None:
            self.passed.kinds[entity.dxftype()] += 1
        elif curves:
            stroke = stroke_of(curves, _after(frame_of(entity), place.transform))
            self._points += len(stroke.points)
            if self._points > MOST_POINTS:
                raise CadTooComplex("the curves of the drawing are too many to follow")
            yield stroke

    def _inserted(self, entity: Entity, place: _Place, layer: str) -> Iterator[Stroke]:
        block = entity.block()
        if block is None:
            self.passed.kinds["INSERT"] += 1
            return
        linetype = self._linetype(entity, layer, place)
        for copy in entity.multi_insert() if entity.mcount > 1 else (entity,):
            inner = np.array(list(copy.matrix44().rows()))[:, :3]
            there = _Place(_after(inner, place.transform), layer, linetype, place.depth + 1)
            for part in block:
                yield from self._drawn(part, there)

    def _linetype(self, entity: Entity, layer: str, place: _Place) -> str:
        name = str(entity.dxf.linetype)
        if name.upper() == "BYBLOCK":
            name = place.linetype
        if name.upper() != "BYLAYER":
            return name
        layers = self._document.layers
        return str(layers.get(layer).dxf.linetype) if layers.has_entry(layer) else ""

    def _is_off(self, layer: str) -> bool:
        layers = self._document.layers
        if layer.lower() == "defpoints":
            return True
        if not layers.has_entry(layer):
            return False
        entry = layers.get(layer)
        return bool(entry.is_off() or entry.is_frozen())


def _after(inner: Floats, outer: Transform) -> Transform:
    """First the inner transform, then the outer one."""
    both: Transform = inner @ outer[:3]
    both[3] += outer[3]
    return both
