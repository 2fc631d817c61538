"""Huge STEP files in small: they end in facts or in a refusal that is true, whatever they are full of."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import cast

import httpx
import pytest
from starlette.types import ASGIApp

from app.analyses.client import GeometryClient
from app.analyses.errors import CadInvalid, CadTooComplex
from app.calculator.config import CalculatorSettings
from app.calculator.main import create_app
from app.contract.geometry import PartFacts
from app.core.http import Upstream, make_client
from app.files.incoming import in_pieces
from scripts.bench_suites.huge_step import PART, many_parts, many_points
from tests.support.lifespan import running

pytestmark = pytest.mark.cad

MOST_ENTITIES = 2_000
BYTES_OF_AN_ENTITY = 50
COPIES = 3


@pytest.fixture(scope="module")
async def geometry() -> AsyncIterator[GeometryClient]:
    settings = CalculatorSettings(_env_file=None, max_entities=MOST_ENTITIES)
    app = cast("ASGIApp", create_app(settings))
    async with running(app), make_client(transport=httpx.ASGITransport(app=app)) as client:
        yield GeometryClient(Upstream("calculator", "http://calculator.test", client, timeout_seconds=60))


async def measured(geometry: GeometryClient, path: Path) -> PartFacts:
    return await geometry.analyse(in_pieces(content(path)), path.name)


def content(path: Path) -> bytes:
    return path.read_bytes()


async def test_an_assembly_is_measured(geometry: GeometryClient, tmp_path: Path) -> None:
    copies = many_parts(tmp_path / "parts.step", (COPIES - 1) * PART.stat().st_size + 1)

    facts = await measured(geometry, copies)

    assert facts.bodies == COPIES


@pytest.mark.parametrize("written", [many_parts, many_points])
async def test_more_entities_than_are_read_are_told_as_such(
    geometry: GeometryClient, tmp_path: Path, written: Callable[[Path, int], Path]
) -> None:
    path = written(tmp_path / "huge.step", 2 * MOST_ENTITIES * BYTES_OF_AN_ENTITY)

    with pytest.raises(CadTooComplex, match="more than the 2000 this service reads"):
        await measured(geometry, path)


async def test_entities_that_mean_nothing_are_no_part(geometry: GeometryClient, tmp_path: Path) -> None:
    points = many_points(tmp_path / "points.step", 100_000, name_chars=160)

    with pytest.raises(CadInvalid, match="holds no shape"):
        await measured(geometry, points)
