"""What a measured part shows a machinist: holes, threads, the turned profile, surfaces, clampings."""

from dataclasses import dataclass
from decimal import Decimal

NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class Thread:
    """A metric thread; ``is_drawn``: it is in the model, not only supposed from the diameter of a hole."""

    nominal_mm: Decimal
    pitch_mm: Decimal
    is_drawn: bool


@dataclass(frozen=True, slots=True)
class Hole:
    """A recognised hole; ``id`` is that of its feature.

    The mouth is its counterbore or countersink (``kind`` says which). ``stroke`` is a number it shares with
    other walls that one drill makes in one go; ``on_axis``: it lies on the axis of a turned part;
    ``direction`` numbers the different directions the holes of a part run in.
    """

    id: str
    diameter_mm: Decimal
    depth_mm: Decimal
    kind: str = "through"
    mouth_diameter_mm: Decimal = NOTHING
    mouth_depth_mm: Decimal = NOTHING
    thread: Thread | None = None
    stroke: Decimal | None = None
    on_axis: bool = False
    direction: int = 0


@dataclass(frozen=True, slots=True)
class Turn:
    """One stretch of a turned profile; a cone runs from the one diameter to the other."""

    diameter_mm: Decimal
    least_diameter_mm: Decimal
    length_mm: Decimal


@dataclass(frozen=True, slots=True)
class Turned:
    """A part of revolution: the cylinder around it, its profile along the axis, the share of its surface."""

    id: str
    diameter_mm: Decimal
    length_mm: Decimal
    share: Decimal
    profile: tuple[Turn, ...]


@dataclass(frozen=True, slots=True)
class Clampings:
    """How often a part is clamped on machines of three, four and five axes, and the ``axes`` it asks for."""

    three: int
    four: int
    five: int
    axes: int


@dataclass(frozen=True, slots=True)
class FaceAreas:
    """Surface in mm2 by how it is cut: flat faces, round ones (cylinders, cones), free ones (all others)."""

    flat_mm2: Decimal
    round_mm2: Decimal
    free_mm2: Decimal
