"""What anybody would ask of OCCT directly: read, transfer, volume, area, exact box. Shares no code with ours."""

from pathlib import Path
from typing import Any, NamedTuple

from OCP.Bnd import Bnd_Box
from OCP.BRepBndLib import BRepBndLib
from OCP.BRepGProp import BRepGProp
from OCP.GProp import GProp_GProps
from OCP.STEPControl import STEPControl_Reader


class Properties(NamedTuple):
    """In millimetres; the box is ``None`` when it was not asked for."""

    volume_mm3: float
    area_mm2: float
    box_mm: tuple[float, ...] | None


def properties(path: Path, *, box: bool) -> Properties:
    """Read the file and ask OCCT's own functions; the optimal box on request."""
    reader = STEPControl_Reader()
    reader.ReadFile(str(path))
    reader.TransferRoots()
    shape = reader.OneShape()
    volume, area = GProp_GProps(), GProp_GProps()
    BRepGProp.VolumeProperties_s(shape, volume)
    BRepGProp.SurfaceProperties_s(shape, area)
    return Properties(volume.Mass(), area.Mass(), _box(shape) if box else None)


def _box(shape: Any) -> tuple[float, ...]:  # noqa: ANN401 - OCP has no types
    optimal = Bnd_Box()
    BRepBndLib.AddOptimal_s(shape, optimal, False, False)
    return tuple(optimal.Get())
