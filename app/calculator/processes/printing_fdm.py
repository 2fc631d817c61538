"""Printing from filament (FDM): the length of every kind of track, at the pace a slicer gives it.

A part consists of walls of several tracks, solid roofs and floors, and a sparse filling. How long a track of
each kind takes was fitted to PrusaSlicer 2.5 with its default profile over shapes of many kinds
(``scripts/compare_slicer.py`` repeats the comparison); figures of the catalogue, so that a shop with other
machines fits its own.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import ClassVar

from app.calculator.processes import printed
from app.calculator.processes.base import ZERO, Inputs, Job, Plan, Step
from app.calculator.processes.cutting import mass_kg
from app.contract.base import Text
from app.contract.pricing import Stock

FILAMENT = Stock(shape="filament", dimensions=None)
SECONDS_PER_HOUR = Decimal(3600)
CLEANING = Text(en="Taking off supports, cleaning", ru="Снятие поддержек, очистка")

TIMES = (
    *("outer_seconds_per_mm", "inner_seconds_per_mm", "solid_seconds_per_mm", "sparse_seconds_per_mm"),
    *("layer_mm", "seconds_per_layer", "seconds_per_piece"),
)
"""The figures the time of a piece is made of."""

Lengths = Mapping[str, Decimal]
"""Millimetres of track by kind."""


class Filament:
    """Layers of track; a person is needed before and after, the machine's hour in between."""

    id: ClassVar[str] = "FDM"
    form: ClassVar[str] = "filament"
    figure_ids: ClassVar[frozenset[str]] = frozenset(
        {
            "machine_price_per_hour",
            "layer_mm",
            "track_mm",
            "walls",
            "solid_layers",
            "support_density",
            "outer_seconds_per_mm",
            "inner_seconds_per_mm",
            "solid_seconds_per_mm",
            "sparse_seconds_per_mm",
            "seconds_per_layer",
            "seconds_per_piece",
        }
    )

    def plan(self, job: Job) -> Plan:
        """One piece after the other on the plate; a build is a plate full of them."""
        printed.check_form(job, self)
        figures, body = job.figures, printed.body_of(job.part)
        infill = infill_of(job)
        tracks = track_lengths_mm(body, infill, figures)
        volume = sum(tracks.values(), ZERO) * figures["track_mm"] * figures["layer_mm"]
        return Plan(
            stock=FILAMENT,
            stock_volume_mm3=volume,
            mass_kg=mass_kg(job, volume),
            material_formula="(walls + roofs and floors + filling + support) x density x pieces",
            steps=(
                printed.setup_step(figures),
                _printing_step(body, tracks, infill, figures),
                printed.finishing_step(body, figures, CLEANING),
            ),
            batches="builds",
            pieces_per_batch=max(
                (printed.pieces_on_plate(body, one, figures["clearance_mm"]) for one in job.machines),
                default=1,
            ),
        )


def infill_of(job: Job) -> Decimal:
    """The share of the inside that is filled."""
    infill: Decimal = job.params.model_dump()["infill"]
    return infill


def track_lengths_mm(body: printed.Body, infill: Decimal, figures: Mapping[str, Decimal]) -> Lengths:
    """Outer and inner walls, solid roofs and floors, filling and support; what is thin is all wall."""
    track, layer = figures["track_mm"], figures["layer_mm"]
    section = track * layer
    outer = min(body.standing.wall_mm2 * track, body.volume_mm3)
    walls = min(body.standing.wall_mm2 * track * figures["walls"], body.volume_mm3)
    solid = min(body.volume_mm3 - walls, body.standing.roof_mm2 * layer * figures["solid_layers"])
    sparse = (body.volume_mm3 - walls - solid) * infill
    support = body.standing.support_volume_mm3 * figures["support_density"]
    volumes = {"outer": outer, "inner": walls - outer, "solid": solid, "sparse": sparse, "support": support}
    return {kind: volume / section for kind, volume in volumes.items()}


def print_hours(body: printed.Body, tracks: Lengths, figures: Mapping[str, Decimal]) -> Decimal:
    """Machine hours of one piece."""
    layers = body.standing.height_mm / figures["layer_mm"]
    seconds = layers * figures["seconds_per_layer"] + figures["seconds_per_piece"]
    for kind in ("outer", "inner", "solid", "sparse"):
        seconds += tracks[kind] * figures[f"{kind}_seconds_per_mm"]
    seconds += tracks["support"] * figures["sparse_seconds_per_mm"]
    return seconds / SECONDS_PER_HOUR


def _printing_step(
    body: printed.Body, tracks: Lengths, infill: Decimal, figures: Mapping[str, Decimal]
) -> Step:
    inputs: Inputs = {
        "track_per_piece": (sum(tracks.values(), ZERO), "mm"),
        **{f"{kind}_track_per_piece": (length, "mm") for kind, length in tracks.items()},
        "support_per_piece": (body.standing.support_volume_mm3, "mm3"),
        "height_per_piece": (body.standing.height_mm, "mm"),
        "infill": (infill, "1"),
    }
    return Step(
        code="machining",
        group="machining",
        label=Text(en="Printing", ru="Печать"),
        formula="(length of each kind of track x its time (support as sparse) "
        "+ height / layer x time of a layer + time of a piece) x pieces",
        piece_hours=print_hours(body, tracks, figures),
        graded=False,
        inputs=inputs,
        figures=TIMES,
        hour_figure="machine_price_per_hour",
    )


TECHNOLOGY = Filament()
