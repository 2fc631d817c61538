"""Holes one by one: positioning, drilling by depth, the mouth, the thread; wide ones are milled out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from app.calculator.processes import labels
from app.calculator.processes.base import MM3_PER_CM3, ZERO, Job, Step
from app.calculator.processes.blanks import ROUND_SECTION
from app.calculator.processes.cutting import hours, params_of
from app.calculator.processes.end_mill import EndMills, rpm
from app.calculator.processes.shape import Hole
from app.calculator.processes.told import one_by_one

FIGURES = frozenset(
    {
        "hole_minutes",
        "spot_minutes",
        "approach_mm",
        "tip_share",
        "deep_ratio",
        "deep_speed_share",
        "deep_feed_share",
        "peck_minutes_per_mm",
        "mouth_feed_share",
        "bore_from_mm",
        "thread_ratio",
        "tap_minutes",
        "machine_factor",
        "smallest_tool_mm",
        "spindle_rpm",
    }
)
BORED_TOOL_SHARE = Decimal("0.6")
"""A tool that winds down into a wide hole is at most so much of its diameter."""

_Shape = tuple[object, ...]


@dataclass(frozen=True)
class Drilling:
    """Times of holes in one material on one machine; equal holes are reckoned once."""

    job: Job
    mills: EndMills
    known: dict[_Shape, Decimal] = field(default_factory=dict)

    def steps(self, holes: Sequence[Hole]) -> tuple[Step, ...]:
        """Every hole on its own, up to a number that a person still reads; the rest together."""
        first = _first_of_strokes(holes)
        return one_by_one(
            holes,
            lambda hole: self.minutes(hole, positioned=hole.stroke is None or hole.id in first),
            lambda hole, minutes: self._step((hole,), minutes, hole.id),
            lambda rest, minutes: self._step(rest, minutes, None),
        )

    def tools(self, holes: Iterable[Hole]) -> frozenset[str]:
        """The tools they take: a spot drill, one for every diameter, mouth and thread."""
        tools = set()
        for hole in holes:
            tools |= {"spot drill", f"drill {hole.diameter_mm}"}
            if hole.mouth_diameter_mm:
                tools.add(f"{hole.kind} {hole.mouth_diameter_mm}")
            if self.is_tapped(hole) and hole.thread is not None:
                tools.add(f"tap {hole.thread.nominal_mm}x{hole.thread.pitch_mm}")
        return frozenset(tools)

    def is_tapped(self, hole: Hole) -> bool:
        """Whether a thread is cut: it is drawn, or supposed and asked for."""
        if hole.thread is None:
            return False
        return hole.thread.is_drawn or params_of(self.job).threads == "candidates"

    def minutes(self, hole: Hole, *, positioned: bool = True) -> Decimal:
        """Of one hole; without positioning where the drill only goes on into another wall."""
        shape = (hole.diameter_mm, hole.depth_mm, hole.kind, hole.mouth_diameter_mm, hole.thread, positioned)
        found = self.known.get(shape)
        if found is None:
            found = self.known[shape] = self._minutes(hole, positioned=positioned)
        return found

    def _minutes(self, hole: Hole, *, positioned: bool) -> Decimal:
        figures = self.job.figures
        if hole.diameter_mm > figures["bore_from_mm"]:
            minutes = figures["hole_minutes"] + self.milled_minutes(hole.diameter_mm, hole.depth_mm)
        else:
            minutes = self.drilled_minutes(hole.diameter_mm, hole.depth_mm)
            minutes += figures["hole_minutes"] + figures["spot_minutes"] if positioned else ZERO
        if hole.mouth_diameter_mm > hole.diameter_mm:
            minutes += figures["hole_minutes"] + self._mouth_minutes(hole)
        return minutes + self.tapping_minutes(hole)

    def drilled_minutes(self, diameter_mm: Decimal, depth_mm: Decimal) -> Decimal:
        """(Approach + depth + tip) / feed; a deep hole is drilled slower and in pecks."""
        figures = self.job.figures
        diameter = max(diameter_mm, figures["smallest_tool_mm"])
        travel = figures["approach_mm"] + depth_mm + diameter * figures["tip_share"]
        minutes = travel / self.feed_mm_min(diameter)
        if depth_mm <= figures["deep_ratio"] * diameter:
            return minutes
        slower = figures["deep_speed_share"] * figures["deep_feed_share"]
        return minutes / slower + depth_mm * figures["peck_minutes_per_mm"]

    def feed_mm_min(self, diameter_mm: Decimal) -> Decimal:
        """Turns x feed, which is a share of the diameter."""
        data = self.mills.data
        turns = rpm(data.drill_speed_m_min, diameter_mm, self.job.figures["spindle_rpm"])
        return turns * data.drill_feed_share * diameter_mm

    def milled_minutes(self, diameter_mm: Decimal, depth_mm: Decimal) -> Decimal:
        """An end mill winds down and then once round the wall."""
        mills = self.mills
        tool = min(mills.largest_mm, diameter_mm * BORED_TOOL_SHARE)
        slower = mills.reach_factor(depth_mm, tool)
        volume = ROUND_SECTION * diameter_mm**2 * depth_mm / MM3_PER_CM3
        round_wall = 4 * ROUND_SECTION * diameter_mm * depth_mm
        passes = round_wall / tool / mills.finish_feed_mm_min(tool)
        return (volume / mills.removal_cm3_min(tool) + passes) * slower

    def _mouth_minutes(self, hole: Hole) -> Decimal:
        """A counterbore or countersink, cut with the feed of a drill as wide or milled out."""
        figures = self.job.figures
        if hole.mouth_diameter_mm > figures["bore_from_mm"]:
            return self.milled_minutes(hole.mouth_diameter_mm, hole.mouth_depth_mm)
        feed = self.feed_mm_min(hole.mouth_diameter_mm) * figures["mouth_feed_share"]
        return (figures["approach_mm"] + hole.mouth_depth_mm) / feed

    def tapping_minutes(self, hole: Hole) -> Decimal:
        """Into place, in and out again by the pitch, no deeper than a thread needs; nothing without one."""
        figures, thread = self.job.figures, hole.thread
        if thread is None or not self.is_tapped(hole):
            return ZERO
        depth = min(hole.depth_mm, figures["thread_ratio"] * thread.nominal_mm)
        turns = rpm(self.mills.data.tap_speed_m_min, thread.nominal_mm, figures["spindle_rpm"])
        return figures["hole_minutes"] + 2 * depth / (turns * thread.pitch_mm) + figures["tap_minutes"]

    def _step(self, holes: Sequence[Hole], minutes: Decimal, feature_id: str | None) -> Step:
        figures = self.job.figures
        depth = sum((hole.depth_mm for hole in holes), ZERO)
        return Step(
            code="drilling",
            group="machining",
            label=labels.HOLE if feature_id else labels.HOLES,
            formula=f"({self._words(holes[0])}) x pieces" if feature_id else MANY,
            piece_hours=hours(minutes, figures["machine_factor"]),
            inputs={
                "holes_per_piece": (len(holes), "holes"),
                "depth_per_piece": (depth, "mm"),
                **({"diameter_per_piece": (holes[0].diameter_mm, "mm")} if feature_id else {}),
            },
            feature_id=feature_id,
            data={
                "minutes": (minutes, "min"),
                "actual_over_programmed_time": (figures["machine_factor"], "1"),
            },
            rows=(self.mills.data.full_key,),
        )

    def _words(self, hole: Hole) -> str:
        figures = self.job.figures
        words = "positioning + spot drilling + drilling"
        if hole.diameter_mm > figures["bore_from_mm"]:
            words = "positioning + milling out + once round the wall"
        elif hole.depth_mm > figures["deep_ratio"] * hole.diameter_mm:
            words = "positioning + spot drilling + deep drilling in pecks"
        if hole.mouth_diameter_mm > hole.diameter_mm:
            words += f" + {hole.kind}"
        return f"{words} + tapping" if self.is_tapped(hole) else words


MANY = "time of each hole by its kind and depth x pieces"


def volume_mm3(hole: Hole) -> Decimal:
    """What is taken out of it."""
    square = hole.diameter_mm * hole.diameter_mm
    volume = ROUND_SECTION * square * hole.depth_mm
    if not hole.mouth_depth_mm:
        return volume
    ring = max(ZERO, hole.mouth_diameter_mm * hole.mouth_diameter_mm - square)
    return volume + ROUND_SECTION * ring * hole.mouth_depth_mm


def wall_mm2(hole: Hole) -> Decimal:
    """Its wall, which needs no finishing of its own."""
    return 4 * ROUND_SECTION * hole.diameter_mm * hole.depth_mm


def _first_of_strokes(holes: Iterable[Hole]) -> frozenset[str]:
    first: dict[Decimal, str] = {}
    for hole in holes:
        if hole.stroke is not None:
            first.setdefault(hole.stroke, hole.id)
    return frozenset(first.values())
