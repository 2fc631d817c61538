"""Holes on the axis of a turned part: drilled with the part turning, wide ones bored to size in passes."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal

from app.calculator.processes import labels
from app.calculator.processes.base import ONE, ZERO, Job, Step
from app.calculator.processes.cutting import hours
from app.calculator.processes.drilling import Drilling
from app.calculator.processes.end_mill import rpm
from app.calculator.processes.shape import Hole

FIGURES = frozenset({"lathe_drill_mm", "boring_share"})


@dataclass(frozen=True)
class Boring:
    """Times of holes on the axis."""

    job: Job
    drilled: Drilling

    def steps(self, holes: Sequence[Hole]) -> tuple[Step, ...]:
        """Every hole on its own: there are few on one axis."""
        figures = self.job.figures
        return tuple(
            Step(
                code="boring" if hole.diameter_mm > figures["lathe_drill_mm"] else "drilling",
                group="machining",
                label=labels.HOLE_ON_THE_AXIS,
                formula=f"({self._words(hole)}) x pieces",
                piece_hours=hours(self.minutes(hole), figures["cutting_factor"]),
                inputs={
                    "diameter_per_piece": (hole.diameter_mm, "mm"),
                    "depth_per_piece": (hole.depth_mm, "mm"),
                },
                feature_id=hole.id,
                rows=(self.drilled.mills.data.full_key,),
            )
            for hole in holes
        )

    def minutes(self, hole: Hole) -> Decimal:
        """Drilling as far as the largest drill goes, then boring; a mouth is bored too."""
        figures = self.job.figures
        drill = min(hole.diameter_mm, figures["lathe_drill_mm"])
        minutes = figures["hole_minutes"] + self.drilled.drilled_minutes(drill, hole.depth_mm)
        minutes += self._bored_minutes(drill, hole.diameter_mm, hole.depth_mm)
        minutes += self._bored_minutes(hole.diameter_mm, hole.mouth_diameter_mm, hole.mouth_depth_mm)
        return minutes + self.drilled.tapping_minutes(hole)

    def _bored_minutes(self, from_mm: Decimal, to_mm: Decimal, depth_mm: Decimal) -> Decimal:
        """Passes of a slender bar, which takes a share of what an outer tool takes, and one to finish."""
        if to_mm <= from_mm:
            return ZERO
        figures, data = self.job.figures, self.drilled.mills.data
        share = figures["boring_share"]
        turns = rpm(data.turning_speed_m_min * share, to_mm, figures["turning_rpm"])
        finish = rpm(data.turning_finish_speed_m_min * share, to_mm, figures["turning_rpm"])
        often = ((to_mm - from_mm) / 2 / (data.turning_depth_mm * share)).to_integral_value(ROUND_CEILING)
        length = depth_mm + figures["turning_approach_mm"]
        return max(ONE, often) * length / (data.turning_feed_mm * share * turns) + length / (
            data.turning_finish_feed_mm * finish
        )

    def _words(self, hole: Hole) -> str:
        words = "drilling" if hole.diameter_mm <= self.job.figures["lathe_drill_mm"] else "drilling + boring"
        if hole.mouth_diameter_mm > hole.diameter_mm:
            words += f" + {hole.kind}"
        return f"{words} + tapping" if self.drilled.is_tapped(hole) else words
