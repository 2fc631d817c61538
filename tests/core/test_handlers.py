import errno
import json
from collections.abc import AsyncIterator
from typing import Annotated, Any, Self

import httpx
import pytest
from fastapi import FastAPI, Query
from pydantic import BaseModel, Discriminator, Field, Tag, model_validator
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.requests import ClientDisconnect

from app.core.errors import NotFound, not_usable
from app.core.handlers import UnexpectedFailures, install_handlers
from app.core.pagination import ListQuery


class Round(BaseModel):
    radius: int


class Square(BaseModel):
    side: int


def kind_of(given: Any) -> str:
    return "[round]" if "radius" in given else "[square]"


Shape = Annotated[
    Annotated[Round, Tag("[round]")] | Annotated[Square, Tag("[square]")], Discriminator(kind_of)
]


class Thing(BaseModel, extra="forbid"):
    size: int
    shapes: list[Shape] = []
    words: dict[Annotated[str, Field(max_length=4)], int] = {}


class Picky(BaseModel):
    @model_validator(mode="after")
    def _refuse(self) -> Self:
        raise ValueError("no" * 1000)


FAULTS: dict[str, Exception] = {
    "expected": NotFound("no such thing"),
    "field": not_usable("size", "is too big"),
    "pool": PoolTimeoutError(),
    "gone": OperationalError("SELECT secret", {}, Exception("server closed the connection")),
    "locked": OperationalError("x", {}, Exception("database is locked")),
    "full": OperationalError("x", {}, Exception("database or disk is full")),
    "clash": IntegrityError("INSERT secret", {}, Exception("UNIQUE constraint failed: users.email")),
    "disk": OSError(errno.ENOSPC, "No space left on device"),
    "mistake": ZeroDivisionError("secret"),
    "sql": DBAPIError("SELECT secret", {}, Exception("syntax error")),
}


@pytest.fixture
async def service() -> AsyncIterator[httpx.AsyncClient]:
    app = FastAPI()
    install_handlers(app)
    app.add_middleware(UnexpectedFailures)

    @app.get("/faults/{name}")
    async def fault(name: str) -> None:
        raise FAULTS[name]

    @app.post("/things")
    async def make(thing: Thing) -> Thing:
        return thing

    @app.post("/picky")
    async def refuse(picky: Picky) -> Picky:
        return picky

    @app.get("/things")
    async def look() -> None: ...

    @app.get("/lists")
    async def listed(query: Annotated[ListQuery, Query()]) -> ListQuery:
        return query

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://test") as client:
        yield client


class TestFaults:
    @pytest.mark.parametrize(
        ("name", "status", "code"),
        [
            ("expected", 404, "not-found"),
            ("field", 422, "validation-failed"),
            ("pool", 503, "database-busy"),
            ("gone", 503, "database-unavailable"),
            ("locked", 503, "database-busy"),
            ("full", 507, "storage-full"),
            ("clash", 409, "write-conflict"),
            ("disk", 507, "storage-full"),
            ("mistake", 500, "unexpected"),
            ("sql", 500, "unexpected"),
        ],
    )
    async def test_become_problem_documents_that_tell_no_secrets(
        self, name: str, status: int, code: str, service: httpx.AsyncClient
    ) -> None:
        answer = await service.get(f"/faults/{name}")

        assert answer.headers["content-type"] == "application/problem+json"
        assert (answer.status_code, answer.json()["status"], answer.json()["code"]) == (status, status, code)
        assert "secret" not in answer.text
        assert ("retry-after" in answer.headers) == (status in {503, 507})


