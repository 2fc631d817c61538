"""Suites in their smallest size: do they measure what they say, on real processes?"""

import importlib
from pathlib import Path

import pytest

from scripts.bench_suites.measure import Options, Report

pytestmark = [pytest.mark.services, pytest.mark.cad]

QUICK = Options(rounds=1, quick=True)
CANDIDATES = {
    "auth": {"reads alone", "reads while logins hash", "one login"},
    "step": {
        "figures in a child",
        "figures without a child",
        "whole analysis in a child",
        "plain OCP, exact",
        "plain OCP, default",
    },
    "pricing": {
        "rule formula in a plain loop",
        "rules, with proof",
        "features, another quantity",
        "features, another material",
        "features, facts as they arrive again",
        "features, a part never seen",
        "features, curve of 50 quantities",
    },
    "orders": {"ours", "floor: SQLAlchemy Core", "floor: driver"},
    "files": {
        "ours, multipart",
        "floor: body to disk",
        "disk: write and sync",
        "ours, download",
        "floor: disk to body",
        "disk: read",
        "ours, resumable",
        "floor: bodies to disk",
        "ours, upload to the end of the analysis",
    },
}
"""The others start the same servers and only take longer."""


@pytest.fixture(scope="module")
def bytecode(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the servers keep their compiled modules from one suite to the next."""
    return tmp_path_factory.mktemp("bytecode")


@pytest.mark.timeout(240)
@pytest.mark.parametrize("name", sorted(CANDIDATES))
def test_a_suite_measures_all_its_candidates(
    name: str, bytecode: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPYCACHEPREFIX", str(bytecode))

    report: Report = importlib.import_module(f"scripts.bench_suites.{name}").run(QUICK)

    assert {row.candidate for row in report.rows} == CANDIDATES[name]
    assert all(row.figures is not None and row.figures.wall_seconds > 0 for row in report.rows)
