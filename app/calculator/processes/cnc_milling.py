"""Milling from sheet or bar on three, four or five axes."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, Field

from app.calculator.catalog.rows import Machine
from app.calculator.processes import (
    blanks,
    cutting,
    cutting_rules,
    drilling,
    end_mill,
    equipment,
    fillets,
    pockets,
    roughing,
    setups,
    surfaces,
)
from app.calculator.processes.base import ONE, ZERO, Cylinder, Job, Measured, Part, Plan, Step
from app.calculator.processes.lacks import Lack
from app.calculator.processes.shape import FaceAreas
from app.calculator.processes.sizes import too_small
from app.contract.geometry import Finding

PLAIN_AXES = 3
CHAMFER = "chamfer"
BY_MACHINE = frozenset({"machining", "finishing"})

SHARED_FIGURES = (
    (blanks.FIGURES | cutting_rules.FIGURES | drilling.FIGURES | end_mill.FIGURES | equipment.FIGURES)
    | (fillets.FIGURES | pockets.FIGURES | roughing.FIGURES | setups.FIGURES | surfaces.FIGURES)
    | {"smallest_extent_mm", "allowance_mm", "base_tools"}
)


class MillingParams(cutting.CuttingParams):
    """Parameters of milling."""

    axes: Annotated[
        Literal[3, 4, 5] | None,
        Field(description="Axes of the machine; by default those the part asks for, where there are such."),
    ] = None


class Milling(cutting.CuttingProcess):
    """A box is cut out of a plate, or out of a bar that encloses it."""

    key: ClassVar[str] = "cnc-milling"
    params: ClassVar[type[BaseModel]] = MillingParams
    figure_ids: ClassVar[Mapping[str, frozenset[str]]] = {
        cutting.SHARED: SHARED_FIGURES,
        key: frozenset(
            {"skim_mm", "least_clampings", "most_clampings", "hour_factor_4", "hour_factor_5"}
            | {roughing.POWER_FIGURE}
        ),
    }

    def machine_type(self, params: BaseModel) -> str:
        """One type for all of them."""
        del params
        return "milling"

    def accepts(self, part: Part, figures: Mapping[str, Decimal]) -> Finding | None:
        """Everything that is large enough to be clamped and that a tool can get into."""
        return too_small(part, figures["smallest_extent_mm"]) or cutting.closed_within(part)

    def lacks(self, part: Part, machine: Machine, params: BaseModel) -> Lack | None:
        """Too few axes for the part or for the wish."""
        asked = _asked_axes(params)
        needed = asked or axes_of(part)
        if (machine.axes or PLAIN_AXES) >= needed:
            return None
        reason = f"{needed} axes are needed, the machine has {machine.axes or PLAIN_AXES}"
        return Lack(reason, is_final=asked is not None)

    def plan_by_rules(self, job: Job) -> Plan:
        """The blank is the asked box, or the asked cylinder when it comes from a bar."""
        factor = hour_factor(_asked_axes(job.params) or PLAIN_AXES)
        if job.part.cylinder is not None and job.form.id in blanks.BARS:
            return cutting_rules.rule_plan(job, blanks.bar_blank(job.part.cylinder, job.form.id), factor)
        return cutting_rules.rule_plan(job, blanks.box_blank(job.part.extents_mm, job.form.id), factor)

    def sketch(self, job: Job) -> Plan:
        """The blank and what is roughed off it."""
        cut, blank = _cut(job), _sold(job)
        return cutting.plan_of(job, blank, (cut.roughing(job, blank),))

    def plan_by_features(self, job: Job) -> Plan:
        """Set-ups from the directions tools come from; then what is cut, feature by feature."""
        cut, blank = _cut(job), _sold(job)
        roughed = cut.dearer(cut.roughing(job, blank))
        steps = (*cut.before_roughing, roughed, *cut.after_roughing)
        return equipment.added_to(cutting.plan_of(job, blank, steps), job, blank.volume_mm3)


class _Cut:
    """What is cut of a part in every material that is cut alike, whatever blank it is made of."""

    def __init__(self, job: Job) -> None:
        assert job.part.measured is not None
        self.measured: Measured = job.part.measured
        self.mills = end_mill.EndMills(job)
        self.pockets = (*pockets.pockets_of(self.measured), *pockets.ring_grooves_of(self.measured))
        self.fillets = fillets.fillets_of(self.measured, job.figures)
        self.hour_factor = hour_factor(machine_axes(job))
        self.figures = job.figures
        self.drilled_mm3 = sum(map(drilling.volume_mm3, self.measured.holes), ZERO)
        self.pocketed_mm3 = sum((pocket.volume_mm3 for pocket in self.pockets), ZERO)
        self.pocket_share = self._pocket_share(job.part)
        self.before_roughing, self.after_roughing = self._steps(job)

    def _steps(self, job: Job) -> tuple[tuple[Step, ...], tuple[Step, ...]]:
        measured = self.measured
        drilled, finishing = drilling.Drilling(job, self.mills), surfaces.Finishing(job, self.mills)
        pocketing = pockets.Pocketing(job, self.mills)
        filleting = fillets.Filleting(job, self.mills)
        chamfers, effort = measured.of_kind(CHAMFER), self._effort(job, drilled, pocketing, filleting)
        after = (
            *pocketing.steps(self.pockets, self.pocket_share),
            *drilled.steps(measured.holes),
            *finishing.edges(chamfers),
            setups.handling_step(job, effort),
            *finishing.steps(self._left_to_finish(), measured.wall_mm),
            *filleting.steps(self.fillets),
            *surfaces.handwork(job, measured, setups.features_of(measured)),
        )
        before = setups.batch_steps(job, effort)
        return tuple(map(self.dearer, before)), tuple(map(self.dearer, after))

    def dearer(self, step: Step) -> Step:
        """Hours of a machine with more axes."""
        if step.group not in BY_MACHINE or step.by_hand:
            return step
        return setups.dearer(step, self.hour_factor, self.figures)

    def roughing(self, job: Job, blank: blanks.Blank) -> Step:
        """The blank down to the part; what is within holes and pockets is theirs."""
        removed = max(ZERO, blank.volume_mm3 - self.measured.volume_mm3)
        around = removed - self.drilled_mm3 - self.pocketed_mm3 * self.pocket_share
        return roughing.roughing_step(job, self.mills, around)

    def _effort(
        self,
        job: Job,
        drilled: drilling.Drilling,
        pocketing: pockets.Pocketing,
        filleting: fillets.Filleting,
    ) -> setups.Effort:
        measured = self.measured
        clampings = clampings_on(job, machine_axes(job))
        free = measured.faces is not None and measured.faces.free_mm2 > 0
        tools = drilled.tools(measured.holes) | pocketing.tools(self.pockets)
        tools |= filleting.tools(self.fillets) | ({"ball"} if free else set())
        return setups.Effort(
            clampings,
            int(job.figures["base_tools"]) + len(tools),
            setups.programming_step(
                job, measured, clampings, has_free_surfaces=setups.is_free(job, measured)
            ),
            self.hour_factor,
        )

    def _pocket_share(self, part: Part) -> Decimal:
        """Pockets are told by the boxes around them, which may hold more than was there to be removed."""
        if not self.pocketed_mm3:
            return ONE
        within = blanks.box_volume_mm3(part.extents_mm) - self.measured.volume_mm3
        return min(ONE, max(ZERO, within - self.drilled_mm3) / self.pocketed_mm3)

    def _left_to_finish(self) -> FaceAreas:
        flat = sum((pocket.surface_mm2 for pocket in self.pockets), ZERO)
        walls = sum(map(drilling.wall_mm2, self.measured.holes), ZERO)
        return surfaces.left_to_finish(self.measured, flat, walls + fillets.surface_mm2(self.fillets))


def _cut(job: Job) -> _Cut:
    """The same in every form, and in other materials of the same machinability."""
    return job.once(("cut", job.material.machinability), lambda: _Cut(job))


def _sold(job: Job) -> blanks.Blank:
    """The same in other materials that are sold in the same sizes."""
    return job.once(("blank", job.material.family, job.form.id), lambda: _blank(job))


def axes_of(part: Part) -> int:
    """The axes from which a part does not have to be tilted by hand."""
    measured = part.measured
    if measured is None or measured.clampings is None:
        return PLAIN_AXES
    return measured.clampings.axes


def machine_axes(job: Job) -> int:
    """The axes that are used: those asked for, else those the part wants if a machine that fits has them."""
    asked = _asked_axes(job.params)
    if asked is not None:
        return asked
    needed = axes_of(job.part)
    has = any((machine.axes or PLAIN_AXES) >= needed for machine in job.machines)
    return needed if has else PLAIN_AXES


def clampings_on(job: Job, axes: int) -> int:
    """How often the part is clamped; where nobody looked, once more for each further direction of holes."""
    measured, figures = job.part.measured, job.figures
    assert measured is not None
    known = measured.clampings
    least, most = int(figures["least_clampings"]), int(figures["most_clampings"])
    if known is None:
        return min(most, least + max(0, measured.hole_directions - 1))
    return min(most, {3: known.three, 4: known.four, 5: known.five}[axes])


def hour_factor(axes: int) -> str | None:
    """The figure that says how much dearer the hour of a machine with more than three axes is."""
    return None if axes == PLAIN_AXES else f"hour_factor_{axes}"


def _asked_axes(params: BaseModel) -> int | None:
    assert isinstance(params, MillingParams)
    return params.axes


def _blank(job: Job) -> blanks.Blank:
    """Sawn edges have the whole allowance on every side, rolled faces of a plate are only skimmed."""
    allowance = 2 * job.figures["allowance_mm"]
    length, width, height = job.part.extents_mm
    if job.form.id in blanks.BARS:
        across = ((width + allowance) ** 2 + (height + allowance) ** 2).sqrt()
        return blanks.cut_from_bar(job, Cylinder(across, length + allowance))
    skimmed = height + 2 * job.figures["skim_mm"]
    return blanks.sawn_from_sheet(job, (length + allowance, width + allowance, skimmed))


PROCESS = Milling()
