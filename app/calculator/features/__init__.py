"""Features of a boundary representation: what a machinist would call by name.

One file per kind; a recogniser takes the graph of faces and yields what it found. Adding a kind is a file
and a row here.
"""

from collections.abc import Callable, Iterator

from app.calculator.features.found import Found, numbered
from app.calculator.features.graph import Graph
from app.calculator.features.holes import find_holes
from app.calculator.features.surfaces import Shape
from app.contract.geometry import Feature

RECOGNISERS: tuple[Callable[[Graph], Iterator[Found]], ...] = (find_holes,)


def recognise(shape: Shape) -> tuple[Feature, ...]:
    """Every feature of every solid in an OCCT shape, in millimetres and in a fixed order.

    Face ids count the faces in the order of the file (see ``graph``).
    """
    graph = Graph(shape)
    return numbered(found for find in RECOGNISERS for found in find(graph))
