"""Printing plastic from powder, by laser (SLS) or fusing agent (MJF): the machine fills litres per hour."""

from collections.abc import Mapping
from decimal import Decimal
from typing import ClassVar

from app.calculator.processes import printed
from app.calculator.processes.base import MM3_PER_M3, ZERO, Cylinder, Extents, Job, Part, Plan, Step
from app.calculator.processes.blanks import box_volume_mm3, round_volume_mm3
from app.calculator.processes.cutting import VOLUME_PLACES_M3, mass_kg
from app.contract.base import Text
from app.contract.pricing import Stock

LITRES_PER_M3 = Decimal(1000)
MM3_PER_LITRE = Decimal(10) ** 6
HOURS_PLACES = Decimal("0.001")
POWDER = Stock(shape="powder", dimensions=None)
UNPACKING = Text(en="Unpacking and cleaning", ru="Распаковка и очистка")


class Sintering:
    """Powder around the parts is partly lost; a person's wage stands behind every hour."""

    id: ClassVar[str] = "SLS"
    form: ClassVar[str] = "powder"
    figure_ids: ClassVar[frozenset[str]] = frozenset()

    def plan(self, job: Job) -> Plan:
        """By the original rule for dimensions, by the space a measured part takes in the build."""
        printed.check_form(job, self)
        return _by_rule(job) if job.part.measured is None else _by_space(job, None)


class Fusing:
    """The same with the hour of a machine that nobody stands beside."""

    id: ClassVar[str] = "MJF"
    form: ClassVar[str] = "powder"
    figure_ids: ClassVar[frozenset[str]] = frozenset({"machine_price_per_hour", "litres_per_hour"})

    def plan(self, job: Job) -> Plan:
        """By the space the part takes in the build."""
        printed.check_form(job, self)
        return _by_space(job, "machine_price_per_hour")


def _by_rule(job: Job) -> Plan:
    """Volume with an allowance on every dimension / litres per hour + set-up (original rule engine)."""
    figures = job.figures
    volume = _with_allowance_mm3(job.part, figures["rule_allowance_mm"])
    litres = (volume / MM3_PER_M3).quantize(VOLUME_PLACES_M3) * LITRES_PER_M3
    setup = figures["rule_setup_hours"]
    hours = (litres / figures["rule_litres_per_hour"] + setup).quantize(HOURS_PLACES)
    steps = (
        Step(
            code="setup",
            group="setup",
            label=Text(en="Set-up", ru="Подготовка печати"),
            formula="set-up time per piece x pieces",
            piece_hours=setup,
            graded=False,
            figures=("rule_setup_hours",),
        ),
        _printing_step(volume, hours - setup, "rule_litres_per_hour"),
    )
    return Plan(
        stock=POWDER,
        stock_volume_mm3=volume,
        mass_kg=mass_kg(job, volume),
        material_formula="volume with allowance x density x pieces",
        steps=steps,
    )


def _by_space(job: Job, hour_figure: str | None) -> Plan:
    """Set-up once per build; powder = the part and the lost share of what surrounds it."""
    figures, body = job.figures, printed.body_of(job.part)
    room = _room(job.part, figures["clearance_mm"])
    space = box_volume_mm3(room)
    powder = body.volume_mm3 + figures["fresh_powder_share"] * max(ZERO, space - body.volume_mm3)
    return Plan(
        stock=POWDER,
        stock_volume_mm3=powder,
        mass_kg=mass_kg(job, powder),
        material_formula="(volume + lost powder around the part) x density x pieces",
        steps=(
            printed.setup_step(figures),
            _printing_step(
                space, space / MM3_PER_LITRE / figures["litres_per_hour"], "litres_per_hour", hour_figure
            ),
            printed.finishing_step(body, figures, UNPACKING),
        ),
        batches="builds",
        pieces_per_batch=max((printed.pieces_in_space(room, machine) for machine in job.machines), default=1),
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


def _printing_step(
    volume_mm3: Decimal, piece_hours: Decimal, pace: str, hour_figure: str | None = None
) -> Step:
    return Step(
        code="machining",
        group="machining",
        label=Text(en="Printing", ru="Печать"),
        formula="volume in the build space / litres an hour x pieces",
        piece_hours=piece_hours,
        graded=False,
        inputs={"volume_per_piece": (volume_mm3, "mm3")},
        figures=(pace,),
        hour_figure=hour_figure,
    )


TECHNOLOGIES: Mapping[str, printed.Technology] = {
    technology.id: technology for technology in (Sintering(), Fusing())
}
