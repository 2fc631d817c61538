import io
from pathlib import Path

import httpx
import numpy as np
import pytest
from PIL import Image

from app.calculator.service import CalculatorService
from tests.calculator.conftest import problem
from tests.corpus.conftest import Part

pytestmark = [pytest.mark.corpus, pytest.mark.cad]

FEWEST_PIXELS = 40


def content(path: Path) -> bytes:
    return path.read_bytes()


async def test_a_real_part_has_a_picture_that_shows_it(
    measuring: tuple[httpx.AsyncClient, CalculatorService], models_part: Part
) -> None:
    client, _ = measuring

    answer = await client.post("/v1/preview", params={"size": "128"}, content=content(models_part.path))

    if answer.is_client_error:
        assert problem(answer).status in {415, 422}
        assert "reject" in models_part.accepted
    else:
        opacity = np.asarray(Image.open(io.BytesIO(answer.content)))[..., 3]
        assert FEWEST_PIXELS < np.count_nonzero(opacity) < opacity.size


async def test_a_hostile_file_has_a_picture_or_a_clean_refusal(
    measuring: tuple[httpx.AsyncClient, CalculatorService], nasty_part: Part
) -> None:
    client, _ = measuring

    for route in ("/v1/preview", "/v1/model.glb"):
        answer = await client.post(route, content=content(nasty_part.path))

        assert answer.is_success or problem(answer).status in {413, 415, 422}
