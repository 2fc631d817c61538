"""Wall thickness: how far through the material it is to the wall behind."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from app.calculator.analysis.opposites import Opposites, Side, least_agreed, near_mm, opposites
from app.calculator.analysis.samples import Probe
from app.calculator.geometry.rays import Floats
from app.contract.geometry import Thickness

DIGITS = 4
P5 = 0.05


@dataclass(frozen=True)
class Walls:
    """The samples of a body that have a wall behind them."""

    probe: Probe
    behind: Opposites


def walls_of(probe: Probe) -> Walls:
    """Every sample with the wall behind it, seen along the inward normal."""
    return Walls(probe, opposites(probe, Side.inwards))


def thickness_of(walls: Iterable[Walls]) -> Thickness | None:
    """Least, fifth percentile and median over the area of all bodies; ``None`` without walls.

    A wall is where the surface in front and the one behind are parallel to within thirty degrees. Taken
    straight across, nothing is thin at the edge of a block; where walls converge by less than that, the
    least thickness is what at least three samples next to each other agree on, so it is never zero.
    """
    walls = [one for one in walls if len(one.behind.rows)]
    if not walls:
        return None
    values = np.concatenate([one.behind.distance_mm for one in walls])
    areas = np.concatenate([one.probe.samples.areas_mm2[one.behind.rows] for one in walls])
    p5, median = _share(values, areas, P5), _share(values, areas, 0.5)
    points = np.concatenate([one.probe.samples.points[one.behind.rows] for one in walls])
    least = least_agreed(values, points, near_mm(values, areas))
    if least is None:
        return Thickness(min=p5, p5=p5, median=median)
    owners = np.repeat(np.arange(len(walls)), [len(one.behind.rows) for one in walls])
    owner = walls[int(owners[least])]
    nth = least - int(np.searchsorted(owners, owners[least]))
    row = int(owner.behind.rows[nth])
    faces = {
        int(owner.probe.samples.faces[row]),
        int(owner.probe.surface.face_of[owner.behind.triangles[nth]]),
    }
    return Thickness(
        min=round(float(values[least]), DIGITS),
        p5=p5,
        median=median,
        thinnest_place=owner.probe.place(
            points[least] - owner.probe.samples.normals[row] * values[least] / 2
        ),
        thinnest_face_ids=tuple(sorted(faces)),
    )


def _share(values: Floats, areas: Floats, share: float) -> float:
    """The value below which this share of the area lies."""
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(areas[order])
    return round(float(values[order[np.searchsorted(reached, share * reached[-1])]]), DIGITS)
