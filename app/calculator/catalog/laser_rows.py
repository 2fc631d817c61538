"""What a laser does to metals: speeds and piercing times as published, and what the gaps are filled with."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar

from pydantic import Field

from app.calculator.catalog.rows import NamedRow, Positive, Row, RowId


class LaserMetal(NamedRow):
    """Metals that are cut alike: all materials of these groups of machinability.

    ``coupling`` is the share of the beam's power that melts metal, ``melting_kj_per_kg`` what a kilogram
    takes from room temperature until it flows; both serve the speed where no row tells it.
    """

    table: ClassVar[str] = "laser_metal"
    machinabilities: Annotated[tuple[RowId, ...], Field(min_length=1)]
    coupling: Annotated[Positive, Field(le=1)]
    melting_kj_per_kg: Positive
    kerf_mm: Positive
    thickest_mm: Positive


class LaserSpeed(Row):
    """The published range of speeds of a power at a thickness, in metres per minute."""

    table: ClassVar[str] = "laser_speed"
    metal: RowId
    power_kw: Positive
    thickness_mm: Positive
    low_m_min: Positive
    high_m_min: Positive

    @property
    def key(self) -> str:
        """Metal, power and thickness."""
        return f"{self.metal}/{self.power_kw.normalize():f}kW/{self.thickness_mm.normalize():f}mm"


class LaserPierce(Row):
    """How long the beam stands still before it is through."""

    table: ClassVar[str] = "laser_pierce"
    thickness_mm: Positive
    seconds: Positive

    @property
    def key(self) -> str:
        """The thickness."""
        return f"{self.thickness_mm.normalize():f}mm"


@dataclass(frozen=True, slots=True)
class LaserData:
    """Everything recorded about cutting one metal; speeds and piercing times by rising thickness."""

    metal: LaserMetal
    speeds: Sequence[LaserSpeed]
    pierces: Sequence[LaserPierce]
