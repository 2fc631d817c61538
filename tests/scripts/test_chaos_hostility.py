"""Short runs of the suites that mean harm: a neighbour, workers, disks, uploads, addresses."""

import json
import os
import random
import tempfile
import zipfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from scripts.chaos_suites import hostile_uploads, neighbours, ssrf, storage_faults, workers
from scripts.chaos_suites.garbage import KINDS, Make
from scripts.chaos_suites.hostile_files import contents, names, overlapping
from scripts.chaos_suites.verdict import Options
from tests.support.calculator import price

NEEDS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="mounts and networks of its own need root")


@pytest.mark.services
@pytest.mark.xdist_group("services")
@pytest.mark.timeout(240)
class TestSuites:
    @pytest.fixture
    def open_folder(self) -> Iterator[Path]:
        """Apart from pytest's own, into which another user such as PostgreSQL's may not look."""
        with tempfile.TemporaryDirectory(prefix="chaos-workers-") as folder:
            yield Path(folder)

    async def test_what_a_bad_calculator_says_is_never_sold(self, tmp_path: Path) -> None:
        parts = [neighbours.unresolved, neighbours.wrong, neighbours.nonsense]
        verdict = await neighbours.run(Options(tmp_path, count=32, seed=1), parts)

        assert verdict.passed, verdict.details()
        assert (
            verdict.counts["lost"] == verdict.counts["doubled"] == verdict.counts["redirects followed"] == 0
        )

    async def test_workers_double_nothing_and_of_eight_one_wins(self, open_folder: Path) -> None:
        parts = [workers.killed_between, workers.woken_late, workers.one_winner]
        verdict = await workers.run(Options(open_folder, seconds=120, count=6, seed=1), parts)

        assert verdict.passed, verdict.details()
        assert verdict.counts["late writes refused"] == 1

    @NEEDS_ROOT
    async def test_broken_disks_are_told_and_survived(self, tmp_path: Path) -> None:
        verdict = await storage_faults.run(Options(tmp_path, seconds=120, count=1, seed=1))

        assert verdict.passed, verdict.details()
        assert verdict.counts["faults found by the check"] == 3

    async def test_hostile_uploads_are_refused_or_kept_as_bytes(self, tmp_path: Path) -> None:
        verdict = await hostile_uploads.run(Options(tmp_path, seconds=120, count=40, seed=1))

        assert verdict.passed, verdict.details()
        assert verdict.counts["files outside the store"] == 0

    @NEEDS_ROOT
    async def test_no_import_leads_into_our_networks(self, tmp_path: Path) -> None:
        verdict = await ssrf.run(Options(tmp_path, seconds=60, count=38, seed=1))

        assert verdict.passed, verdict.details()
        assert verdict.skipped or verdict.counts["connections into our networks"] == 0


class TestGarbage:
    @pytest.mark.parametrize("make", KINDS, ids=[make.__name__ for make in KINDS])
    def test_differs_from_the_price_it_is_made_of(self, make: Make) -> None:
        genuine: dict[str, Any] = price({"service_id": "cnc-milling", "quantity": 2}) | {"cost_lines": []}
        dice = random.Random(1)

        assert all(make(genuine, dice) != json.dumps(genuine) for _ in range(50))


class TestHostileFiles:
    def test_are_the_same_for_the_same_dice(self) -> None:
        one, two = (list(contents(random.Random(7))) for _ in range(2))

        assert [name for name, _ in one] == [name for name, _ in two]
        assert len({name for name, _ in one}) == len(one)
        assert len(set(names("mark"))) == len(list(names("mark")))

    def test_overlapping_entries_share_their_bytes(self) -> None:
        package = zipfile.ZipFile(BytesIO(overlapping({"first": b"1"})))

        assert len({info.header_offset for info in package.infolist()}) < len(package.infolist())
        assert sum(info.file_size for info in package.infolist()) > 1000 * len(overlapping({"first": b"1"}))
