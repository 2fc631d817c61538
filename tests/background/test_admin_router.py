from uuid import uuid4

import httpx
import pytest

from app.core.db import Database
from app.core.job_tables import JobStatus
from tests.factories.jobs import make_job
from tests.support.audit import all_acts
from tests.support.auth import MakeAccount
from tests.support.jobs import Workshop

JOBS = "/api/v1/admin/jobs"


SOME_JOB = f"{JOBS}/00000000-0000-7000-8000-00000000000a"


@pytest.mark.parametrize(
    ("method", "path"), [("GET", JOBS), ("POST", f"{SOME_JOB}/retry"), ("DELETE", SOME_JOB)]
)
class TestStrangers:
    async def test_have_to_sign_in(self, client: httpx.AsyncClient, method: str, path: str) -> None:
        assert (await client.request(method, path)).status_code == 401

    async def test_have_to_be_administrators(
        self, client: httpx.AsyncClient, as_user: MakeAccount, method: str, path: str
    ) -> None:
        customer = await as_user()

        assert (await client.request(method, path, headers=customer.headers)).status_code == 403


class TestList:
    async def test_shows_what_was_given_up_and_why(
        self, client: httpx.AsyncClient, db: Database, as_admin: MakeAccount
    ) -> None:
        admin = await as_admin()
        dead = await make_job(db)
        await make_job(db, status=JobStatus.done)

        answer = await client.get(f"{JOBS}?status=dead", headers=admin.headers)

        assert answer.status_code == 200
        (row,) = answer.json()["items"]
        assert (row["id"], row["status"], row["error"]) == (
            str(dead.id),
            "dead",
            "ConnectError: nobody there",
        )
        assert "lease_token" not in row

    async def test_finds_by_handler_key_and_words(
        self, client: httpx.AsyncClient, db: Database, as_admin: MakeAccount
    ) -> None:
        admin = await as_admin()
        wanted = await make_job(db, handler="tests.other", key="tests.other:7", error="Teapot")
        await make_job(db)

        for query in ("handler=tests.other", "key=tests.other:7", "search=teapot"):
            answer = await client.get(f"{JOBS}?{query}", headers=admin.headers)
            assert [row["id"] for row in answer.json()["items"]] == [str(wanted.id)], query


class TestRetry:
    async def test_a_dead_job_gets_all_its_attempts_again(
        self, client: httpx.AsyncClient, db: Database, as_admin: MakeAccount
    ) -> None:
        admin = await as_admin()
        job = await make_job(db)

        answer = await client.post(f"{JOBS}/{job.id}/retry", headers=admin.headers)

        assert answer.status_code == 200
        assert (answer.json()["status"], answer.json()["attempts"]) == ("queued", 0)
        (act,) = [act for act in await all_acts(db) if act.action == "job.retried"]
        assert (act.actor_id, act.object_id) == (admin.id, str(job.id))

    @pytest.mark.parametrize("status", [JobStatus.running, JobStatus.waiting, JobStatus.done])
    async def test_others_are_left_alone(
        self, client: httpx.AsyncClient, db: Database, as_admin: MakeAccount, status: JobStatus
    ) -> None:
        admin = await as_admin()
        job = await make_job(db, status=status)

        answer = await client.post(f"{JOBS}/{job.id}/retry", headers=admin.headers)

        assert (answer.status_code, answer.json()["code"]) == (409, "transition-not-allowed")
        assert await Workshop(db).statuses() == [status]

    async def test_what_is_not_there_is_not_found(
        self, client: httpx.AsyncClient, as_admin: MakeAccount
    ) -> None:
        admin = await as_admin()

        assert (await client.post(f"{JOBS}/{uuid4()}/retry", headers=admin.headers)).status_code == 404


class TestDrop:
    @pytest.mark.parametrize("status", [JobStatus.dead, JobStatus.waiting, JobStatus.queued])
    async def test_a_parked_job_is_forgotten_and_that_is_written_down(
        self, client: httpx.AsyncClient, db: Database, as_admin: MakeAccount, status: JobStatus
    ) -> None:
        admin = await as_admin()
        job = await make_job(db, status=status)

        answer = await client.delete(f"{JOBS}/{job.id}", headers=admin.headers)

        assert answer.status_code == 204
        assert await Workshop(db).jobs() == []
        (act,) = [act for act in await all_acts(db) if act.action == "job.dropped"]
        assert act.before is not None
        assert act.before["handler"] == "tests.call_neighbour"

    @pytest.mark.parametrize("status", [JobStatus.running, JobStatus.done])
    async def test_others_are_left_alone(
        self, client: httpx.AsyncClient, db: Database, as_admin: MakeAccount, status: JobStatus
    ) -> None:
        admin = await as_admin()
        job = await make_job(db, status=status)

        answer = await client.delete(f"{JOBS}/{job.id}", headers=admin.headers)

        assert (answer.status_code, answer.json()["code"]) == (409, "transition-not-allowed")
        assert await Workshop(db).statuses() == [status]
