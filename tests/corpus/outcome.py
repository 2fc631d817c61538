"""What an answer means in the words of the corpus, and whether its figures hold."""

import httpx
import pytest

from app.contract.geometry import FlatDrawing, PartFacts
from app.contract.problem import Problem
from tests.corpus.conftest import Part


def outcome_of(answer: httpx.Response) -> str:
    """``accept``, ``accept_with_warning`` or ``reject``; anything else is a fault in itself."""
    if answer.is_client_error:
        assert Problem.model_validate_json(answer.content).detail
        return "reject"
    facts = PartFacts.model_validate_json(answer.content)
    if any(finding.severity != "info" for finding in facts.findings):
        return "accept_with_warning"
    return "accept" if facts.complete and is_measured(facts) else "nothing sure, and no warning"


def is_measured(facts: PartFacts) -> bool:
    return facts.volume_mm3 is not None or (facts.drawing is not None and facts.drawing.contours > 0)


def check_figures(answer: httpx.Response, part: Part) -> None:
    """Every figure that is given must be the true one; a sure volume without a truth is a fault."""
    if not answer.is_success:
        return
    facts = PartFacts.model_validate_json(answer.content)
    figures, tolerance = part.figures, part.tolerance
    if facts.volume_mm3 is not None and "volume_mm3" in figures:
        assert facts.volume_mm3 == pytest.approx(figures["volume_mm3"], rel=tolerance["volume"])
    if "area_mm2" in figures and facts.drawing is None:
        assert facts.area_mm2 == pytest.approx(figures["area_mm2"], rel=tolerance["area"])
    if "bbox_mm" in figures:
        box = facts.bounding_box_mm
        assert [box.x, box.y, box.z] == pytest.approx(figures["bbox_mm"], abs=tolerance["bbox_mm"])
    if facts.drawing is not None:
        check_drawing(facts, facts.drawing, part)


def check_drawing(facts: PartFacts, drawing: FlatDrawing, part: Part) -> None:
    figures, tolerance = part.figures, part.tolerance
    lengths = [figures[name] for name in ("curve_length_mm", "cut_length_mm") if name in figures]
    areas = [figures[name] for name in ("net_area_mm2", "area_mm2") if name in figures]
    counts = [figures[name] for name in ("closed_contours", "contours") if name in figures]
    assert [drawing.cut_length_mm] * len(lengths) == pytest.approx(lengths, rel=tolerance["curve_length"])
    assert [drawing.area_mm2] * len(areas) == pytest.approx(areas, rel=tolerance["net_area"])
    assert [drawing.contours] * len(counts) == counts
    if "inner_contours" in figures:
        assert drawing.inner_contours == figures["inner_contours"]
        assert facts.bodies == figures["outer_contours"]
    if "extents_mm" in figures:
        box = facts.bounding_box_mm
        assert [box.x, box.y] == pytest.approx(figures["extents_mm"], abs=tolerance["extents_mm"])
