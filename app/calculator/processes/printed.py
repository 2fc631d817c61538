"""What the printing technologies share: the body that is printed and the steps that every one of them has."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import permutations
from math import floor
from typing import Protocol

from app.calculator.catalog.rows import Machine
from app.calculator.errors import MaterialNotAllowed
from app.calculator.processes.base import (
    MINUTES_PER_HOUR,
    MM2_PER_CM2,
    ONE,
    ZERO,
    Extents,
    Job,
    Orientation,
    Part,
    Plan,
    Step,
)
from app.calculator.processes.blanks import box_volume_mm3, round_volume_mm3
from app.contract.base import Text

SIDES = Decimal(2)


class Technology(Protocol):
    """One way to print; ``form`` is the form of material it takes."""

    @property
    def id(self) -> str:
        """Its id, as customers write it."""

    @property
    def form(self) -> str:
        """The form of material it prints."""

    @property
    def figure_ids(self) -> frozenset[str]:
        """The figures it needs beyond those of all printing."""

    def plan(self, job: Job) -> Plan:
        """How a piece is printed."""


@dataclass(frozen=True, slots=True)
class Body:
    """What is printed, standing on the plate: of bare dimensions the full block or cylinder."""

    volume_mm3: Decimal
    area_mm2: Decimal
    extents_mm: Extents
    standing: Orientation
    hull_volume_mm3: Decimal


def body_of(part: Part) -> Body:
    """The body of a part; where nothing is known of its best position it stands on its largest face."""
    length, width, height = part.extents_mm
    measured = part.measured
    if measured is None:
        full = box_volume_mm3(part.extents_mm) if part.cylinder is None else round_volume_mm3(part.cylinder)
        foot = full / height
        around = SIDES * (length + width) * height
        standing = Orientation(height, around, foot, ZERO)
        return Body(full, around + SIDES * foot, part.extents_mm, standing, full)
    roof = measured.volume_mm3 / height
    guessed = Orientation(height, max(ZERO, measured.area_mm2 - SIDES * roof), roof, ZERO)
    return Body(
        measured.volume_mm3,
        measured.area_mm2,
        part.extents_mm,
        measured.orientation or guessed,
        max(measured.volume_mm3, measured.hull_volume_mm3 or ZERO),
    )


def check_form(job: Job, technology: Technology) -> None:
    """Raise ``MaterialNotAllowed`` where the technology cannot print this form."""
    if job.form.id != technology.form:
        raise MaterialNotAllowed(
            f"{technology.id} prints {technology.form}, but {job.material.id} is {job.form.id}."
        )


def pieces_in_space(room: Extents, machine: Machine) -> int:
    """How many rooms stand in the build space in one position, at least one."""
    space = (machine.x_mm, machine.y_mm, machine.z_mm)
    best = 1
    for position in permutations(room):
        count = 1
        for extent, size in zip(position, space, strict=True):
            count *= 1 if size is None else floor(size / extent)
        best = max(best, count)
    return best


def pieces_on_plate(body: Body, machine: Machine, clearance_mm: Decimal) -> int:
    """How many pieces stand side by side on the plate, at least one."""
    if machine.x_mm is None or machine.y_mm is None:
        return 1
    others = sorted(body.extents_mm, key=lambda extent: abs(extent - body.standing.height_mm))[1:]
    length, width = (extent + clearance_mm for extent in others)
    rows = max(
        floor(machine.x_mm / one) * floor(machine.y_mm / other)
        for one, other in ((length, width), (width, length))
    )
    return max(1, rows)


def setup_step(figures: Mapping[str, Decimal]) -> Step:
    """Work before every build, done by a person."""
    return Step(
        code="setup",
        group="setup",
        label=Text(en="Set-up", ru="Подготовка печати"),
        formula="set-up time x builds",
        batch_hours=figures["setup_hours"],
        graded=False,
        figures=("setup_hours",),
    )


def finishing_step(body: Body, figures: Mapping[str, Decimal], label: Text) -> Step:
    """Work on every piece after the build, by its surface and by the supports to be taken off."""
    minutes = figures["unpacking_base_minutes"]
    minutes += body.area_mm2 / MM2_PER_CM2 / figures["unpacking_area_cm2_per_minute"]
    return Step(
        code="unpacking",
        group="finishing",
        label=label,
        formula="(base + surface / surface a minute) x pieces",
        piece_hours=minutes / MINUTES_PER_HOUR,
        graded=False,
        by_hand=True,
        inputs={"area_per_piece": (body.area_mm2, "mm2")},
        figures=("unpacking_base_minutes", "unpacking_area_cm2_per_minute"),
    )


def share_of(part: Decimal, whole: Decimal) -> Decimal:
    """A share between nought and one."""
    return min(ONE, part / whole) if whole else ZERO
