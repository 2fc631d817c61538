"""Features of a boundary representation: what a machinist would call by name.

One file per kind; a recogniser takes the graph of faces and what earlier recognisers have found, and yields
what it found itself. Adding a kind is a file and a row here.
"""

import logging
from collections.abc import Callable, Iterable, Sequence

from app.calculator.features.blends import find_chamfers, find_fillets
from app.calculator.features.bosses import find_bosses
from app.calculator.features.found import Found, numbered
from app.calculator.features.graph import Graph
from app.calculator.features.holes import find_holes
from app.calculator.features.patterns import grouped
from app.calculator.features.pockets import find_pockets
from app.calculator.features.sheet import find_sheets
from app.calculator.features.solid_graph import SolidGraph
from app.calculator.features.surfaces import Shape
from app.calculator.features.turned import find_turned
from app.contract.geometry import Feature

log = logging.getLogger(__name__)

Recogniser = Callable[[Graph, Sequence[Found]], Iterable[Found]]

RECOGNISERS: tuple[Recogniser, ...] = (
    find_holes,
    find_sheets,
    find_turned,
    find_bosses,
    find_pockets,
    find_fillets,
    find_chamfers,
)
"""In this order: who comes later leaves alone what is already explained."""

MOST_FEATURES = 5_000
"""More are not told, so that the answer stays a few megabytes; those of earlier recognisers go first."""


def recognise(shape: Shape, failed: Callable[[str], None] | None = None) -> tuple[Feature, ...]:
    """The features of every solid in an OCCT shape, in millimetres and in a fixed order.

    Face ids count the faces in the order of the file (see ``solid_graph``).
    """
    return recognise_in(SolidGraph(shape), failed)


def recognise_in(graph: Graph, failed: Callable[[str], None] | None = None) -> tuple[Feature, ...]:
    """What the recognisers find, one after the other.

    With ``failed`` a recogniser that raises is logged and told by name, and what the others found is kept;
    without it the exception goes on.
    """
    known: list[Found] = []
    for find in RECOGNISERS:
        try:
            known += list(find(graph, known))
        except MemoryError:
            raise
        except Exception:
            if failed is None:
                raise
            log.exception("recogniser-failed", extra={"recogniser": find.__name__})
            failed(find.__name__)
    return numbered(grouped(known[:MOST_FEATURES]))
