"""Printing metal with a laser in a powder bed (DMLS, LPBF): (volume + support) / build rate."""

from collections.abc import Mapping
from decimal import Decimal
from typing import ClassVar

from app.calculator.processes import printed
from app.calculator.processes.base import Job, Plan, Step
from app.calculator.processes.cutting import mass_kg
from app.contract.base import Text
from app.contract.pricing import Stock

POWDER = Stock(shape="powder", dimensions=None)
TAKING_OFF = Text(en="Cutting off the plate, taking off supports", ru="Срезка с плиты, снятие поддержек")


class MetalPowder:
    """Supports are full of powder that is lost; they fill a share of the gap to the hull."""

    id: ClassVar[str] = "DMLS"
    form: ClassVar[str] = "metal-powder"
    figure_ids: ClassVar[frozenset[str]] = frozenset(
        {"machine_price_per_hour", "build_rate_mm3_per_hour", "support_share_of_gap"}
    )

    def plan(self, job: Job) -> Plan:
        """Set-up once per build, the laser's time for every piece."""
        printed.check_form(job, self)
        figures, body = job.figures, printed.body_of(job.part)
        gap = body.hull_volume_mm3 - body.volume_mm3
        melted = body.volume_mm3 + gap * figures["support_share_of_gap"]
        return Plan(
            stock=POWDER,
            stock_volume_mm3=melted,
            mass_kg=mass_kg(job, melted),
            material_formula="(volume + supports) x density x pieces",
            steps=(
                printed.setup_step(figures),
                _printing_step(melted, figures),
                printed.finishing_step(body, figures, TAKING_OFF),
            ),
            batches="builds",
            pieces_per_batch=max(
                (printed.pieces_on_plate(body, one, figures["clearance_mm"]) for one in job.machines),
                default=1,
            ),
        )


def _printing_step(melted_mm3: Decimal, figures: Mapping[str, Decimal]) -> Step:
    return Step(
        code="machining",
        group="machining",
        label=Text(en="Printing", ru="Печать"),
        formula="(volume + supports) / build rate x pieces",
        piece_hours=melted_mm3 / figures["build_rate_mm3_per_hour"],
        graded=False,
        inputs={"melted_volume_per_piece": (melted_mm3, "mm3")},
        figures=("build_rate_mm3_per_hour",),
        hour_figure="machine_price_per_hour",
    )


TECHNOLOGY = MetalPowder()
