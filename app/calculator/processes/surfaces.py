"""Finishing by the kind of face, edges one by one, deburring and inspection."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from app.calculator.processes import labels
from app.calculator.processes.base import MM2_PER_CM2, ONE, ZERO, Job, Measured, Recognised, Step
from app.calculator.processes.cutting import hours, params_of
from app.calculator.processes.end_mill import EndMills
from app.calculator.processes.shape import FaceAreas
from app.calculator.processes.told import one_by_one
from app.contract.base import Text

FIGURES = frozenset(
    {
        "thin_wall_mm",
        "cutting_factor",
        "machine_factor",
        "edge_minutes",
        "finishing_tool_mm",
        "deburr_base_minutes",
        "deburr_area_cm2_per_minute",
        "deburr_feature_minutes",
        "deburr_most_minutes",
        "inspection_base_minutes",
        "inspection_feature_minutes",
        "complexity_low",
        "complexity_high",
    }
)
KINDS = (
    ("finish-flat", labels.FINISHING_FLAT_FACES, "step-over x feed"),
    (
        "finish-round",
        labels.FINISHING_ROUND_FACES,
        "step-over x feed along a contour",
    ),
    (
        "finish-free",
        labels.FINISHING_FREE_SURFACES,
        "step-over of a ball x feed",
    ),
)


@dataclass(frozen=True)
class Finishing:
    """Finishing times in one material on one machine."""

    job: Job
    mills: EndMills

    def steps(self, faces: FaceAreas, wall_mm: Decimal | None) -> tuple[Step, ...]:
        """A step for each kind of face that there is; thin walls are gone over more gently."""
        figures, data = self.job.figures, self.mills.data
        flat = self.mills.flat_cm2_min(self.mills.largest_mm)
        along = self.mills.flat_cm2_min(figures["finishing_tool_mm"]) * figures["round_share"]
        rates = (flat, along, self.mills.free_cm2_min() if faces.free_mm2 else ONE)
        areas = (faces.flat_mm2, faces.round_mm2, faces.free_mm2)
        is_thin = wall_mm is not None and wall_mm < figures["thin_wall_mm"]
        slower = data.thin_factor if is_thin else ONE
        return tuple(
            self._step(kind, area, rate, slower)
            for kind, area, rate in zip(KINDS, areas, rates, strict=True)
            if area
        )

    def _step(self, kind: tuple[str, Text, str], area_mm2: Decimal, rate: Decimal, slower: Decimal) -> Step:
        code, label, words = kind
        thin = " x factor of thin walls" if slower > ONE else ""
        return Step(
            code=code,
            group="finishing",
            label=label,
            formula=f"surface / ({words}){thin} x pieces",
            piece_hours=hours(area_mm2 / MM2_PER_CM2 / rate * slower, self.job.figures["cutting_factor"]),
            inputs={"area_per_piece": (area_mm2, "mm2")},
            data={
                "finishing_rate": (rate, "cm2/min"),
                "factor_of_thin_walls": (slower, "1"),
                "actual_over_cutting_time": (self.job.figures["cutting_factor"], "1"),
            },
            rows=(self.mills.data.full_key,),
        )

    def edges(self, chamfers: Sequence[Recognised]) -> tuple[Step, ...]:
        """Chamfers, each gone along once."""
        return one_by_one(
            chamfers,
            self._edge_minutes,
            lambda one, minutes: self._edge((one,), minutes, one.id),
            lambda rest, minutes: self._edge(rest, minutes, None),
        )

    def _edge_minutes(self, one: Recognised) -> Decimal:
        figures = self.job.figures
        length = max(ZERO, one.numbers.get("length_mm", ZERO))
        return figures["edge_minutes"] + length / self.mills.finish_feed_mm_min(figures["finishing_tool_mm"])

    def _edge(self, chamfers: Sequence[Recognised], minutes: Decimal, feature_id: str | None) -> Step:
        length = sum((one.numbers.get("length_mm", ZERO) for one in chamfers), ZERO)
        return Step(
            code="chamfer",
            group="machining",
            label=labels.CHAMFER if feature_id else labels.CHAMFERS,
            formula="(edges x positioning + length / feed) x factor of the machine x pieces",
            piece_hours=hours(minutes, self.job.figures["machine_factor"]),
            inputs={"edges_per_piece": (len(chamfers), "edges"), "length_per_piece": (length, "mm")},
            figures=("edge_minutes", "machine_factor"),
            data={"feed": (self.mills.finish_feed_mm_min(self.job.figures["finishing_tool_mm"]), "mm/min")},
            feature_id=feature_id,
            rows=(self.mills.data.full_key,),
        )


def left_to_finish(measured: Measured, flat_mm2: Decimal, round_mm2: Decimal) -> FaceAreas:
    """The surface without what pockets (flat), holes and rounded edges (round, then free) finish themselves.

    Where the kinds of faces are not known all of it counts as flat.
    """
    faces = measured.faces
    if faces is None:
        return FaceAreas(max(ZERO, measured.area_mm2 - flat_mm2 - round_mm2), ZERO, ZERO)
    beyond = max(ZERO, round_mm2 - faces.round_mm2)
    return FaceAreas(
        max(ZERO, faces.flat_mm2 - flat_mm2),
        max(ZERO, faces.round_mm2 - round_mm2),
        max(ZERO, faces.free_mm2 - beyond),
    )


def complexity_of(job: Job) -> Decimal:
    """How much more than usual there is to program and to inspect."""
    asked = params_of(job).cnc_complexity
    return ONE if asked == "medium" else job.figures[f"complexity_{asked}"]


def handwork(job: Job, measured: Measured, features: int) -> tuple[Step, ...]:
    """Deburring by surface and edges, within bounds; inspection by what there is to measure."""
    figures, area = job.figures, measured.area_mm2
    by_size = figures["deburr_base_minutes"] + area / MM2_PER_CM2 / figures["deburr_area_cm2_per_minute"]
    deburring = min(by_size + features * figures["deburr_feature_minutes"], figures["deburr_most_minutes"])
    inspection = figures["inspection_base_minutes"] + features * figures["inspection_feature_minutes"]
    return (
        Step(
            code="deburring",
            group="finishing",
            label=labels.DEBURRING,
            formula="(base + surface / surface a minute + time of each feature, within bounds) x pieces",
            piece_hours=hours(deburring),
            graded=False,
            by_hand=True,
            inputs={"area_per_piece": (area, "mm2"), "features_per_piece": (features, "features")},
            figures=(
                *("deburr_base_minutes", "deburr_area_cm2_per_minute"),
                *("deburr_feature_minutes", "deburr_most_minutes"),
            ),
        ),
        Step(
            code="inspection",
            group="finishing",
            label=labels.INSPECTION,
            formula="(base + time of each feature) x complexity x pieces",
            piece_hours=hours(inspection * complexity_of(job)),
            by_hand=True,
            inputs={"features_per_piece": (features, "features")},
            figures=("inspection_base_minutes", "inspection_feature_minutes"),
            data={"complexity_of_inspection": (complexity_of(job), "1")},
        ),
    )
