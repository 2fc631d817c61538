import asyncio
from pathlib import Path

import httpx
import pytest

from app.calculator.service import CalculatorService
from tests.calculator.conftest import until
from tests.calculator.test_children import IN_WAITING, descendants
from tests.corpus.conftest import Part
from tests.corpus.outcome import check_figures, outcome_of

pytestmark = [pytest.mark.corpus, pytest.mark.cad]


def content(path: Path) -> bytes:
    return path.read_bytes()


async def test_a_hostile_file_gets_a_clean_answer(
    measuring: tuple[httpx.AsyncClient, CalculatorService], nasty_part: Part
) -> None:
    client, service = measuring

    answer = await asyncio.wait_for(
        client.post("/v1/analysis", content=content(nasty_part.path)), nasty_part.limit_seconds
    )

    assert outcome_of(answer) in nasty_part.accepted
    assert answer.status_code == 415 or not nasty_part.path.name.endswith((".glb", "renamed.step"))
    check_figures(answer, nasty_part)
    await until(lambda: not service.children.running)
    assert service.children.server_pid is not None
    assert len(descendants(service.children.server_pid)) <= IN_WAITING
    assert (await client.get("/health/ready")).status_code == 200
