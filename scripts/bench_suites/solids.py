"""STEP parts with few and many faces."""

import math
from pathlib import Path
from typing import Any

import cadquery as cq


def plate_step(path: Path, rows: int, *, freeform: bool = False) -> Path:
    """A plate with ``rows`` × ``rows`` holes and as many hexagonal cut-outs; a lofted boss on request."""
    size = 20.0 * rows + 10
    plate = (
        cq.Workplane()
        .rect(size, size)
        .rarray(20, 20, rows, rows)
        .circle(3)
        .extrude(12)
        .faces(">Z")
        .workplane()
        .transformed(offset=(10, 0, 0))
        .rarray(20, 20, max(1, rows - 1), rows)
        .polygon(6, 8)
        .cutBlind(-5)
    )
    if freeform:
        plate = plate.union(_boss(size))
    cq.exporters.export(plate, str(path), "STEP")
    return path


def _boss(size: float) -> Any:  # noqa: ANN401 - cadquery has no types
    """A freeform hill on the plate's rim."""

    def rim(scale: float) -> list[tuple[float, float]]:
        angles = [turn * 2 * math.pi / 12 for turn in range(12)]
        return [
            (scale * (1 + 0.2 * (turn % 2)) * math.cos(angle), scale * math.sin(angle))
            for turn, angle in enumerate(angles)
        ]

    return (
        cq.Workplane(origin=(size / 2 + 20, 0, 0))
        .spline(rim(24), periodic=True)
        .close()
        .workplane(offset=15)
        .spline(rim(16), periodic=True)
        .close()
        .workplane(offset=15)
        .spline(rim(20), periodic=True)
        .close()
        .loft(combine=True)
    )


def sheet_step(path: Path, holes: int) -> Path:
    """A sheet of 2 mm with so many holes in rows."""
    across = math.ceil(math.sqrt(holes))
    places = [(10.0 * (number % across), 10.0 * (number // across)) for number in range(holes)]
    size = 10.0 * across + 10
    sheet = (
        cq.Workplane()
        .center(size / 2 - 10, size / 2 - 10)
        .rect(size, size)
        .center(10 - size / 2, 10 - size / 2)
        .pushPoints(places)
        .circle(2.1)
        .extrude(2)
    )
    cq.exporters.export(sheet, str(path), "STEP")
    return path
