"""What stands for its picture."""

from dataclasses import dataclass

from app.calculator.geometry.looks import Looks
from app.calculator.geometry.surface import Surface


@dataclass(frozen=True)
class Subject:
    """A surface and its looks.

    ``has_faces``: its faces are those of a CAD system and say where edges are; otherwise triangles are all
    there is, and an edge is where they bend sharply.
    """

    surface: Surface
    looks: Looks
    has_faces: bool