class TestFramework:
    @pytest.mark.parametrize(
        ("method", "path", "status", "code"),
        [("GET", "/nowhere", 404, "not-found"), ("DELETE", "/things", 405, "method-not-allowed")],
    )
    async def test_failures_have_the_same_shape(
        self, method: str, path: str, status: int, code: str, service: httpx.AsyncClient
    ) -> None:
        answer = await service.request(method, path)

        assert (answer.status_code, answer.json()["code"]) == (status, code)
        assert answer.headers["content-type"] == "application/problem+json"

    async def test_a_wrong_method_names_the_right_ones(self, service: httpx.AsyncClient) -> None:
        assert (await service.delete("/things")).headers["allow"] == "GET, POST"

    @pytest.mark.parametrize("body", [b"{", b"\xff\xfe", b"[1,", b"{'size': 1}"])
    async def test_a_body_that_cannot_be_parsed_is_malformed(
        self, body: bytes, service: httpx.AsyncClient
    ) -> None:
        answer = await service.post("/things", content=body, headers={"Content-Type": "application/json"})

        assert (answer.status_code, answer.json()["code"]) == (400, "malformed")

    async def test_a_wrong_field_is_named(self, service: httpx.AsyncClient) -> None:
        answer = await service.post("/things", json={"size": "big"})

        assert answer.status_code == 422
        assert [error["field"] for error in answer.json()["errors"]] == ["size"]

    @pytest.mark.parametrize(
        ("body", "fields"),
        [
            ({"size": 1, "shapes": [{"side": 1}, {"radius": "x"}]}, ["shapes.1.radius"]),
            ({"size": 1, "shapes": [{}]}, ["shapes.0.side"]),
            ({"size": 1, "words": {"much too long": 1}}, ["words.much too long"]),
            ({"size": 1, "words": []}, ["words"]),
            ([], ["body"]),
            ({"size": 1, "query": 1}, ["query"]),
            ({"size": 1, "a\ud800": 1}, ["body"]),
        ],
        ids=ascii,
    )
    async def test_a_field_is_a_path_of_the_request(
        self, body: Any, fields: list[str], service: httpx.AsyncClient
    ) -> None:
        headers = {"Content-Type": "application/json"}

        answer = await service.post("/things", content=json.dumps(body), headers=headers)

        assert answer.status_code == 422
        assert [error["field"] for error in answer.json()["errors"]] == fields

    async def test_what_was_sent_is_not_echoed_at_length(self, service: httpx.AsyncClient) -> None:
        long, many = {"x" * 500_000: 1}, {f"key {number}": 1 for number in range(1000)}

        answers = [await service.post("/things", json={"size": 1, **body}) for body in (long, many)]
        answers.append(await service.post("/picky", json={}))

        for answer in answers:
            problem = answer.json()
            assert answer.status_code == 422
            assert 1 <= len(problem["errors"]) <= 20
            assert all(len(error["field"]) <= 128 for error in problem["errors"])
            assert all(len(error["message"]) <= 300 for error in problem["errors"])
            assert len(answer.content) < 5000


class TestLists:
    @pytest.mark.parametrize(
        ("query", "code"),
        [
            ("page=0", "validation-failed"),
            ("limit=101", "validation-failed"),
            ("limit=0", "validation-failed"),
            ("colour=red", "validation-failed"),
            ("after=nonsense", "validation-failed"),
            ("page=101&limit=100", "page-too-deep"),
        ],
    )
    async def test_refuse_what_they_do_not_understand(
        self, query: str, code: str, service: httpx.AsyncClient
    ) -> None:
        answer = await service.get(f"/lists?{query}")

        assert (answer.status_code, answer.json()["code"]) == (422, code)


class TestClientThatWentAway:
    async def test_is_no_failure_of_ours(self, caplog: pytest.LogCaptureFixture) -> None:
        async def gone(*_: object) -> None:
            raise ClientDisconnect

        sent: list[object] = []

        async def send(message: object) -> None:
            sent.append(message)

        async def receive() -> dict[str, str]:
            return {"type": "http.disconnect"}

        scope = {"type": "http", "method": "POST", "path": "/files"}
        await UnexpectedFailures(gone)(scope, receive, send)

        assert sent == []
        assert "unexpected" not in caplog.text
