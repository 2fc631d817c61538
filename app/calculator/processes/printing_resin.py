"""Printing from resin with a mask (SLA, MSLA): the time of a build is its height, whatever stands in it."""

from collections.abc import Mapping
from decimal import Decimal
from typing import ClassVar

from app.calculator.processes import printed
from app.calculator.processes.base import Job, Plan, Step
from app.calculator.processes.cutting import mass_kg
from app.contract.base import Text
from app.contract.pricing import Stock

RESIN = Stock(shape="resin", dimensions=None)
SECONDS_PER_HOUR = Decimal(3600)
CURING = Text(en="Washing, curing, taking off supports", ru="Промывка, дозасветка, снятие поддержек")


class Resin:
    """Supports fill a share of the gap to the hull, a film of resin stays on the surface."""

    id: ClassVar[str] = "SLA"
    form: ClassVar[str] = "resin"
    figure_ids: ClassVar[frozenset[str]] = frozenset(
        {"machine_price_per_hour", "layer_mm", "seconds_per_layer", "support_share_of_gap", "film_mm"}
    )

    def plan(self, job: Job) -> Plan:
        """Set-up and layers once per build."""
        printed.check_form(job, self)
        figures, body = job.figures, printed.body_of(job.part)
        gap = body.hull_volume_mm3 - body.volume_mm3
        volume = body.volume_mm3 + gap * figures["support_share_of_gap"] + body.area_mm2 * figures["film_mm"]
        return Plan(
            stock=RESIN,
            stock_volume_mm3=volume,
            mass_kg=mass_kg(job, volume),
            material_formula="(volume + supports + film on the surface) x density x pieces",
            steps=(
                printed.setup_step(figures),
                _printing_step(body, figures),
                printed.finishing_step(body, figures, CURING),
            ),
            batches="builds",
            pieces_per_batch=max(
                (printed.pieces_on_plate(body, one, figures["clearance_mm"]) for one in job.machines),
                default=1,
            ),
        )


def _printing_step(body: printed.Body, figures: Mapping[str, Decimal]) -> Step:
    layers = body.standing.height_mm / figures["layer_mm"]
    return Step(
        code="machining",
        group="machining",
        label=Text(en="Printing", ru="Печать"),
        formula="height / layer x time of a layer x builds",
        batch_hours=layers * figures["seconds_per_layer"] / SECONDS_PER_HOUR,
        graded=False,
        inputs={"height_per_batch": (body.standing.height_mm, "mm")},
        figures=("layer_mm", "seconds_per_layer"),
        hour_figure="machine_price_per_hour",
    )


TECHNOLOGY = Resin()
