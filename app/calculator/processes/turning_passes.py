"""Turning by passes over the real profile: a pass takes length / (feed x turns), a depth so many passes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from functools import cached_property

from app.calculator.catalog.cutting_rows import Machinability
from app.calculator.processes import labels
from app.calculator.processes.base import ONE, PI, ZERO, Cylinder, Job, Measured, Recognised, Step
from app.calculator.processes.blanks import ROUND_SECTION, Blank
from app.calculator.processes.cutting import hours, machinability
from app.calculator.processes.end_mill import rpm
from app.calculator.processes.roughing import POWER, TOOL, power_limit_cm3_min
from app.calculator.processes.shape import Turn

FIGURES = frozenset(
    {
        "turning_rpm",
        "turning_approach_mm",
        "facing_mm",
        "parting_mm",
        "parting_feed_mm",
        "groove_feed_mm",
        "groove_tool_mm",
        "groove_minutes",
        "slender_ratio",
        "slender_most",
        "slender_factor",
        "least_turned_mm",
    }
)
SLENDER = "the slenderness of the part"
FACES = 2


@dataclass(frozen=True, slots=True)
class Depth:
    """The depth of a roughing pass, and what keeps it from being deeper."""

    depth_mm: Decimal
    bound_by: str


@dataclass(frozen=True)
class Passes:
    """The passes that make a profile out of a bar."""

    job: Job
    outline: Cylinder
    bar: Blank

    @cached_property
    def data(self) -> Machinability:
        """The cutting data."""
        return machinability(self.job)

    @cached_property
    def bar_mm(self) -> Decimal:
        """The diameter of a round bar of the same section."""
        return 2 * (self.bar.volume_mm3 / self._length_of_bar / PI).sqrt()

    @property
    def _length_of_bar(self) -> Decimal:
        return self.outline.length_mm + FACES * self.job.figures["facing_mm"]

    @cached_property
    def profile(self) -> tuple[Turn, ...]:
        """The turned profile; of a part without one a cylinder of its volume."""
        measured = self.job.part.measured
        assert measured is not None
        told = [] if measured.turned is None else [turn for turn in measured.turned.profile if turn.length_mm]
        if told:
            return tuple(told)
        diameter = (measured.volume_mm3 / self.outline.length_mm / ROUND_SECTION).sqrt()
        return (Turn(diameter, diameter, self.outline.length_mm),)

    @cached_property
    def stretch(self) -> Decimal:
        """Rounded edges are no stretches of their own: the told lengths are drawn out to the whole length."""
        return self.outline.length_mm / sum(turn.length_mm for turn in self.profile)

    @cached_property
    def depth(self) -> Depth:
        """The least of three: what the tool takes, what the spindle drives, what a slender part bears."""
        data, figures = self.data, self.job.figures
        by_power = power_limit_cm3_min(self.job, data.kc_turning_mpa) / (
            data.turning_feed_mm * data.turning_speed_m_min
        )
        bounds = [Depth(data.turning_depth_mm, TOOL), Depth(by_power, POWER)]
        slender = self.outline.length_mm / self.outline.diameter_mm
        if slender > figures["slender_ratio"]:
            factor = figures["slender_factor"] ** (2 if slender > figures["slender_most"] else 1)
            bounds.append(Depth(data.turning_depth_mm / factor, SLENDER))
        return min(bounds, key=lambda bound: bound.depth_mm)

    def volume_mm3(self) -> Decimal:
        """What is turned off the bar along the profile."""
        bar = ROUND_SECTION * self.bar_mm**2 * self.outline.length_mm
        part = sum((ROUND_SECTION * _middle(turn) ** 2 * turn.length_mm for turn in self.profile), ZERO)
        return max(ZERO, bar - part * self.stretch)

    def roughing_step(self, feature_id: str | None) -> Step:
        """Along every stretch as often as the depth of cut takes, and once over each face."""
        data = self.data
        passes, minutes, way = ZERO, ZERO, ZERO
        for turn in self.profile:
            often = _often((self.bar_mm - _middle(turn)) / 2, self.depth.depth_mm)
            length = turn.length_mm * self.stretch + self.job.figures["turning_approach_mm"]
            passes, way = passes + often, way + often * length
            turns = self._turns(data.turning_speed_m_min, (self.bar_mm + _middle(turn)) / 2)
            minutes += often * length / (data.turning_feed_mm * turns)
        minutes += self._faces_minutes(data.turning_speed_m_min, data.turning_feed_mm)
        return Step(
            code="turning",
            group="machining",
            label=labels.ROUGH_TURNING,
            formula="sum of passes x length / (feed x turns), "
            f"depth limited by {self.depth.bound_by}, x pieces",
            piece_hours=hours(minutes, self.job.figures["cutting_factor"]),
            graded=False,
            inputs={
                "removed_volume_per_piece": (self.volume_mm3(), "mm3"),
                "passes_per_piece": (passes, "passes"),
                "way_per_piece": (way, "mm"),
            },
            feature_id=feature_id,
            data={
                "depth_of_cut": (self.depth.depth_mm, "mm"),
                "removal_rate": (self._rate_cm3_min(), "cm3/min"),
                "actual_over_cutting_time": (self.job.figures["cutting_factor"], "1"),
            },
            rows=(data.full_key,),
        )

    def finishing_step(self, feature_id: str | None) -> Step:
        """Once along the whole profile, once over each face, and the cut that parts the piece off."""
        data, figures = self.data, self.job.figures
        minutes, way = ZERO, ZERO
        for turn in self.profile:
            length = turn.length_mm * self.stretch + figures["turning_approach_mm"]
            way += length
            across = max(_middle(turn), figures["least_turned_mm"])
            turns = self._turns(data.turning_finish_speed_m_min, across)
            minutes += length / (data.turning_finish_feed_mm * turns)
        minutes += self._faces_minutes(data.turning_finish_speed_m_min, data.turning_finish_feed_mm)
        turns = self._turns(data.turning_speed_m_min, self.bar_mm)
        parting = self.bar_mm / 2 / (figures["parting_feed_mm"] * turns)
        return Step(
            code="finish-turning",
            group="finishing",
            label=labels.FINISH_TURNING_AND_PARTING,
            formula="(length of the profile and faces / (feed x turns) + parting) x pieces",
            piece_hours=hours(minutes + parting, figures["cutting_factor"]),
            inputs={"way_per_piece": (way, "mm")},
            feature_id=feature_id,
            rows=(data.full_key,),
        )

    def groove_steps(self, grooves: Sequence[Recognised]) -> tuple[Step, ...]:
        """Every groove on its own: plunges side by side, as wide as the tool."""
        figures = self.job.figures
        steps = []
        for groove in grooves:
            width, depth, across = (
                max(ZERO, groove.numbers.get(name, ZERO)) for name in ("width_mm", "depth_mm", "diameter_mm")
            )
            turns = self._turns(self.data.turning_speed_m_min, max(across, figures["least_turned_mm"]))
            plunges = _often(width, figures["groove_tool_mm"])
            minutes = figures["groove_minutes"] + plunges * depth / (figures["groove_feed_mm"] * turns)
            steps.append(
                Step(
                    code="groove",
                    group="machining",
                    label=labels.GROOVE,
                    formula="(tool to its place + plunges x depth / (feed x turns))"
                    " x actual over cutting time x pieces",
                    piece_hours=hours(minutes, figures["cutting_factor"]),
                    inputs={
                        "width_per_piece": (width, "mm"),
                        "depth_per_piece": (depth, "mm"),
                        "plunges_per_piece": (plunges, "plunges"),
                    },
                    figures=("groove_minutes", "groove_feed_mm"),
                    data={
                        "turns": (turns, "1/min"),
                        "actual_over_cutting_time": (figures["cutting_factor"], "1"),
                    },
                    feature_id=groove.id,
                    rows=(self.data.full_key,),
                )
            )
        return tuple(steps)

    def _rate_cm3_min(self) -> Decimal:
        return self.depth.depth_mm * self.data.turning_feed_mm * self.data.turning_speed_m_min

    def _faces_minutes(self, speed_m_min: Decimal, feed_mm: Decimal) -> Decimal:
        """From the outside to the middle, at the turns of half the way."""
        turns = self._turns(speed_m_min, self.bar_mm / 2)
        return FACES * (self.bar_mm / 2 + self.job.figures["turning_approach_mm"]) / (feed_mm * turns)

    def _turns(self, speed_m_min: Decimal, diameter_mm: Decimal) -> Decimal:
        return rpm(speed_m_min, diameter_mm, self.job.figures["turning_rpm"])


def _middle(turn: Turn) -> Decimal:
    return (turn.diameter_mm + turn.least_diameter_mm) / 2


def _often(depth_mm: Decimal, at_once_mm: Decimal) -> Decimal:
    """How many passes; at least one."""
    return max(ONE, (depth_mm / at_once_mm).to_integral_value(ROUND_CEILING))


def is_one_sided(measured: Measured) -> bool:
    """Whether one side of the bar reaches all of it: diameters fall one way, no hole on the axis is blind."""
    if measured.turned is None:
        return False
    diameters = [_middle(turn) for turn in measured.turned.profile]
    falls = diameters in (sorted(diameters), sorted(diameters, reverse=True))
    return falls and all(hole.kind == "through" for hole in measured.holes if hole.on_axis)


def residue_mm3(removed_mm3: Decimal, told: Iterable[Decimal], slack: Decimal) -> Decimal:
    """What none of the told volumes explains, if it is more than a slack of all."""
    left = removed_mm3 - sum(told, ZERO)
    return left if left > slack * removed_mm3 else ZERO
