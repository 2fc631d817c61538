"""A measured part that is turned: the bar, the passes, and what is not on the axis."""

from decimal import Decimal

from app.calculator.catalog.rows import Machine
from app.calculator.processes import (
    blanks,
    boring,
    cutting,
    drilling,
    end_mill,
    equipment,
    labels,
    pockets,
    setups,
    surfaces,
    turning_passes,
)
from app.calculator.processes.base import MM3_PER_CM3, ONE, ZERO, Cylinder, Job, Measured, Part, Plan, Step
from app.calculator.processes.shape import FaceAreas

FIGURES = frozenset(
    {
        "bar_allowance_mm",
        "bar_end_mm",
        "turning_tools",
        "driven_hour_factor",
        "residue_share",
        "off_axis_share",
    }
)
DRIVEN_AXES = 3
"""A lathe of two axes turns; with more its tools turn too."""
OFF_AXIS_KINDS = frozenset({"pocket"})


def outline_of(part: Part) -> Cylinder:
    """The asked cylinder, the one around the turned profile, or the one around the two extents most alike."""
    if part.cylinder is not None:
        return part.cylinder
    measured = part.measured
    if measured is not None and measured.turned is not None:
        found = Cylinder(measured.turned.diameter_mm, measured.turned.length_mm)
        if found.diameter_mm > 0 and found.length_mm > 0:
            return found
    return outline_by_extents(part)


def outline_by_extents(part: Part) -> Cylinder:
    """The cylinder around the two extents that are most alike."""
    largest, middle, smallest = part.extents_mm
    if middle * middle > largest * smallest:
        return Cylinder(largest, smallest)
    return Cylinder(middle, largest)


def has_driven_tools(machine: Machine) -> bool:
    """Whether tools turn on it too; without a record they do not."""
    return (machine.axes or 2) >= DRIVEN_AXES


def off_axis(part: Part) -> bool:
    """Whether holes or pockets lie beside the axis."""
    measured = part.measured
    if measured is None or measured.turned is None:
        return False
    return any(not hole.on_axis for hole in measured.holes) or any(
        one.kind in OFF_AXIS_KINDS for one in measured.features
    )


class Turnery:
    """One measured part from one form of bar; ``driven``: on a lathe with driven tools."""

    def __init__(self, job: Job, *, driven: bool) -> None:
        assert job.part.measured is not None
        self.job = job
        self.driven = driven
        self.measured: Measured = job.part.measured
        self.mills = end_mill.EndMills(job)
        self.outline = outline_of(job.part)
        self.bar = job.once(("bar", job.material.family, job.form.id), self._bar)
        self.passes = turning_passes.Passes(job, self.outline, self.bar)
        self.feature_id = None if self.measured.turned is None else self.measured.turned.id
        self.hour_factor = "driven_hour_factor" if driven and off_axis(job.part) else None

    def sketch(self) -> Plan:
        """What depends on the bar."""
        turning = (self.passes.roughing_step(self.feature_id), self.passes.finishing_step(self.feature_id))
        steps = (*turning, *self._flats())
        return cutting.plan_of(self.job, self.bar, tuple(map(self._dearer, steps)))

    def plan(self) -> Plan:
        """Everything."""
        job, measured = self.job, self.measured
        drilled, pocketing = drilling.Drilling(job, self.mills), pockets.Pocketing(job, self.mills)
        on_axis = [hole for hole in measured.holes if hole.on_axis]
        beside = [hole for hole in measured.holes if not hole.on_axis]
        found = pockets.pockets_of(measured)
        tools = drilled.tools(measured.holes) | pocketing.tools(found)
        clampings = self._clampings()
        effort = setups.Effort(
            clampings,
            int(job.figures["turning_tools"]) + len(tools) + bool(measured.of_kind("groove")),
            setups.programming_step(job, measured, clampings),
            self.hour_factor,
        )
        steps = (
            *setups.batch_steps(job, effort),
            self.passes.roughing_step(self.feature_id),
            *boring.Boring(job, drilled).steps(on_axis),
            *self.passes.groove_steps(measured.of_kind("groove")),
            *pocketing.steps(found, ONE),
            *drilled.steps(beside),
            *self._flats(),
            setups.handling_step(job, effort),
            self.passes.finishing_step(self.feature_id),
            *surfaces.Finishing(job, self.mills).steps(self._free_faces(), None),
            *surfaces.handwork(job, measured, setups.features_of(measured)),
        )
        plan = cutting.plan_of(job, self.bar, tuple(map(self._dearer, steps)))
        return equipment.added_to(plan, job, self.bar.volume_mm3)

    def _bar(self) -> blanks.Blank:
        """The bar has an allowance around the part and on its faces; parting tool and chuck take theirs."""
        figures = self.job.figures
        bar = Cylinder(
            self.outline.diameter_mm + 2 * figures["bar_allowance_mm"],
            self.outline.length_mm + 2 * figures["facing_mm"],
        )
        return blanks.cut_from_bar(self.job, bar, figures["parting_mm"], figures["bar_end_mm"])

    def _clampings(self) -> int:
        """One or both sides; without driven tools a second operation for every direction beside the axis."""
        sides = 1 if turning_passes.is_one_sided(self.measured) else 2
        if self.driven or not off_axis(self.job.part):
            return sides
        beside = {hole.direction for hole in self.measured.holes if not hole.on_axis}
        return sides + max(1, len(beside))

    def _flats(self) -> tuple[Step, ...]:
        """Flats, hexagons and whatever else is missing of the turned body, milled off."""
        left = self._residue_mm3()
        if not left or self.measured.turned is None:
            return ()
        minutes = left / MM3_PER_CM3 / self.mills.removal_cm3_min(self.mills.largest_mm)
        return (
            Step(
                code="milling-flats",
                group="machining",
                label=labels.MILLING_FLATS,
                formula="time to remove what the turned profile leaves x pieces",
                piece_hours=cutting.hours(minutes, self.job.figures["cutting_factor"]),
                inputs={"removed_volume_per_piece": (left, "mm3")},
                rows=(self.mills.data.full_key,),
            ),
        )

    def _residue_mm3(self) -> Decimal:
        """The bar without the turned profile, the holes, the pockets and the part."""
        removed = self.bar.volume_mm3 - self.measured.volume_mm3
        ends = self.bar.volume_mm3 * (
            1 - self.outline.length_mm / (self.outline.length_mm + 2 * self._facing)
        )
        told = (
            ends,
            self.passes.volume_mm3(),
            *map(drilling.volume_mm3, self.measured.holes),
            *(one.volume_mm3 for one in pockets.pockets_of(self.measured)),
        )
        return turning_passes.residue_mm3(removed, told, self.job.figures["residue_share"])

    @property
    def _facing(self) -> Decimal:
        return self.job.figures["facing_mm"]

    def _free_faces(self) -> FaceAreas:
        """The surface beside the axis that neither holes nor pockets explain."""
        measured, turned = self.measured, self.measured.turned
        if turned is None:
            return FaceAreas(ZERO, ZERO, ZERO)
        beside = max(ZERO, ONE - turned.share - self.job.figures["off_axis_share"]) * measured.area_mm2
        told = sum((one.surface_mm2 for one in pockets.pockets_of(measured)), ZERO)
        told += sum((drilling.wall_mm2(hole) for hole in measured.holes if not hole.on_axis), ZERO)
        return FaceAreas(max(ZERO, beside - told), ZERO, ZERO)

    def _dearer(self, step: Step) -> Step:
        """Hours of a lathe with driven tools."""
        if step.by_hand:
            return step
        return setups.dearer(step, self.hour_factor, self.job.figures)
