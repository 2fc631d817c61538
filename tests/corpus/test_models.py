import httpx
import pytest

from app.contract.geometry import PartFacts
from tests.corpus.conftest import Part
from tests.corpus.outcome import check_figures, outcome_of

pytestmark = [pytest.mark.corpus, pytest.mark.cad]


async def test_a_real_part_has_its_true_figures(measured: httpx.Response, models_part: Part) -> None:
    assert outcome_of(measured) in models_part.accepted
    check_figures(measured, models_part)
    if measured.is_success and "volume_mm3" not in models_part.figures:
        assert PartFacts.model_validate_json(measured.content).volume_mm3 is None
    if measured.is_success and "n_solids" in models_part.figures:
        assert measured.json()["bodies"] == models_part.figures["n_solids"]
