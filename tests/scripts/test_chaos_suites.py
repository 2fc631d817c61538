import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts.chaos_suites import api_kills, database, disk_full, fuzz, jobs, mutants
from scripts.chaos_suites.shop import Shop
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


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """Apart from pytest's own, into which another user such as PostgreSQL's may not look."""
    with tempfile.TemporaryDirectory(prefix="chaos-jobs-") as folder:
        yield Path(folder)


@pytest.mark.timeout(240)
async def test_a_database_that_hangs_is_told_and_survived(open_folder: Path) -> None:
    verdict = await database.run(Options(open_folder, seconds=60, count=2, seed=1), ["freeze", "lock"])

    assert verdict.passed, verdict.details()
    assert verdict.counts["breaks"] == 2
    assert verdict.counts["lost"] == verdict.counts["doubled"] == 0


@pytest.mark.timeout(240)
class TestJobs:
    async def test_200_are_done_once_though_one_of_two_workers_is_killed(self, open_folder: Path) -> None:
        async def sooner(shop: Shop, options: Options, verdict: Verdict) -> None:
            shop.environment["MILLWRIGHT_JOBS__LEASE_SECONDS"] = "5"
            await jobs.one_killed(shop, options, verdict)

        verdict = await jobs.run(Options(open_folder, seed=1), [sooner])

        assert verdict.passed, verdict.details()
        assert verdict.counts["jobs"] == 200

    async def test_300_are_done_once_and_in_order_under_kills_and_stops(self, open_folder: Path) -> None:
        verdict = await jobs.run(Options(open_folder, seconds=120, count=300, seed=1), [jobs.many_struck])

        assert verdict.passed, verdict.details()
        assert verdict.counts["jobs"] == 300
        assert int(verdict.counts["kills"]) + int(verdict.counts["stops"]) > 0

    async def test_200_on_sqlite_are_done_once_though_the_only_worker_is_killed(
        self, open_folder: Path
    ) -> None:
        verdict = await jobs.run(Options(open_folder, seconds=120, seed=1), [jobs.embedded_killed])

        assert verdict.passed, verdict.details()
        assert verdict.counts["jobs"] == 200


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
