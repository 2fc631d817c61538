"""Real and hostile parts from outside the project, in a folder that the environment names.

``models/truth.json`` and ``nasty/expected.json`` say what must come out. Everything goes through the whole
calculator, its routes and its children.
"""

import json
import os
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.calculator.config import CalculatorSettings
from app.calculator.service import CalculatorService
from tests.calculator.conftest import serving, until, until_ready

READ = {".stl", ".step", ".stp", ".obj", ".3mf", ".dxf"}
REFUSED = {".glb"}
"""Formats of the corpus that have no reader: 415 whatever the catalogue would accept."""
FIGURE_TOLERANCE = {"volume": 1e-4, "area": 1e-4, "bbox_mm": 1e-3, "curve_length": 1e-4, "net_area": 1e-4}


@dataclass(frozen=True)
class Part:
    """A file and what is known about it."""

    path: Path
    accepted: frozenset[str]
    figures: dict[str, Any]
    tolerance: dict[str, float]
    limit_seconds: float


def corpus() -> Path | None:
    folder = os.environ.get("MILLWRIGHT_CORPUS")
    return Path(folder) if folder else None


def parts(folder: str, catalogue: str) -> Iterator[Part]:
    root = corpus()
    if root is None:
        return
    for entry in json.loads((root / folder / catalogue).read_text(encoding="utf-8"))["files"]:
        path = root / folder / entry["file"]
        refused = path.suffix.lower() in REFUSED
        if refused or path.suffix.lower() in READ:
            yield Part(
                path=path,
                accepted=frozenset({"reject"} if refused else accepted(entry)),
                figures=entry.get("figures") or entry.get("truth") or {},
                tolerance=entry.get("tolerance_rel") or FIGURE_TOLERANCE,
                limit_seconds=entry.get("limits", {}).get("seconds", 30),
            )


def accepted(entry: dict[str, Any]) -> set[str]:
    return {entry["expected"], *entry.get("also_acceptable", ())}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One test per file; one that is skipped when there is no corpus."""
    for name, catalogue in (("models", "truth.json"), ("nasty", "expected.json")):
        fixture = f"{name}_part"
        if fixture in metafunc.fixturenames:
            found = list(parts(name, catalogue))
            missing = pytest.param(None, id="none", marks=pytest.mark.skip("MILLWRIGHT_CORPUS is not set"))
            metafunc.parametrize(
                fixture, [pytest.param(part, id=part.path.name) for part in found] or [missing]
            )


@pytest.fixture(scope="session")
async def measuring() -> AsyncIterator[tuple[httpx.AsyncClient, CalculatorService]]:
    """One calculator with the limits it has in production, for the whole corpus."""
    async with serving(CalculatorSettings(cached_analyses=0)) as (client, service):
        await until_ready(client)
        yield client, service


@pytest.fixture(scope="session")
def answers() -> dict[Path, httpx.Response]:
    """What was said about a part already: several tests ask about the same analysis."""
    return {}


@pytest.fixture
async def measured(
    measuring: tuple[httpx.AsyncClient, CalculatorService],
    answers: dict[Path, httpx.Response],
    models_part: Part,
) -> httpx.Response:
    """The analysis of a real part, of which no child is left over."""
    client, service = measuring
    path = models_part.path
    if path not in answers:
        answers[path] = await client.post("/v1/analysis", content=path.read_bytes())
        await until(lambda: not service.children.running)
    return answers[path]
