"""Bent sheet metal: a blank from the laser, then bend by bend on a press brake."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, ClassVar

from pydantic import BaseModel, Field

from app.calculator.catalog.rows import Machine
from app.calculator.dfm.rules import flange
from app.calculator.processes import laser_cutting, laser_work, nesting, sheets
from app.calculator.processes.base import MM3_PER_M3, ONE, ZERO, Job, Part, Plan, Recognised, Step
from app.calculator.processes.plain import PlainProcess
from app.calculator.processes.refusal import impossible
from app.contract.base import Text
from app.contract.geometry import Finding

MOST_TOLD_BENDS = 50
MM_PER_M = Decimal(1000)
SECONDS_PER_HOUR = Decimal(3600)
VALLEY = Decimal(8)
"""The usual opening of the die in thicknesses."""
AIR_BENDING = Decimal("1.42")
"""F = 1.42 x strength x thickness^2 x length / opening: the force of bending in air, in newtons."""
NEWTONS_PER_KN = Decimal(1000)
TWO = Decimal(2)
RIGHT_ANGLE = Decimal(90)


class BendingParams(sheets.SheetParams):
    """Parameters of bending."""

    bends: Annotated[
        int | None,
        Field(
            ge=1,
            le=200,
            description="How often the part is bent, across its width; needed where no bends are recognised: "
            "for dimensions (of the flat blank), drawings and flat solids.",
        ),
    ] = None


class Bending(PlainProcess):
    """Set-up once per order, one stroke per bend; heavy pieces take two people."""

    key = "bending"
    wants_exact_shape = True
    params = BendingParams
    figure_ids: ClassVar[Mapping[str, frozenset[str]]] = {
        key: frozenset(
            {
                "tooling_hours",
                "hours_per_tool",
                "bend_seconds",
                "bend_seconds_per_m",
                "one_person_kg",
                "press_force_kn",
            }
        )
    }

    def machine_type(self, params: BaseModel) -> str:
        """Press brakes."""
        del params
        return "press-brake"

    def tables(self, params: BaseModel) -> tuple[str, ...]:
        """The blank is cut with the figures of the laser."""
        del params
        return (laser_cutting.PROCESS.key, self.key)

    def accepts(self, part: Part, figures: Mapping[str, Decimal]) -> Finding | None:
        """Everything made of sheet."""
        flat = sheets.flat_of(part, figures)
        return flat if isinstance(flat, Finding) else None

    def misfit(self, part: Part, machine: Machine) -> str | None:
        """The longest bend, or the width of a blank, against the length of the press."""
        measured = part.measured
        lengths = (
            [bend.numbers.get("length_mm", ZERO) for bend in measured.of_kind(sheets.BEND)]
            if measured
            else []
        )
        longest = max(lengths, default=part.extents_mm[1])
        if machine.x_mm is None or longest <= machine.x_mm:
            return None
        room = machine.x_mm.normalize()
        return f"a bend of {longest.normalize():f} mm is more than the {room:f} mm of the press"

    def plan(self, job: Job) -> Plan:
        """The plan of the blank and the steps of the press."""
        flat = sheets.sure_flat(job.part, job.figures, job.params)
        bends = _bends(job, flat)
        _refuse_weak_press(job, flat, bends)
        speed = laser_work.fastest(job, flat, [job.figures["power_kw"]])
        sheet = nesting.nest(job, flat, laser_work.laser_data(job).metal.kerf_mm)
        cutting = laser_work.cutting_steps(job, flat, speed, sheet.area_mm2)
        return laser_cutting.cut_plan(
            job, flat, sheet, (*cutting, _tooling(job, bends), *_strokes(job, flat, bends))
        )


@dataclass(frozen=True, slots=True)
class _Bend:
    """A bend; where it was only counted it runs across the whole width, at a right angle."""

    id: str | None
    length_mm: Decimal
    radius_mm: Decimal
    angle_deg: Decimal


def _bends(job: Job, flat: sheets.Flat) -> tuple[_Bend, ...]:
    assert isinstance(job.params, BendingParams)
    asked = job.params.bends
    if not flat.bends:
        if asked is None:
            raise impossible(_no_bends())
        _refuse_short_flanges(job, flat, asked)
        return (_Bend(None, flat.width_mm, flat.thickness_mm, RIGHT_ANGLE),) * asked
    if asked is not None and asked != len(flat.bends):
        raise impossible(_contradicts(asked, len(flat.bends)))
    return tuple(
        _Bend(
            bend.id,
            _figure(bend, "length_mm", flat.width_mm),
            _figure(bend, "radius_mm", flat.thickness_mm),
            _figure(bend, "angle_deg", RIGHT_ANGLE),
        )
        for bend in flat.bends
    )


def _refuse_short_flanges(job: Job, flat: sheets.Flat, bends: int) -> None:
    """Evenly spread, bends must leave flanges that the press can hold, as the rule for flanges has it."""
    least = job.figures.get(flange.FEASIBLE, ZERO) * flat.thickness_mm
    long = flat.length_mm / (bends + 1)
    if long < least:
        raise impossible(_short_flanges(bends, long, least))


def _figure(bend: Recognised, name: str, usual: Decimal) -> Decimal:
    """A figure of a recognised bend, the usual one where it has none."""
    found = bend.numbers.get(name, ZERO)
    return found if found > 0 else usual


def _tooling(job: Job, bends: tuple[_Bend, ...]) -> Step:
    """Every inner radius wants a punch of its own."""
    tools = len({bend.radius_mm for bend in bends})
    return Step(
        code="tooling",
        group="setup",
        label=Text(en="Setting up the press brake", ru="Наладка листогиба"),
        formula="set-up time + tools x time to fit a tool, once per order",
        order_hours=job.figures["tooling_hours"] + tools * job.figures["hours_per_tool"],
        graded=False,
        inputs={"tools_per_batch": (tools, "tools")},
        figures=("tooling_hours", "hours_per_tool"),
    )


def _strokes(job: Job, flat: sheets.Flat, bends: tuple[_Bend, ...]) -> tuple[Step, ...]:
    """Bend by bend, up to a number that a person still reads; the rest, and those only counted, together."""
    people = ONE if _mass_kg(job, flat) <= job.figures["one_person_kg"] else TWO
    told = [bend for bend in bends if bend.id is not None][:MOST_TOLD_BENDS]
    rest = bends[len(told) :]
    steps = [_stroke(job, (bend,), people) for bend in told]
    return (*steps, _stroke(job, rest, people)) if rest else tuple(steps)


def _stroke(job: Job, bends: tuple[_Bend, ...], people: Decimal) -> Step:
    length = sum((bend.length_mm for bend in bends), ZERO)
    seconds = len(bends) * job.figures["bend_seconds"]
    seconds += length / MM_PER_M * job.figures["bend_seconds_per_m"]
    one = bends[0]
    return Step(
        code="bending",
        group="machining",
        label=Text(en="Bend", ru="Гиб") if len(bends) == 1 else Text(en="Bends", ru="Гибы"),
        formula="(bends x time of a bend + length x time by length) x people x pieces",
        piece_hours=people * seconds / SECONDS_PER_HOUR,
        graded=False,
        inputs={
            "bends_per_piece": (len(bends), "bends"),
            "length_per_piece": (length, "mm"),
            "radius_per_piece": (one.radius_mm, "mm"),
            "angle_per_piece": (one.angle_deg, "deg"),
            "people_per_piece": (people, "people"),
        },
        feature_id=one.id if len(bends) == 1 else None,
        figures=("bend_seconds", "bend_seconds_per_m"),
    )


def _mass_kg(job: Job, flat: sheets.Flat) -> Decimal:
    return flat.area_mm2 * flat.thickness_mm / MM3_PER_M3 * (job.material.density_kg_m3 or ZERO)


def bending_force_kn(strength_mpa: Decimal, thickness_mm: Decimal, length_mm: Decimal) -> Decimal:
    """The force of bending in air over a die of eight thicknesses."""
    newtons = AIR_BENDING * strength_mpa * thickness_mm**2 * length_mm / (VALLEY * thickness_mm)
    return newtons / NEWTONS_PER_KN


def _refuse_weak_press(job: Job, flat: sheets.Flat, bends: tuple[_Bend, ...]) -> None:
    """Materials without a recorded strength are not judged."""
    strength = job.material.strength_mpa
    if strength is None:
        return
    force = bending_force_kn(strength, flat.thickness_mm, max(bend.length_mm for bend in bends))
    limit = job.figures["press_force_kn"]
    if force > limit:
        raise impossible(
            Finding(
                code="press-too-weak",
                severity="error",
                message=f"The longest bend takes {force:.0f} kN, the press has {limit.normalize():f} kN.",
                fix="Choose a thinner sheet or a softer metal, or shorten the bend.",
                value=round(float(force), 1),
                limit=float(limit),
                unit="kN",
            )
        )


def _no_bends() -> Finding:
    return Finding(
        code="no-bends",
        severity="error",
        message="No bends are known of this part.",
        fix="Send the bent part as a STEP solid, or give params.bends; a flat part is laser cutting alone.",
        value=0,
        limit=1,
        unit="bends",
    )


def _short_flanges(bends: int, long: Decimal, least: Decimal) -> Finding:
    return Finding(
        code=flange.WORDS.error,
        severity="error",
        message=f"{bends} bends leave flanges of {long:.2f} mm on average; "
        f"the press needs {least.normalize():f} mm.",
        fix="Ask for fewer bends, a longer blank or a thinner sheet.",
        value=round(float(long), 3),
        limit=float(least),
        unit="mm",
    )


def _contradicts(asked: int, found: int) -> Finding:
    return Finding(
        code="bends-contradict",
        severity="error",
        message=f"The part has {found} bends, but params.bends says {asked}.",
        fix="Leave params.bends out; only parts without recognised bends need it.",
        value=found,
        limit=asked,
        unit="bends",
    )


PROCESS = Bending()
