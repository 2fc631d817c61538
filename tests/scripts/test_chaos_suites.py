import os
from pathlib import Path

import pytest

from scripts.chaos_suites import api_kills, disk_full, fuzz, mutants
from scripts.chaos_suites.verdict import Options, Verdict

pytestmark = [pytest.mark.services, pytest.mark.xdist_group("services")]


async def test_orders_survive_the_death_of_the_api(tmp_path: Path) -> None:
    verdict = await api_kills.run(Options(tmp_path, seconds=60, count=3, seed=1))

    assert verdict.passed, verdict.details()
    assert verdict.counts["kills"] == 3
    assert verdict.counts["lost"] == verdict.counts["doubled"] == 0


async def test_damaged_files_do_no_harm(tmp_path: Path) -> None:
    verdict = await mutants.run(Options(tmp_path, seconds=60, count=6, seed=1))

    assert verdict.passed, verdict.details()
    assert verdict.counts["answers 5xx"] == 0


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting a tiny file system needs root")
async def test_full_disks_are_told_and_survived(tmp_path: Path) -> None:
    verdict = await disk_full.run(Options(tmp_path, seconds=60, count=1, seed=1))

    assert verdict.passed, verdict.details()


class TestFuzzReport:
    def test_every_failure_names_its_operation(self) -> None:
        verdict = Verdict("fuzz")
        failure = {"title": "Undocumented status", "code": "ST1", "operations": ["GET /a", "PUT /b"]}
        report = {
            "test_cases": {"generated": 7},
            "operations": {"tested": 2},
            "failures": [failure],
            "errors": [],
        }

        fuzz.tell({"stranger": report}, verdict)

        assert verdict.line() == "fuzz: 7 requests, 2 kinds of failures … FAIL"
        assert "  1 × stranger: Undocumented status (ST1) at PUT /b" in verdict.details()
