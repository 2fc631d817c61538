"""Milling from sheet or bar."""

from collections.abc import Mapping
from decimal import Decimal

from pydantic import BaseModel

from app.calculator.catalog.rows import Machine, Material
from app.calculator.processes import blanks, cutting
from app.calculator.processes.base import Cylinder, Job, Part, Plan, box_misfit, too_small
from app.contract.geometry import Finding


class Milling:
    """A box is cut out of a plate, or out of a bar that encloses it."""

    key = "cnc-milling"
    graded = True
    wants_exact_shape = True
    params = cutting.CuttingParams
    figure_ids = {key: cutting.SHARED_FIGURES | {"most_setups"}}

    def machine_type(self, params: BaseModel) -> str:
        """One type for all of them."""
        del params
        return "milling"

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
        """Everything that is large enough to be clamped."""
        return too_small(part, figures["smallest_extent_mm"])

    def misfit(self, part: Part, machine: Machine) -> str | None:
        """The part in its best position against the working space."""
        return box_misfit(part, machine)

    def plan_by_rules(self, job: Job) -> Plan:
        """The blank is the asked box, or the asked cylinder when it comes from a bar."""
        assert isinstance(job.params, cutting.CuttingParams)
        if job.part.cylinder is not None and job.form.id in blanks.BARS:
            return cutting.rule_plan(job, job.params, blanks.bar_blank(job.part.cylinder, job.form.id))
        return cutting.rule_plan(job, job.params, blanks.box_blank(job.part.extents_mm, job.form.id))

    def plan_by_features(self, job: Job) -> Plan:
        """The blank has the allowance on every side; further hole directions need further set-ups."""
        measured, data = job.part.measured, cutting.machinability(job)
        assert measured is not None
        rates = cutting.roughing(
            data.kc_milling_mpa, data.milling_limit_cm3_min, data.milling_finish_cm2_min, job
        )
        more = max(0, measured.hole_directions - 1)
        setups = min(job.figures["most_setups"], job.figures["base_setups"] + more)
        return cutting.feature_plan(job, measured, self._blank(job), rates, setups)

    def _blank(self, job: Job) -> cutting.Blank:
        allowance = 2 * job.figures["allowance_mm"]
        length, width, height = (extent + allowance for extent in job.part.extents_mm)
        if job.form.id in blanks.BARS:
            across = (width**2 + height**2).sqrt()
            return blanks.bar_blank(Cylinder(across, length), job.form.id)
        return blanks.box_blank((length, width, height), job.form.id)


PROCESS = Milling()
