"""Wall thickness: how far through the material it is to the wall behind."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from app.calculator.analysis.opposites import Opposites, Side, least_agreed, near_mm, opposites
from app.calculator.analysis.samples import Probe, Samples
from app.calculator.geometry.rays import Floats
from app.contract.geometry import Thickness, Vector

DIGITS = 4
P5 = 0.05


@dataclass(frozen=True)
class Walls:
    """The samples of a body that have a wall behind them."""

    probe: Probe
    behind: Opposites

    @property
    def samples(self) -> Samples:
        """Those samples alone, in the order of ``behind``."""
        return self.probe.samples[self.behind.rows]

    def half_way(self, row: int) -> tuple[Vector, tuple[int, ...]]:
        """The place within the wall at a sample, and the faces on both sides of it."""
        number = self.behind.rows[row]
        samples = self.probe.samples
        middle = samples.points[number] - samples.normals[number] * self.behind.distance_mm[row] / 2
        faces = {int(samples.faces[number]), int(self.probe.surface.face_of[self.behind.triangles[row]])}
        return self.probe.place(middle), tuple(sorted(faces))


def walls_of(probe: Probe) -> Walls:
    """Every sample with the wall behind it, seen along the inward normal."""
    return Walls(probe, opposites(probe, Side.inwards))


def thickness_of(walls: Iterable[Walls]) -> Thickness | None:
    """Least, fifth percentile and median over the area of all bodies; ``None`` without walls.

    A wall is where the surface in front and the one behind are parallel to within thirty degrees. Taken
    straight across, nothing is thin at the edge of a block; where walls converge by less than that, the
    least thickness is what at least three samples next to each other agree on, so it is never zero.
    """
    known = [one for one in walls if len(one.behind.rows)]
    if not known:
        return None
    values = np.concatenate([one.behind.distance_mm for one in known])
    points = np.concatenate([one.samples.points for one in known])
    areas_mm2 = np.concatenate([one.samples.areas_mm2 for one in known])
    p5, median = _share(values, areas_mm2, P5), _share(values, areas_mm2, 0.5)
    least = least_agreed(values, points, near_mm(values, areas_mm2))
    if least is None:
        return Thickness(min=p5, p5=p5, median=median)
    thinnest = min(round(float(values[least]), DIGITS), p5)
    for one in known:
        if least < len(one.samples):
            break
        least -= len(one.samples)
    place, face_ids = one.half_way(least)
    return Thickness(min=thinnest, p5=p5, median=median, thinnest_place=place, thinnest_face_ids=face_ids)


def _share(values: Floats, areas: Floats, share: float) -> float:
    """The value below which this share of the area lies."""
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(areas[order])
    return round(float(values[order[np.searchsorted(reached, share * reached[-1])]]), DIGITS)
