"""Turning from bar."""

from collections.abc import Mapping
from decimal import Decimal

from pydantic import BaseModel

from app.calculator.catalog.rows import Machine, Material
from app.calculator.processes import blanks, cutting
from app.calculator.processes.base import Cylinder, Job, Part, Plan, too_small
from app.contract.geometry import Finding

VOLUME_SLACK = Decimal("1.001")
"""Rounding and tessellation may put a round part this much above its cylinder."""


class Turning:
    """A round part is turned from a bar around it."""

    key = "cnc-lathe"
    graded = True
    wants_exact_shape = True
    params = cutting.CuttingParams
    figure_ids = {key: cutting.SHARED_FIGURES | {"parting_mm", "facing_mm", "roundness"}}

    def machine_type(self, params: BaseModel) -> str:
        """One type for all of them."""
        del params
        return "lathe"

    def settled(self, params: BaseModel, material: Material) -> BaseModel:
        """Nothing depends on the material."""
        del material
        return params

    def variants(self) -> tuple[Mapping[str, str], ...]:
        """One way only."""
        return ({},)

    def forms(self, params: BaseModel) -> frozenset[str] | None:
        """Every form that names it."""
        del params
        return None

    def tables(self, params: BaseModel) -> tuple[str, ...]:
        """Its own figures."""
        del params
        return (self.key,)

    def accepts(self, part: Part, figures: Mapping[str, Decimal]) -> Finding | None:
        """Large enough, and round."""
        small = too_small(part, figures["smallest_extent_mm"])
        if small is not None or part.cylinder is not None:
            return small
        return self._not_round(part, figures["roundness"])

    def misfit(self, part: Part, machine: Machine) -> str | None:
        """Diameter against x (the largest swing), length against z."""
        outline = outline_of(part)
        if machine.x_mm is not None and outline.diameter_mm > machine.x_mm:
            return (
                f"diameter {outline.diameter_mm.normalize():f} mm "
                f"is more than {machine.x_mm.normalize():f} mm"
            )
        if machine.z_mm is not None and outline.length_mm > machine.z_mm:
            return f"length {outline.length_mm.normalize():f} mm is more than {machine.z_mm.normalize():f} mm"
        return None

    def plan_by_rules(self, job: Job) -> Plan:
        """The blank is the asked cylinder."""
        assert isinstance(job.params, cutting.CuttingParams)
        return cutting.rule_plan(job, job.params, blanks.bar_blank(outline_of(job.part), job.form.id))

    def plan_by_features(self, job: Job) -> Plan:
        """The bar has the allowance around the part, both faces are cut, one parting cut is lost."""
        measured, data, figures = job.part.measured, cutting.machinability(job), job.figures
        assert measured is not None
        outline = outline_of(job.part)
        bar = Cylinder(
            outline.diameter_mm + 2 * figures["allowance_mm"],
            outline.length_mm + 2 * figures["facing_mm"] + figures["parting_mm"],
        )
        rates = cutting.roughing(
            data.kc_turning_mpa, data.turning_limit_cm3_min, data.turning_finish_cm2_min, job
        )
        blank = blanks.bar_blank(bar, job.form.id)
        return cutting.feature_plan(job, measured, blank, rates, figures["base_setups"])

    def _not_round(self, part: Part, roundness: Decimal) -> Finding | None:
        outline, measured = outline_of(part), part.measured
        ratio = _ratio(part, outline)
        fills = measured is not None and measured.volume_mm3 <= (
            blanks.round_volume_mm3(outline) * VOLUME_SLACK
        )
        revolved = measured is not None and measured.revolved is not False
        if ratio >= roundness and fills and revolved:
            return None
        return Finding(
            code="not-round",
            severity="error",
            message="The part is not a body of revolution, so a lathe cannot make it.",
            fix="Choose milling, or give diameter and length of a round part.",
            value=round(float(ratio), 4),
            limit=float(roundness),
            unit="1",
        )


def outline_of(part: Part) -> Cylinder:
    """The asked cylinder, or the one around the two extents that are most alike."""
    if part.cylinder is not None:
        return part.cylinder
    largest, middle, smallest = part.extents_mm
    if middle * middle > largest * smallest:
        return Cylinder(largest, smallest)
    return Cylinder(middle, largest)


def _ratio(part: Part, outline: Cylinder) -> Decimal:
    largest, middle, smallest = part.extents_mm
    return smallest / middle if outline.length_mm == largest else middle / largest


PROCESS = Turning()
