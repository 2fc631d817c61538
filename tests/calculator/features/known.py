"""Parts that were drawn by us, so every feature on them is known."""

from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

import cadquery as cq
from OCP.BRepBuilderAPI import BRepBuilderAPI_NurbsConvert

Point = tuple[float, float, float]


@dataclass(frozen=True)
class Known:
    """A feature that was drawn: ``place`` lies on its axis (or in its middle), ``figures`` must be found."""

    kind: str
    place: Point
    direction: Point | None = None
    label: str = ""
    figures: dict[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """What it is called in the confusion table."""
        return f"{self.kind} {self.label}" if self.label else self.kind


@dataclass(frozen=True)
class Drawn:
    """A part and all features of the kinds in ``judged`` that it has."""

    name: str
    shape: Any
    features: tuple[Known, ...]
    judged: frozenset[str] = frozenset({"hole"})

    def placed(self, random: Random) -> "Drawn":
        """The same part turned and moved."""
        axis = cq.Vector(random.uniform(-1, 1), random.uniform(-1, 1), random.uniform(-1, 1))
        turn = cq.Location(cq.Vector(0, 0, 0), axis, random.uniform(0, 360))
        move = cq.Location(cq.Vector(*(random.uniform(-500, 500) for _ in range(3))))
        where = move * turn
        features = tuple(
            replace(
                known,
                place=_moved(known.place, where),
                direction=_moved(known.direction, turn) if known.direction else None,
            )
            for known in self.features
        )
        return replace(self, shape=self.shape.moved(where), features=features)

    def free_form(self) -> "Drawn":
        """The same part with every surface written as a B-spline."""
        converted = BRepBuilderAPI_NurbsConvert(self.shape.wrapped, True).Shape()
        return replace(self, name=f"{self.name}, free-form", shape=cq.Shape.cast(converted))


def _moved(point: Point, where: cq.Location) -> Point:
    x, y, z = cq.Vertex.makeVertex(*point).moved(where).toTuple()
    return (x, y, z)


def turned_tool(profile: list[tuple[float, float]]) -> Any:
    """A body of revolution about z from (radius, z) corners; starts and ends on the axis."""
    corners = [(0.0, profile[0][1]), *profile]
    if profile[-1][0] > 0:
        corners.append((0.0, profile[-1][1]))
    return cq.Workplane("XZ").polyline(corners).close().revolve(360, (0, 0, 0), (0, 1, 0))


def aimed(tool: Any, place: Point, direction: Point) -> Any:
    """A tool drawn along -z from its mouth at the origin, put to ``place`` and opening to ``direction``."""
    plane = cq.Plane(origin=place, normal=direction)
    return tool.val().moved(cq.Location(plane))


def cut(body: Any, tools: list[Any]) -> Any:
    """The body without the tools."""
    return body.cut(*tools) if tools else body
