from pathlib import Path

import httpx
import pytest

from app.calculator.service import CalculatorService
from app.contract.geometry import PartFacts
from tests.calculator.conftest import until
from tests.corpus.conftest import Part
from tests.corpus.outcome import check_figures, outcome_of

pytestmark = [pytest.mark.corpus, pytest.mark.cad]


def content(path: Path) -> bytes:
    return path.read_bytes()


async def test_a_real_part_has_its_true_figures(
    measuring: tuple[httpx.AsyncClient, CalculatorService], models_part: Part
) -> None:
    client, service = measuring

    answer = await client.post("/v1/analysis", content=content(models_part.path))

    assert outcome_of(answer) in models_part.accepted
    check_figures(answer, models_part)
    await until(lambda: not service.children.running)
    if answer.is_success and "volume_mm3" not in models_part.figures:
        assert PartFacts.model_validate_json(answer.content).volume_mm3 is None
    if answer.is_success and "n_solids" in models_part.figures:
        assert answer.json()["bodies"] == models_part.figures["n_solids"]
