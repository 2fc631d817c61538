"""The faces of a part and the edges between them, wherever they come from.

``solid_graph`` takes them from a boundary representation, ``mesh_graph`` from the regions of a mesh.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from app.calculator.features.surfaces import Floats, Surface
from app.calculator.features.tolerance import SMOOTH_RAD


class Face(ABC):
    """A face of the part; ``links`` are its edges to other faces, ``solid`` is the number of its body."""

    __slots__ = ("id", "links", "solid", "surface")

    def __init__(self, number: int, solid: int, surface: Surface) -> None:
        self.id = number
        self.solid = solid
        self.surface = surface
        self.links: list[Link] = []

    @property
    def kind(self) -> str:
        """The kind of surface."""
        return self.surface.kind

    @property
    @abstractmethod
    def area_mm2(self) -> float:
        """Area within the face's own borders."""

    @property
    @abstractmethod
    def centre(self) -> Floats:
        """Centre of the area, in millimetres."""


@dataclass(frozen=True, slots=True, eq=False)
class Link:
    """An edge between two faces; ``angle`` is positive where it sticks out and negative in an inner corner.

    ``middle`` and ``tangent`` are taken at the middle of the edge; the tangent runs as ``first`` sees it,
    with its material on the left.
    """

    first: Face
    second: Face
    angle: float
    middle: Floats
    tangent: Floats
    ends: tuple[Floats, Floats]
    straight: bool
    length_mm: float

    @property
    def convex(self) -> bool:
        """An outer edge."""
        return self.angle > SMOOTH_RAD

    @property
    def concave(self) -> bool:
        """An inner edge."""
        return self.angle < -SMOOTH_RAD

    @property
    def smooth(self) -> bool:
        """The faces run into each other."""
        return abs(self.angle) <= SMOOTH_RAD

    def other(self, face: Face) -> Face:
        """The face on the other side."""
        return self.second if face is self.first else self.first


class Graph(ABC):
    """Every face of every solid, linked by edges."""

    faces: list[Face]
    links: list[Link]

    @cached_property
    def centre(self) -> Floats:
        """A place amid the part; figures relative to it do not suffer from distance to the origin."""
        if not self.links:
            return self.faces[0].centre if self.faces else np.zeros(3)
        middles = np.array([link.middle for link in self.links])
        centre: Floats = (middles.min(axis=0) + middles.max(axis=0)) / 2
        return centre

    @abstractmethod
    def loops(self, face: Face) -> list[list[Link]]:
        """The links along each border of the face, the outer border first; seams are left out."""

    @abstractmethod
    def volume_mm3(self, solid: int) -> float:
        """Volume of the body with this number."""
