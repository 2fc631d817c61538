"""Parts that the customer brings to be treated: their surface, what of it is masked, how many go at once."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from app.calculator.processes.base import (
    MINUTES_PER_HOUR,
    PI,
    ZERO,
    Charge,
    Extents,
    Group,
    Job,
    Part,
    Plan,
    Recognised,
    Step,
)
from app.calculator.processes.blanks import box_volume_mm3, round_volume_mm3
from app.calculator.processes.cutting import mass_kg
from app.calculator.processes.printed import pieces_in_space
from app.contract.base import Text
from app.contract.pricing import Stock

HANGING = Text(en="Hanging and taking off", ru="Навеска и снятие")
PART = Stock(shape="part", dimensions=None)
HOLE, THREAD = "hole", "thread_candidate"
MM2_PER_M2 = Decimal(10) ** 6
SIDES = Decimal(2)
MOST_TOLD_MASKS = 50
MOST_PIECES = 1_000_000

Mask = Literal["threads", "holes", "none"]
"""What stays bare: holes that are threaded, all holes, nothing."""


@dataclass(frozen=True, slots=True)
class Body:
    """The part that is treated; of bare dimensions the full box or cylinder."""

    area_mm2: Decimal
    volume_mm3: Decimal
    extents_mm: Extents
    masked: tuple[Recognised, ...] = ()

    @property
    def masked_mm2(self) -> Decimal:
        """The walls of what is masked, as far as they are known."""
        return min(self.area_mm2, sum(map(_wall_mm2, self.masked), ZERO))

    @property
    def treated_mm2(self) -> Decimal:
        """The surface that is left to be treated."""
        return self.area_mm2 - self.masked_mm2


def body_of(part: Part, mask: Mask = "none") -> Body:
    """The part with what is masked of it."""
    measured = part.measured
    if measured is not None:
        holes = measured.of_kind(HOLE) if mask != "none" else ()
        masked = tuple(hole for hole in holes if mask == "holes" or THREAD in hole.words)
        return Body(measured.area_mm2, measured.volume_mm3, part.extents_mm, masked)
    if part.cylinder is not None:
        across, length = part.cylinder.diameter_mm, part.cylinder.length_mm
        area = PI * across * length + PI / SIDES * across**2
        return Body(area, round_volume_mm3(part.cylinder), part.extents_mm)
    length, width, height = part.extents_mm
    area = SIDES * (length * width + length * height + width * height)
    return Body(area, box_volume_mm3(part.extents_mm), part.extents_mm)


def _wall_mm2(hole: Recognised) -> Decimal:
    diameter, depth = (hole.numbers.get(name, ZERO) for name in ("diameter_mm", "depth_mm"))
    return max(ZERO, PI * diameter * depth)


def masking_steps(body: Body, figures: Mapping[str, Decimal]) -> tuple[Step, ...]:
    """Hole by hole, up to a number that a person still reads; the rest together."""
    told, rest = body.masked[:MOST_TOLD_MASKS], body.masked[MOST_TOLD_MASKS:]
    steps = [_masking((hole,), hole.id, figures) for hole in told]
    return (*steps, _masking(rest, None, figures)) if rest else tuple(steps)


def _masking(holes: tuple[Recognised, ...], feature_id: str | None, figures: Mapping[str, Decimal]) -> Step:
    return Step(
        code="masking",
        group="setup",
        label=Text(en="Masking", ru="Маскирование"),
        formula="masked holes x time of a plug x pieces",
        piece_hours=len(holes) * figures["mask_minutes"] / MINUTES_PER_HOUR,
        graded=False,
        by_hand=True,
        inputs={
            "masked_holes_per_piece": (len(holes), "holes"),
            "masked_area_per_piece": (sum(map(_wall_mm2, holes), ZERO), "mm2"),
        },
        feature_id=feature_id,
        figures=("mask_minutes",),
    )


def lot_step(label: Text, figures: Mapping[str, Decimal]) -> Step:
    """What is done before every lot."""
    return Step(
        code="setup",
        group="setup",
        label=label,
        formula="set-up time x lots",
        batch_hours=figures["setup_hours"],
        graded=False,
        figures=("setup_hours",),
    )


def piece_step(code: str, group: Group, label: Text, figures: Mapping[str, Decimal], time: str) -> Step:
    """What is done by hand with every piece and takes the same time with all of them: the figure ``time``."""
    return Step(
        code=code,
        group=group,
        label=label,
        formula="time per piece x pieces",
        piece_hours=figures[time] / MINUTES_PER_HOUR,
        graded=False,
        by_hand=True,
        figures=(time,),
    )


def hanging_step(figures: Mapping[str, Decimal]) -> Step:
    """Onto the rack and off again."""
    return piece_step("hanging", "setup", HANGING, figures, "hanging_minutes")


def pieces_at_once(body: Body, job: Job, clearance_mm: Decimal) -> int:
    """How many pieces the largest of the machines that fit holds, at least one."""
    length, width, height = (extent + clearance_mm for extent in body.extents_mm)
    return max((pieces_in_space((length, width, height), machine) for machine in job.machines), default=1)


def pieces_up_to(limit: Decimal, each: Decimal) -> int:
    """How many pieces of a size make up a limit, at least one; of nothing as many as can be ordered."""
    return max(1, int(limit / each)) if each > 0 else MOST_PIECES


def treatment(
    job: Job,
    body: Body,
    steps: tuple[Step, ...],
    charges: tuple[Charge, ...],
    *,
    pieces_per_batch: int | None,
    minimum: Decimal = ZERO,
) -> Plan:
    """The plan of work on parts that the customer brings."""
    return Plan(
        stock=PART,
        stock_volume_mm3=body.volume_mm3,
        mass_kg=mass_kg(job, body.volume_mm3),
        material_formula="the customer brings the parts",
        steps=steps,
        pieces_per_batch=pieces_per_batch,
        charges=charges,
        supplied=True,
        minimum_per_order=minimum,
    )


def square_metres(area_mm2: Decimal) -> Decimal:
    """An area in m2."""
    return area_mm2 / MM2_PER_M2
