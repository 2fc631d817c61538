"""Painting and powder coating of parts that the customer brings."""

from collections.abc import Mapping
from decimal import Decimal
from math import prod
from typing import Annotated, ClassVar, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field

from app.calculator.processes import own_parts, painting_rule
from app.calculator.processes.base import MINUTES_PER_HOUR, ONE, ZERO, Charge, Inputs, Job, Plan, Step
from app.calculator.processes.own_parts import Body, Mask
from app.calculator.processes.plain import PlainProcess
from app.contract.base import Text

COATS = ("primer", "lakery")
"""Primer and clear coat are coats of their own: both their factors act on coats and paint."""
STEPS = ("prepare", *COATS)
CONTROL_STEP = Decimal("0.1")
"""Every further kind of control costs a tenth more (original rule engine)."""

Letter = Literal["a", "b", "c"]
Paint = Literal["epoxy", "acrylic", "polyurethane", "powder"]


class PaintingParams(BaseModel):
    """What is painted on, and how carefully: from a, the plainest, to c."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    paint_type: Annotated[
        Paint,
        Field(description="The paint; powder is baked, the others dry."),
    ] = "acrylic"
    paint_prepare: Annotated[Letter, Field(description="How the surface is prepared.")] = "a"
    paint_primer: Annotated[Letter, Field(description="Primer.")] = "b"
    paint_lakery: Annotated[Letter, Field(description="Clear coat.")] = "a"
    control_type: Annotated[
        Literal[1, 2, 3], Field(description="How the coat is inspected: each costs a tenth more.")
    ] = 1
    paint_color: Annotated[
        str | None, Field(min_length=1, max_length=40, description="The colour, such as RAL 9005.")
    ] = None
    mask: Annotated[Mask, Field(description="What stays bare: threaded holes, all holes, nothing.")] = (
        "threads"
    )


class Painting(PlainProcess):
    """By dimensions the original rule; a measured part by its surface without what is masked."""

    key = "painting"
    params = PaintingParams
    figure_ids: ClassVar[Mapping[str, frozenset[str]]] = {
        key: painting_rule.FIGURES
        | {f"factor_{step}_{letter}" for step in STEPS for letter in get_args(Letter)}
        | {
            "setup_hours",
            "mask_minutes",
            "hanging_minutes",
            "preparation_minutes_per_m2",
            "coating_minutes_per_m2",
            "inspection_minutes",
            "clearance_mm",
            "oven_price_per_hour",
        },
        **{
            f"painting.{paint}": painting_rule.PAINT_FIGURES | {"paint_price_per_m2", "oven_hours"}
            for paint in get_args(Paint)
        },
    }

    def tables(self, params: BaseModel) -> tuple[str, ...]:
        """What holds for all paints, then what the paint says."""
        return (self.key, f"{self.key}.{_asked(params).paint_type}")

    def ignores(self, *, measured: bool) -> frozenset[str]:
        """Bare dimensions show nothing that could be masked."""
        return frozenset() if measured else frozenset({"params.mask"})

    def plan_by_rules(self, job: Job) -> Plan:
        """The original rule."""
        control = _control(_asked(job.params))
        return painting_rule.rule_plan(job, _factor(STEPS, job) * control, _factors(STEPS, job))

    def plan(self, job: Job) -> Plan:
        """Preparing, masking, coats and oven; paint by the square metre."""
        params, figures = _asked(job.params), job.figures
        body = own_parts.body_of(job.part, params.mask)
        steps = (
            _setup(figures),
            own_parts.hanging_step(figures),
            *own_parts.masking_steps(body, figures),
            _by_area("preparation", PREPARATION, body, job, ("prepare",)),
            _by_area("coating", COATING, body, job, COATS),
            _oven(figures),
            _inspection(figures, _control(params)),
        )
        at_once = own_parts.pieces_at_once(body, job, figures["clearance_mm"])
        return own_parts.treatment(
            job,
            body,
            steps,
            (_paint(body, job),),
            pieces_per_batch=at_once,
            minimum=figures["minimum_per_order"],
        )


PREPARATION = Text(en="Preparing the surface", ru="Подготовка поверхности")
COATING = Text(en="Coats of paint", ru="Нанесение покрытия")


def _asked(params: BaseModel) -> PaintingParams:
    assert isinstance(params, PaintingParams)
    return params


def _factors(steps: tuple[str, ...], job: Job) -> tuple[str, ...]:
    """The figures of steps by the letters that were asked for."""
    return tuple(f"factor_{step}_{getattr(_asked(job.params), f'paint_{step}')}" for step in steps)


def _factor(steps: tuple[str, ...], job: Job) -> Decimal:
    """The factors of steps by the letters that were asked for, multiplied."""
    return prod((job.figures[name] for name in _factors(steps, job)), start=ONE)


def _control(params: PaintingParams) -> Decimal:
    return ONE + (params.control_type - 1) * CONTROL_STEP


def _setup(figures: Mapping[str, Decimal]) -> Step:
    return Step(
        code="setup",
        group="setup",
        label=Text(en="Mixing, cleaning the gun", ru="Колеровка, подготовка краскопульта"),
        formula="set-up time of a colour, once per order",
        order_hours=figures["setup_hours"],
        graded=False,
        figures=("setup_hours",),
    )


def _by_area(code: str, label: Text, body: Body, job: Job, factors: tuple[str, ...]) -> Step:
    pace, factor = f"{code}_minutes_per_m2", _factor(factors, job)
    minutes = own_parts.square_metres(body.treated_mm2) * job.figures[pace]
    return Step(
        code=code,
        group="machining",
        label=label,
        formula="(surface - masked surface) x time by area x factor of the step x pieces",
        piece_hours=minutes * factor / MINUTES_PER_HOUR,
        graded=False,
        by_hand=True,
        inputs=_areas(body),
        figures=(pace, *_factors(factors, job)),
        data={"factor": (factor, "1")},
    )


def _areas(body: Body) -> Inputs:
    return {
        "area_per_piece": (body.area_mm2, "mm2"),
        "masked_area_per_piece": (body.masked_mm2, "mm2"),
        "painted_area_per_piece": (body.treated_mm2, "mm2"),
    }


def _oven(figures: Mapping[str, Decimal]) -> Step:
    return Step(
        code="oven",
        group="machining",
        label=Text(en="Drying, baking", ru="Сушка, полимеризация"),
        formula="time in the oven x loads of the oven",
        batch_hours=figures["oven_hours"],
        graded=False,
        figures=("oven_hours",),
        hour_figure="oven_price_per_hour",
    )


def _inspection(figures: Mapping[str, Decimal], control: Decimal) -> Step:
    return Step(
        code="inspection",
        group="finishing",
        label=Text(en="Inspection of the coat", ru="Контроль покрытия"),
        formula="time per piece x factor of the control x pieces",
        piece_hours=figures["inspection_minutes"] * control / MINUTES_PER_HOUR,
        graded=False,
        by_hand=True,
        figures=("inspection_minutes",),
        data={"control_factor": (control, "1")},
    )


def _paint(body: Body, job: Job) -> Charge:
    area = own_parts.square_metres(body.treated_mm2)
    return Charge(
        code="paint",
        group="material",
        label=Text(en="Paint", ru="Лакокрасочный материал"),
        formula="painted surface x paint of a square metre x factors of primer and clear coat x pieces",
        per_piece=max(ZERO, area * job.figures["paint_price_per_m2"] * _factor(COATS, job)),
        is_material=True,
        inputs=_areas(body),
        figures=("paint_price_per_m2", *_factors(COATS, job)),
    )


PROCESS = Painting()
