import json
from pathlib import Path
from uuid import uuid4

import pytest

from app.core.db import Database
from app.core.job_tables import JobProgress, JobStatus
from scripts.background.command import over, parse_arguments
from tests.factories.jobs import make_job
from tests.support.jobs import Workshop


async def command(database: Database, *arguments: str) -> int:
    url = database.engine.url.render_as_string(hide_password=False)
    return await over(url, parse_arguments(list(arguments)))


class TestInspect:
    async def test_counts_and_lists_what_was_given_up(
        self, live: Database, capsys: pytest.CaptureFixture[str]
    ) -> None:
        dead = await make_job(live)
        await make_job(live, status=JobStatus.done)

        assert await command(live, "inspect") == 0
        assert capsys.readouterr().out.splitlines() == [
            "tests.call_neighbour: 1 dead, 1 done",
            (
                f"dead {dead.id} tests.call_neighbour tests.call_neighbour:thing after 10 attempts: "
                "ConnectError: nobody there"
            ),
        ]

    async def test_shows_one_job(self, live: Database, capsys: pytest.CaptureFixture[str]) -> None:
        dead = await make_job(live)
        async with live.transaction() as session:
            session.add(JobProgress(job_id=dead.id, payload={"percent": 50}))

        assert await command(live, "inspect", str(dead.id)) == 0
        told = json.loads(capsys.readouterr().out)
        assert (told["payload"], told["progress"]) == ({"thing": "thing"}, [{"percent": 50}])


class TestRetry:
    async def test_everything_of_one_handler_that_was_given_up(self, live: Database) -> None:
        await make_job(live)
        await make_job(live, handler="tests.other")

        assert await command(live, "retry", "--dead", "--handler", "tests.other") == 0
        assert await Workshop(live).statuses() == [JobStatus.dead, JobStatus.queued]

    async def test_what_cannot_be_retried_does_not_keep_back_the_rest(
        self, live: Database, capsys: pytest.CaptureFixture[str]
    ) -> None:
        done, dead = await make_job(live, status=JobStatus.done), await make_job(live)

        assert await command(live, "retry", str(done.id), str(uuid4()), str(dead.id)) == 1
        assert await Workshop(live).statuses() == [JobStatus.done, JobStatus.queued]
        assert "1 jobs to be run again." in capsys.readouterr().out


class TestDrop:
    async def test_forgets_a_job(self, live: Database) -> None:
        dead = await make_job(live)

        assert await command(live, "drop", str(dead.id)) == 0
        assert await Workshop(live).jobs() == []

    @pytest.mark.parametrize("arguments", [[], ["--dead", "00000000-0000-7000-8000-00000000000a"]])
    def test_wants_to_know_what(self, arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
        with pytest.raises(SystemExit):
            parse_arguments(["drop", *arguments])

        assert "either ids or --dead" in capsys.readouterr().err

    def test_takes_the_folder_of_the_installation(self, tmp_path: Path) -> None:
        assert parse_arguments(["inspect", "--data-dir", str(tmp_path)]).data_dir == tmp_path
