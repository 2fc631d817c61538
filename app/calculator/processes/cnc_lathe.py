"""Turning from bar, with driven tools or a second operation for what is not on the axis."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, ClassVar

from pydantic import BaseModel, Field, Strict

from app.calculator.catalog.rows import Machine
from app.calculator.dfm.rules import turned_length
from app.calculator.processes import (
    blanks,
    boring,
    cnc_milling,
    cutting,
    cutting_rules,
    turned,
    turning_passes,
)
from app.calculator.processes.base import Job, Part, Plan
from app.calculator.processes.lacks import Lack
from app.calculator.processes.roughing import POWER_FIGURE
from app.calculator.processes.sizes import too_small
from app.contract.geometry import Finding

OWN_FIGURES = frozenset({"roundness", "turned_share", POWER_FIGURE})
VOLUME_SLACK = Decimal("1.001")
"""Rounding and tessellation may put a round part this much above its cylinder."""


class TurningParams(cutting.CuttingParams):
    """Parameters of turning."""

    driven_tools: Annotated[
        Annotated[bool, Strict()] | None,
        Field(
            description="Whether what is not on the axis is made with driven tools or in a second operation; "
            "by default as the machines allow."
        ),
    ] = None


class Turning(cutting.CuttingProcess):
    """A round part is turned from a bar around it."""

    key: ClassVar[str] = "cnc-lathe"
    params: ClassVar[type[BaseModel]] = TurningParams
    figure_ids: ClassVar[Mapping[str, frozenset[str]]] = {
        cutting.SHARED: cnc_milling.SHARED_FIGURES,
        key: turning_passes.FIGURES | boring.FIGURES | turned.FIGURES | OWN_FIGURES,
    }

    def machine_type(self, params: BaseModel) -> str:
        """One type for all of them."""
        del params
        return "lathe"

    def accepts(self, part: Part, figures: Mapping[str, Decimal]) -> Finding | None:
        """Large enough, open, and round."""
        refusal = (
            too_small(part, figures["smallest_extent_mm"])
            or cutting.closed_within(part)
            or _slender(part, figures)
        )
        if refusal is not None or part.cylinder is not None:
            return refusal
        return None if _is_turned(part, figures) else _not_round(part, figures["roundness"])

    def misfit(self, part: Part, machine: Machine) -> str | None:
        """Diameter against x (the largest swing), length against z."""
        outline = turned.outline_of(part)
        if machine.x_mm is not None and outline.diameter_mm > machine.x_mm:
            return (
                f"diameter {outline.diameter_mm.normalize():f} mm "
                f"is more than {machine.x_mm.normalize():f} mm"
            )
        if machine.z_mm is not None and outline.length_mm > machine.z_mm:
            return f"length {outline.length_mm.normalize():f} mm is more than {machine.z_mm.normalize():f} mm"
        return None

    def lacks(self, part: Part, machine: Machine, params: BaseModel) -> Lack | None:
        """Driven tools, where there is something for them to do."""
        assert isinstance(params, TurningParams)
        if params.driven_tools is False or turned.has_driven_tools(machine) or not turned.off_axis(part):
            return None
        return Lack(
            "it has no driven tools for what is not on the axis", is_final=params.driven_tools is True
        )

    def plan_by_rules(self, job: Job) -> Plan:
        """The blank is the asked cylinder."""
        return cutting_rules.rule_plan(job, blanks.bar_blank(turned.outline_of(job.part), job.form.id))

    def sketch(self, job: Job) -> Plan:
        """The bar and what is roughed off it."""
        return turned.Turnery(job, driven=_is_driven(job)).sketch()

    def plan_by_features(self, job: Job) -> Plan:
        """Passes over the profile, holes on the axis, grooves; then what is not on the axis."""
        return turned.Turnery(job, driven=_is_driven(job)).plan()


def _is_driven(job: Job) -> bool:
    assert isinstance(job.params, TurningParams)
    return job.params.driven_tools is not False and any(map(turned.has_driven_tools, job.machines))


def _is_turned(part: Part, figures: Mapping[str, Decimal]) -> bool:
    """A turned profile was recognised on enough of its surface, or the sizes speak for one."""
    measured, outline = part.measured, turned.outline_of(part)
    if measured is None or measured.volume_mm3 > blanks.round_volume_mm3(outline) * VOLUME_SLACK:
        return False
    if measured.turned is not None:
        return measured.turned.share >= figures["turned_share"]
    return _ratio(part) >= figures["roundness"] and measured.revolved is not False


def _slender(part: Part, figures: Mapping[str, Decimal]) -> Finding | None:
    """Of bare dimensions what the rule on the length of turned parts says of a file."""
    most, outline = figures.get(turned_length.FEASIBLE), turned.outline_of(part)
    ratio = outline.length_mm / outline.diameter_mm
    if part.measured is not None or most is None or ratio <= most:
        return None
    return Finding(
        code=turned_length.WORDS.error,
        severity="error",
        message=f"The part is {ratio:.1f} times as long as thick; "
        f"up to {most.normalize():f} times can be turned.",
        fix=turned_length.WORDS.fix,
        value=round(float(ratio), 3),
        limit=float(most),
        unit=turned_length.WORDS.unit,
    )


def _not_round(part: Part, roundness: Decimal) -> Finding:
    return Finding(
        code="not-round",
        severity="error",
        message="The part is not a body of revolution, so a lathe cannot make it.",
        fix="Choose milling, or give diameter and length of a round part.",
        value=round(float(_ratio(part)), 4),
        limit=float(roundness),
        unit="1",
    )


def _ratio(part: Part) -> Decimal:
    """How alike the two extents across the axis are."""
    largest, middle, smallest = part.extents_mm
    along = turned.outline_by_extents(part).length_mm
    return smallest / middle if along == largest else middle / largest


PROCESS = Turning()
