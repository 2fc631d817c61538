"""Rounded edges, one by one: outer ones with a cutter of their form, inner ones with a ball of their radius.

What is rounder than such tools is surface like any other.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from app.calculator.processes import labels
from app.calculator.processes.base import PI, ZERO, Inputs, Job, Measured, Recognised, Step
from app.calculator.processes.cutting import hours
from app.calculator.processes.end_mill import EndMills
from app.calculator.processes.told import one_by_one

FIGURES = frozenset(
    {"form_radius_mm", "edge_minutes", "finishing_tool_mm", "smallest_tool_mm", "machine_factor"}
)
FILLET = "fillet"
QUARTER = PI / 2
"""A fillet joins two faces at a right angle."""


def fillets_of(measured: Measured, figures: Mapping[str, Decimal]) -> tuple[Recognised, ...]:
    """The rounded edges that a tool of their own makes in one go."""
    return tuple(
        one
        for one in measured.of_kind(FILLET)
        if _length(one) > 0 and 0 < _radius(one) <= _largest_mm(one, figures)
    )


def _largest_mm(one: Recognised, figures: Mapping[str, Decimal]) -> Decimal:
    return figures["form_radius_mm"] if _is_outer(one) else figures["finishing_tool_mm"] / 2


def surface_mm2(fillets: Sequence[Recognised]) -> Decimal:
    """The surface of rounded edges."""
    return sum((QUARTER * _radius(one) * _length(one) for one in fillets), ZERO)


@dataclass(frozen=True)
class Filleting:
    """Times of rounded edges in one material on one machine."""

    job: Job
    mills: EndMills

    def steps(self, fillets: Sequence[Recognised]) -> tuple[Step, ...]:
        """Every edge on its own, up to a number that a person still reads; the rest together."""
        return one_by_one(
            fillets,
            self._minutes,
            lambda one, minutes: self._step((one,), minutes, one.id),
            lambda rest, minutes: self._step(rest, minutes, None),
        )

    def tools(self, fillets: Sequence[Recognised]) -> frozenset[str]:
        """What has to be presetted for them."""
        return frozenset(f"{'rounding' if _is_outer(one) else 'ball'} {_radius(one):.1f}" for one in fillets)

    def _minutes(self, one: Recognised) -> Decimal:
        return self.job.figures["edge_minutes"] + _length(one) / self._feed_mm_min(one)

    def _feed_mm_min(self, one: Recognised) -> Decimal:
        figures = self.job.figures
        tool = figures["finishing_tool_mm"]
        if not _is_outer(one):
            tool = max(2 * _radius(one), figures["smallest_tool_mm"])
        return self.mills.finish_feed_mm_min(tool)

    def _step(self, fillets: Sequence[Recognised], minutes: Decimal, feature_id: str | None) -> Step:
        inputs: dict[str, tuple[Decimal | int, str]] = {
            "edges_per_piece": (len(fillets), "edges"),
            "length_per_piece": (sum(map(_length, fillets), ZERO), "mm"),
        }
        data: Inputs = {"minutes": (minutes, "min")}
        if feature_id:
            inputs["radius_per_piece"] = (_radius(fillets[0]), "mm")
            data = {"feed": (self._feed_mm_min(fillets[0]), "mm/min"), **data}
        return Step(
            code=FILLET,
            group="finishing",
            label=labels.FILLET if feature_id else labels.FILLETS,
            formula="(positioning + length / feed of a tool of the radius) x factor of the machine x pieces",
            piece_hours=hours(minutes, self.job.figures["machine_factor"]),
            inputs=inputs,
            figures=("edge_minutes", "machine_factor"),
            data=data,
            feature_id=feature_id,
            rows=(self.mills.data.full_key,),
        )


def _radius(one: Recognised) -> Decimal:
    return one.numbers.get("radius_mm", ZERO)


def _length(one: Recognised) -> Decimal:
    return one.numbers.get("length_mm", ZERO)


def _is_outer(one: Recognised) -> bool:
    return one.numbers.get("convex", ZERO) > 0
