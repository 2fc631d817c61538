"""What an end mill does in a minute: removal, finishing feed and surface, and how reach slows it down.

Cutting data are those of a reference tool; feed per tooth, depth and width of cut follow the diameter, and
the spindle turns no faster than it can.
"""

from decimal import Decimal

from app.calculator.catalog.cutting_rows import Machinability
from app.calculator.processes.base import MM2_PER_CM2, MM3_PER_CM3, ONE, PI, Job
from app.calculator.processes.cutting import machinability

MM_PER_M = Decimal(1000)
FIGURES = frozenset(
    {
        "reference_tool_mm",
        "tool_teeth",
        "spindle_rpm",
        "roughing_tool_mm",
        "largest_tool_mm",
        "tool_by_width",
        "finishing_step_share",
        "round_share",
        "ball_tool_mm",
        "scallop_mm",
        "reach_full",
        "reach_most",
    }
)


def rpm(speed_m_min: Decimal, diameter_mm: Decimal, most_rpm: Decimal) -> Decimal:
    """N = 1000 v / (pi D), at most what the spindle turns."""
    return min(most_rpm, MM_PER_M * speed_m_min / (PI * diameter_mm))


class EndMills:
    """End mills of any diameter in one material on one machine.

    ``largest_mm`` roughs and faces the part: as wide as the part's width bears, within what a shop has.
    """

    def __init__(self, job: Job) -> None:
        figures = self.figures = job.figures
        self.data: Machinability = machinability(job)
        by_part = job.part.extents_mm[1] * figures["tool_by_width"]
        self.largest_mm = max(figures["roughing_tool_mm"], min(by_part, figures["largest_tool_mm"]))

    def removal_cm3_min(self, diameter_mm: Decimal) -> Decimal:
        """Q = depth x width x feed rate of the largest cut the tool takes."""
        figures, data = self.figures, self.data
        size = diameter_mm / figures["reference_tool_mm"]
        feed = self._feed(data.milling_speed_m_min, data.milling_feed_mm, diameter_mm)
        return data.milling_depth_mm * size * data.milling_width_share * diameter_mm * feed / MM3_PER_CM3

    def finish_feed_mm_min(self, diameter_mm: Decimal) -> Decimal:
        """How fast a finishing tool goes along a wall."""
        return self._feed(self.data.milling_finish_speed_m_min, self.data.milling_finish_feed_mm, diameter_mm)

    def _feed(self, speed_m_min: Decimal, feed_mm: Decimal, diameter_mm: Decimal) -> Decimal:
        figures = self.figures
        turns = rpm(speed_m_min, diameter_mm, figures["spindle_rpm"])
        return turns * figures["tool_teeth"] * feed_mm * diameter_mm / figures["reference_tool_mm"]

    def flat_cm2_min(self, diameter_mm: Decimal) -> Decimal:
        """Finishing rate on flat faces: step-over x feed."""
        step = diameter_mm * self.figures["finishing_step_share"]
        return self.finish_feed_mm_min(diameter_mm) * step / MM2_PER_CM2

    def free_cm2_min(self) -> Decimal:
        """Finishing rate on free surfaces: a ball leaves scallops of a height, s = 2 sqrt(2 R h)."""
        figures = self.figures
        ball = figures["ball_tool_mm"]
        step = 2 * (ball * figures["scallop_mm"]).sqrt()
        return self.finish_feed_mm_min(ball) * step / MM2_PER_CM2

    def reach_factor(self, depth_mm: Decimal, diameter_mm: Decimal) -> Decimal:
        """How much longer it takes with a long tool: once the factor of the material, far out twice."""
        figures = self.figures
        reach = depth_mm / diameter_mm
        if reach <= figures["reach_full"]:
            return ONE
        factor = self.data.deep_factor
        return factor if reach <= figures["reach_most"] else factor * factor
