"""Pockets, slots and milled grooves one by one: the tool that fits the width, then that of the corners."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from app.calculator.processes import labels
from app.calculator.processes.base import (
    MM2_PER_CM2,
    MM3_PER_CM3,
    ONE,
    PI,
    ZERO,
    Job,
    Measured,
    Recognised,
    Step,
)
from app.calculator.processes.cutting import hours
from app.calculator.processes.end_mill import EndMills
from app.calculator.processes.told import one_by_one

FIGURES = frozenset(
    {"pocket_tool_share", "wall_step_share", "smallest_tool_mm", "reach_limit", "pocket_minutes"}
    | {"cutting_factor"}
)
CORNERS = 4
SIDES = 2


@dataclass(frozen=True, slots=True)
class Pocket:
    """A sunk region; without a floor it is a window. ``radius_mm`` is that of its inner corners, if any."""

    id: str
    length_mm: Decimal
    width_mm: Decimal
    depth_mm: Decimal
    radius_mm: Decimal | None
    has_floor: bool

    @property
    def volume_mm3(self) -> Decimal:
        """Of the box it is cut out of."""
        return self.length_mm * self.width_mm * self.depth_mm

    @property
    def around_mm(self) -> Decimal:
        """Length of its walls."""
        return SIDES * (self.length_mm + self.width_mm)

    @property
    def surface_mm2(self) -> Decimal:
        """Walls and floor."""
        floor = self.length_mm * self.width_mm if self.has_floor else ZERO
        return self.around_mm * self.depth_mm + floor


def pockets_of(measured: Measured) -> tuple[Pocket, ...]:
    """The pockets whose sizes are known."""
    found = (_pocket(one) for one in measured.of_kind("pocket"))
    return tuple(one for one in found if one is not None)


def ring_grooves_of(measured: Measured) -> tuple[Pocket, ...]:
    """Ring grooves that are milled: slots as long as they are round."""
    found = (_groove(one) for one in measured.of_kind("groove"))
    return tuple(one for one in found if one is not None)


def _pocket(one: Recognised) -> Pocket | None:
    length, width, depth = _sizes(one.numbers, "length_mm", "width_mm", "depth_mm")
    if not (length and width and depth):
        return None
    radius = one.numbers.get("corner_radius_mm")
    return Pocket(one.id, length, width, depth, radius, one.words.get("type") != "through")


def _groove(one: Recognised) -> Pocket | None:
    diameter, width, depth = _sizes(one.numbers, "diameter_mm", "width_mm", "depth_mm")
    if not (diameter and width and depth):
        return None
    return Pocket(one.id, PI * diameter, width, depth, None, has_floor=True)


def _sizes(numbers: Mapping[str, Decimal], *names: str) -> tuple[Decimal, Decimal, Decimal]:
    first, second, third = (max(ZERO, numbers.get(name, ZERO)) for name in names)
    return first, second, third


class Times(NamedTuple):
    """Minutes of cutting by what is done: the tools to their places, clearing, floor, walls, corners."""

    places: Decimal
    clearing: Decimal
    floor: Decimal
    walls: Decimal
    corners: Decimal


@dataclass(frozen=True)
class Pocketing:
    """Times of pockets in one material on one machine."""

    job: Job
    mills: EndMills

    def steps(self, pockets: Sequence[Pocket], share: Decimal) -> tuple[Step, ...]:
        """Every pocket on its own, up to a number that a person still reads; the rest together.

        ``share`` is how much of the volume of their boxes was really there to be removed.
        """
        return one_by_one(
            pockets,
            lambda pocket: self.minutes(pocket, share),
            lambda pocket, minutes: self._step((pocket,), share, minutes, pocket.id),
            lambda rest, minutes: self._step(rest, share, minutes, None),
        )

    def tools_mm(self, pocket: Pocket) -> tuple[Decimal, Decimal]:
        """The diameters that clear the width and that fit the corners.

        A sharp corner, or one too small for its depth, gets the thinnest tool that reaches down.
        """
        figures = self.job.figures
        least = max(figures["smallest_tool_mm"], pocket.depth_mm / figures["reach_limit"])
        wide = min(self.mills.largest_mm, pocket.width_mm * figures["pocket_tool_share"])
        wide = max(figures["smallest_tool_mm"], wide)
        corner = wide if pocket.radius_mm is None else max(least, 2 * pocket.radius_mm)
        return wide, min(wide, corner)

    def tools(self, pockets: Sequence[Pocket]) -> frozenset[str]:
        """The end mills they take beyond the usual ones, by millimetres."""
        usual = self.mills.largest_mm
        diameters = {int(tool) for pocket in pockets for tool in self.tools_mm(pocket) if tool < usual}
        return frozenset(f"end mill {diameter}" for diameter in diameters)

    def minutes(self, pocket: Pocket, share: Decimal = ONE) -> Decimal:
        """All that is done to it."""
        return sum(self.times(pocket, share), ZERO)

    def times(self, pocket: Pocket, share: Decimal) -> Times:
        """Clearing, floor and walls with the tool that fits the width; the corners with their own."""
        mills, place = self.mills, self.job.figures["pocket_minutes"]
        wide, corner = self.tools_mm(pocket)
        clearing = pocket.volume_mm3 * share / MM3_PER_CM3 / mills.removal_cm3_min(wide)
        floor = pocket.length_mm * pocket.width_mm / MM2_PER_CM2 / mills.flat_cm2_min(wide)
        walls = pocket.around_mm * self._passes(pocket, wide) / mills.finish_feed_mm_min(wide)
        reach = mills.reach_factor(pocket.depth_mm, wide)
        floor = floor * reach if pocket.has_floor else ZERO
        if corner == wide:
            return Times(place, clearing * reach, floor, walls * reach, ZERO)
        rest = CORNERS * wide * self._passes(pocket, corner) / mills.finish_feed_mm_min(corner)
        corners = rest * mills.reach_factor(pocket.depth_mm, corner)
        return Times(2 * place, clearing * reach, floor, walls * reach, corners)

    def _passes(self, pocket: Pocket, tool_mm: Decimal) -> Decimal:
        """How often a wall is gone along, as deep as a finishing tool cuts at once."""
        return max(ONE, pocket.depth_mm / (tool_mm * self.job.figures["wall_step_share"]))

    def _step(
        self, pockets: Sequence[Pocket], share: Decimal, minutes: Decimal, feature_id: str | None
    ) -> Step:
        wide, corner = self.tools_mm(pockets[0])
        told = [self.times(one, share) for one in pockets]
        times = Times(*(sum(one, ZERO) for one in zip(*told, strict=True)))
        formula = "(tools to their places + clearing, floor and walls of each pocket + corners)"
        if feature_id:
            formula = f"(tools to their places + clearing, floor and walls with a tool of {wide:.1f} mm"
            formula += f" + corners with one of {corner:.1f} mm)" if corner < wide else ")"
        return Step(
            code="pocket",
            group="machining",
            label=labels.POCKET if feature_id else labels.POCKETS,
            formula=f"{formula} x actual over cutting time x pieces",
            piece_hours=hours(minutes, self.job.figures["cutting_factor"]),
            inputs={
                "volume_per_piece": (sum((one.volume_mm3 for one in pockets), ZERO), "mm3"),
                "surface_per_piece": (sum((one.surface_mm2 for one in pockets), ZERO), "mm2"),
            },
            feature_id=feature_id,
            data={
                "minutes": (minutes, "min"),
                **{f"{name}_minutes": (time, "min") for name, time in times._asdict().items()},
                "actual_over_cutting_time": (self.job.figures["cutting_factor"], "1"),
            },
            rows=(self.mills.data.full_key,),
        )
