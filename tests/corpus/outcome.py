"""What an answer means in the words of the corpus, and whether its figures hold."""

import httpx
import pytest

from app.contract.geometry import PartFacts
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
    return "accept" if facts.complete and facts.volume_mm3 is not None else "nothing sure, and no warning"


def check_figures(answer: httpx.Response, part: Part) -> None:
    """Every figure that is given must be the true one; a sure volume without a truth is a fault."""
    if not answer.is_success:
        return
    facts = PartFacts.model_validate_json(answer.content)
    figures, tolerance = part.figures, part.tolerance
    if facts.volume_mm3 is not None and "volume_mm3" in figures:
        assert facts.volume_mm3 == pytest.approx(figures["volume_mm3"], rel=tolerance["volume"])
    if "area_mm2" in figures:
        assert facts.area_mm2 == pytest.approx(figures["area_mm2"], rel=tolerance["area"])
    if "bbox_mm" in figures:
        box = facts.bounding_box_mm
        assert [box.x, box.y, box.z] == pytest.approx(figures["bbox_mm"], abs=tolerance["bbox_mm"])
