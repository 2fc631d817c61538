"""Grinding of parts that the customer brings, flat or round, to grades no cutting edge holds."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from app.calculator.processes import own_parts
from app.calculator.processes.base import (
    MINUTES_PER_HOUR,
    MM2_PER_CM2,
    MM3_PER_CM3,
    ONE,
    PI,
    Cylinder,
    Inputs,
    Job,
    Part,
    Plan,
    Step,
)
from app.calculator.processes.blanks import round_volume_mm3
from app.calculator.processes.plain import PlainProcess
from app.calculator.processes.refusal import impossible
from app.calculator.processes.turned import outline_by_extents
from app.contract.base import Text
from app.contract.geometry import Finding

GRADES = {"IT7": 0, "IT6": 1, "IT5": 2, "IT4": 3}
"""Steps finer than the finest that is turned or milled."""
ROUND_SIDES = 2
"""What is taken off the radius the diameter loses twice."""
VOLUME_SLACK = Decimal("1.001")

Kind = Literal["flat", "cylindrical"]


class GrindingParams(BaseModel):
    """What is ground, how much is taken off and how exactly."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Annotated[
        Kind, Field(description="The large flat sides of the part, or the round surface of a shaft.")
    ] = "flat"
    grade: Annotated[
        Literal["IT7", "IT6", "IT5", "IT4"], Field(description="The tolerance grade (ISO 286) that is held.")
    ] = "IT6"
    sides: Annotated[int, Field(ge=1, le=2, description="Flat: one of the two large sides, or both.")] = 2
    stock_removal_mm: Annotated[
        Decimal,
        Field(
            gt=0,
            le=10,
            decimal_places=3,
            description="What is ground off, on every side (round: on the radius).",
        ),
    ] = Decimal("0.2")


class Grinding(PlainProcess):
    """Time to take the stock off, time to make the surface by its grade, measuring by hand."""

    key = "grinding"
    params = GrindingParams
    figure_ids: ClassVar[Mapping[str, frozenset[str]]] = {
        key: frozenset(
            {"most_removal_mm", "factor_per_grade", "machine_factor", "measuring_minutes", "roundness"}
        ),
        **{
            f"grinding.{kind}": frozenset(
                {"removal_cm3_min", "finish_cm2_min", "setup_hours", "clamping_minutes"}
            )
            for kind in ("flat", "cylindrical")
        },
    }

    def machine_type(self, params: BaseModel) -> str:
        """Surface grinders and cylindrical grinders."""
        return f"{self.key}-{_asked(params).kind}"

    def variants(self) -> tuple[Mapping[str, str], ...]:
        """Both kinds."""
        return ({"kind": "flat"}, {"kind": "cylindrical"})

    def tables(self, params: BaseModel) -> tuple[str, ...]:
        """What holds for both, then what the kind says."""
        return (self.key, f"{self.key}.{_asked(params).kind}")

    def plan(self, job: Job) -> Plan:
        """Set-up and wheel once per order; everything else per piece."""
        params = _asked(job.params)
        most = job.figures["most_removal_mm"]
        if params.stock_removal_mm > most:
            raise impossible(_too_much(params.stock_removal_mm, most))
        _refuse_to_grind_through(job, params)
        area = _area_mm2(job, params)
        body = own_parts.body_of(job.part)
        steps = (
            _setup(job),
            _clamping(job, params),
            _roughing(job, params, area),
            *_finishing(job, params, area),
        )
        return own_parts.treatment(job, body, steps, (), pieces_per_batch=None)


def _asked(params: BaseModel) -> GrindingParams:
    assert isinstance(params, GrindingParams)
    return params


def _refuse_to_grind_through(job: Job, params: GrindingParams) -> None:
    """Something of the part must be left across the direction it is ground in."""
    across, sides = job.part.extents_mm[2], params.sides
    if params.kind == "cylindrical":
        across, sides = _outline(job.part).diameter_mm, ROUND_SIDES
    if sides * params.stock_removal_mm >= across:
        raise impossible(_nothing_left(sides * params.stock_removal_mm, across))


def _outline(part: Part) -> Cylinder:
    """The cylinder that is asked for, or the one around the part."""
    return part.cylinder or outline_by_extents(part)


def _area_mm2(job: Job, params: GrindingParams) -> Decimal:
    """The large sides of the box around the part, or the wall of the cylinder around it."""
    if params.kind == "flat":
        return job.part.extents_mm[0] * job.part.extents_mm[1] * params.sides
    outline = _outline(job.part)
    if not _is_round(job.part, job.figures["roundness"]):
        raise impossible(_not_round())
    return PI * outline.diameter_mm * outline.length_mm


