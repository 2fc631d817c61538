"""Printing plastic parts from powder (laser sintering)."""

from collections.abc import Mapping
from decimal import Decimal
from itertools import permutations
from math import floor

from pydantic import BaseModel, ConfigDict

from app.calculator.catalog.rows import Machine
from app.calculator.processes.base import (
    MINUTES_PER_HOUR,
    MM2_PER_CM2,
    MM3_PER_M3,
    ZERO,
    Cylinder,
    Extents,
    Job,
    Measured,
    Part,
    Plan,
    Step,
    box_misfit,
    too_small,
)
from app.calculator.processes.blanks import box_volume_mm3, round_volume_mm3
from app.calculator.processes.cutting import VOLUME_PLACES_M3, mass_kg
from app.contract.base import Text
from app.contract.geometry import Finding
from app.contract.pricing import Stock

LITRES_PER_M3 = Decimal(1000)
MM3_PER_LITRE = Decimal(10) ** 6
HOURS_PLACES = Decimal("0.001")
POWDER = Stock(shape="powder", dimensions=None)


class PrintingParams(BaseModel):
    """Printing needs nothing beyond the part and the material."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Printing:
    """The machine fills litres per hour; powder between the parts is partly lost."""

    key = "printing"
    machine_type = "printing"
    graded = False
    wants_exact_shape = False
    params = PrintingParams
    figure_ids = frozenset(
        {
            "rule_allowance_mm",
            "rule_litres_per_hour",
            "rule_setup_hours",
            "smallest_extent_mm",
            "litres_per_hour",
            "setup_hours",
            "clearance_mm",
            "fresh_powder_share",
            "unpacking_base_minutes",
            "unpacking_area_cm2_per_minute",
            "wall_recommended_mm",
            "wall_feasible_mm",
            "hole_smallest_mm",
        }
    )

    def accepts(self, part: Part, figures: Mapping[str, Decimal]) -> Finding | None:
        """Everything thick enough to come out of the powder."""
        return too_small(part, figures["smallest_extent_mm"])

    def misfit(self, part: Part, machine: Machine) -> str | None:
        """The part in its best position against the build space."""
        return box_misfit(part, machine)

    def plan_by_rules(self, job: Job) -> Plan:
        """Volume with an allowance on every dimension / litres per hour + set-up (original rule engine)."""
        figures = job.figures
        volume = _with_allowance_mm3(job.part, figures["rule_allowance_mm"])
        litres = (volume / MM3_PER_M3).quantize(VOLUME_PLACES_M3) * LITRES_PER_M3
        setup = figures["rule_setup_hours"]
        hours = (litres / figures["rule_litres_per_hour"] + setup).quantize(HOURS_PLACES)
        steps = (
            _setup_step(piece_hours=setup, formula="set-up time per piece x pieces"),
            _printing_step(volume, hours - setup),
        )
        return Plan(
            stock=POWDER,
            stock_volume_mm3=volume,
            mass_kg=mass_kg(job, volume),
            material_formula="volume with allowance x density x pieces",
            steps=steps,
        )

    def plan_by_features(self, job: Job) -> Plan:
        """Set-up once per build; powder = the part and the lost share of what surrounds it."""
        measured, figures = job.part.measured, job.figures
        assert measured is not None
        room = _room(job.part, figures["clearance_mm"])
        space = box_volume_mm3(room)
        powder = measured.volume_mm3 + figures["fresh_powder_share"] * max(ZERO, space - measured.volume_mm3)
        steps = (
            _setup_step(batch_hours=figures["setup_hours"], formula="set-up time x builds"),
            _printing_step(space, space / MM3_PER_LITRE / figures["litres_per_hour"]),
            _unpacking_step(measured, figures),
        )
        return Plan(
            stock=POWDER,
            stock_volume_mm3=powder,
            mass_kg=mass_kg(job, powder),
            material_formula="(volume + lost powder around the part) x density x pieces",
            steps=steps,
            pieces_per_batch=max((_pieces(room, machine) for machine in job.machines), default=1),
        )


def _with_allowance_mm3(part: Part, allowance_mm: Decimal) -> Decimal:
    if part.cylinder is not None:
        outline = part.cylinder
        return round_volume_mm3(
            Cylinder(outline.diameter_mm + allowance_mm, outline.length_mm + allowance_mm)
        )
    return box_volume_mm3(_room(part, allowance_mm))


def _room(part: Part, more_mm: Decimal) -> Extents:
    length, width, height = part.extents_mm
    return (length + more_mm, width + more_mm, height + more_mm)


def _pieces(room: Extents, machine: Machine) -> int:
    """How many rooms stand in the build space in one position, at least one."""
    space = (machine.x_mm, machine.y_mm, machine.z_mm)
    best = 1
    for position in permutations(room):
        count = 1
        for extent, size in zip(position, space, strict=True):
            count *= 1 if size is None else floor(size / extent)
        best = max(best, count)
    return best


def _setup_step(formula: str, batch_hours: Decimal = ZERO, piece_hours: Decimal = ZERO) -> Step:
    return Step(
        code="setup",
        group="setup",
        label=Text(en="Set-up", ru="Подготовка печати"),
        formula=formula,
        batch_hours=batch_hours,
        piece_hours=piece_hours,
        graded=False,
    )


def _printing_step(volume_mm3: Decimal, piece_hours: Decimal) -> Step:
    return Step(
        code="machining",
        group="machining",
        label=Text(en="Printing", ru="Печать"),
        formula="time to fill the volume in the build space x pieces",
        piece_hours=piece_hours,
        graded=False,
        inputs={"volume_per_piece": (volume_mm3, "mm3")},
    )


def _unpacking_step(measured: Measured, figures: Mapping[str, Decimal]) -> Step:
    area_cm2 = measured.area_mm2 / MM2_PER_CM2
    minutes = figures["unpacking_base_minutes"] + area_cm2 / figures["unpacking_area_cm2_per_minute"]
    return Step(
        code="unpacking",
        group="finishing",
        label=Text(en="Unpacking and cleaning", ru="Распаковка и очистка"),
        formula="time by surface x pieces",
        piece_hours=minutes / MINUTES_PER_HOUR,
        graded=False,
        inputs={"area_per_piece": (measured.area_mm2, "mm2")},
    )


PROCESS = Printing()
