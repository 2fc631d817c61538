"""The same content has the same facts, to the digit, whoever measures it: processes with other hashes too."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from app.calculator.config import CalculatorSettings
from app.calculator.service import CalculatorService
from tests.calculator.conftest import serving, until_ready
from tests.corpus.conftest import Part

pytestmark = [pytest.mark.corpus, pytest.mark.cad]

Measuring = tuple[httpx.AsyncClient, CalculatorService]


@pytest.fixture(scope="session")
async def measuring_again() -> AsyncIterator[httpx.AsyncClient]:
    """Another calculator with a fork server of its own."""
    async with serving(CalculatorSettings(cached_analyses=0)) as (client, _):
        await until_ready(client)
        yield client


async def facts_of(client: httpx.AsyncClient, part: Part) -> dict[str, Any]:
    answer = await client.post("/v1/analysis", content=part.path.read_bytes())
    told: dict[str, Any] = answer.json()
    return {name: value for name, value in told.items() if name not in {"seconds", "request_id"}}


async def test_a_real_part_has_the_same_facts_again(
    measuring: Measuring, measuring_again: httpx.AsyncClient, models_part: Part
) -> None:
    first = await facts_of(measuring[0], models_part)

    assert await facts_of(measuring[0], models_part) == first
    assert await facts_of(measuring_again, models_part) == first


async def test_a_hostile_file_has_the_same_answer_again(
    measuring: Measuring, measuring_again: httpx.AsyncClient, nasty_part: Part
) -> None:
    first = await facts_of(measuring[0], nasty_part)

    assert await facts_of(measuring_again, nasty_part) == first