def _is_round(part: Part, roundness: Decimal) -> bool:
    """Two extents alike, no more volume than the cylinder around them, and no file that knows better."""
    outline, measured = _outline(part), part.measured
    if part.cylinder is not None:
        return True
    across = [extent for extent in part.extents_mm if extent != outline.length_mm] or [outline.diameter_mm]
    if min(across) < roundness * max(across) or measured is None or measured.revolved is False:
        return False
    return measured.volume_mm3 <= round_volume_mm3(outline) * VOLUME_SLACK


def _grade_factor(job: Job, params: GrindingParams) -> Decimal:
    return job.figures["factor_per_grade"] ** GRADES[params.grade]


def _setup(job: Job) -> Step:
    return Step(
        code="setup",
        group="setup",
        label=Text(en="Setting up, dressing the wheel", ru="Наладка, правка круга"),
        formula="set-up time, once per order",
        order_hours=job.figures["setup_hours"],
        graded=False,
        figures=("setup_hours",),
    )


def _clamping(job: Job, params: GrindingParams) -> Step:
    clampings = params.sides if params.kind == "flat" else 1
    return Step(
        code="clamping",
        group="machining",
        label=Text(en="Clamping", ru="Установка"),
        formula="clampings x time of one x pieces",
        piece_hours=clampings * job.figures["clamping_minutes"] / MINUTES_PER_HOUR,
        graded=False,
        inputs={"clampings_per_piece": (clampings, "clampings")},
        figures=("clamping_minutes",),
    )


def _roughing(job: Job, params: GrindingParams, area: Decimal) -> Step:
    """Volume over the rate the wheel takes it off at."""
    volume = area * params.stock_removal_mm
    minutes = volume / MM3_PER_CM3 / job.figures["removal_cm3_min"] * job.figures["machine_factor"]
    return Step(
        code="grinding",
        group="machining",
        label=Text(en="Grinding", ru="Шлифование"),
        formula="surface x stock removal / rate of the wheel x factor of the machine x pieces",
        piece_hours=minutes / MINUTES_PER_HOUR,
        graded=False,
        inputs={
            **_surface(area),
            "stock_removal_per_piece": (params.stock_removal_mm, "mm"),
            "removed_volume_per_piece": (volume, "mm3"),
        },
        figures=("removal_cm3_min", "machine_factor"),
    )


def _finishing(job: Job, params: GrindingParams, area: Decimal) -> tuple[Step, ...]:
    figures, factor = job.figures, _grade_factor(job, params)
    sparking = area / MM2_PER_CM2 / figures["finish_cm2_min"] * figures["machine_factor"] * factor
    careful = max(ONE, factor)
    return (
        Step(
            code="sparking-out",
            group="finishing",
            label=Text(en="Finishing passes", ru="Чистовые проходы"),
            formula="surface / rate of finishing x factor of the machine x factor of the grade x pieces",
            piece_hours=sparking / MINUTES_PER_HOUR,
            graded=False,
            inputs=_surface(area),
            figures=("finish_cm2_min", "machine_factor", "factor_per_grade"),
            data={"grade_factor": (factor, "1")},
        ),
        Step(
            code="measuring",
            group="finishing",
            label=Text(en="Measuring", ru="Измерение"),
            formula="time per piece x factor of the grade x pieces",
            piece_hours=figures["measuring_minutes"] * careful / MINUTES_PER_HOUR,
            graded=False,
            by_hand=True,
            figures=("measuring_minutes", "factor_per_grade"),
            data={"grade_factor": (careful, "1")},
        ),
    )


def _surface(area: Decimal) -> Inputs:
    return {"area_per_piece": (area, "mm2")}


def _too_much(asked: Decimal, most: Decimal) -> Finding:
    return Finding(
        code="stock-removal-too-large",
        severity="error",
        message=f"{asked.normalize():f} mm are not ground off; {most.normalize():f} mm at most are.",
        fix="Mill or turn the part nearer to its size first.",
        value=float(asked),
        limit=float(most),
        unit="mm",
    )


def _nothing_left(removed: Decimal, across: Decimal) -> Finding:
    return Finding(
        code="stock-removal-too-large",
        severity="error",
        message=f"{removed.normalize():f} mm are to be ground off, but the part has only "
        f"{across.normalize():f} mm there.",
        fix="Ask for less params.stock_removal_mm, for one side, or check the unit of the sizes.",
        value=float(removed),
        limit=float(across),
        unit="mm",
    )


def _not_round() -> Finding:
    return Finding(
        code="not-round",
        severity="error",
        message="The part is not a body of revolution, so it cannot be ground round.",
        fix="Ask for flat grinding, or give diameter and length of a round part.",
    )


PROCESS = Grinding()
