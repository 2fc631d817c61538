from collections.abc import Iterator
from typing import Any
from uuid import UUID

import httpx
import pytest
import structlog
from fastapi import APIRouter, FastAPI, Response
from starlette.types import ASGIApp

from app.core.handlers import UnexpectedFailures, install_handlers
from app.core.metrics import Metrics
from app.core.middleware import RequestMetrics, RequestNames, SecurityHeaders


@pytest.fixture(autouse=True)
def logs() -> Iterator[list[Any]]:
    with structlog.testing.capture_logs() as captured:
        yield captured


def application() -> FastAPI:
    app = FastAPI(docs_url="/docs")
    install_handlers(app)
    app.add_middleware(UnexpectedFailures)
    router = APIRouter(prefix="/things")

    @router.get("/{thing_id}")
    async def read(thing_id: int) -> dict[str, Any]:
        return {"id": thing_id, **structlog.contextvars.get_contextvars()}

    @router.get("")
    async def framed(response: Response) -> str:
        response.headers["X-Frame-Options"] = "SAMEORIGIN"
        return "framed"

    @router.delete("/{thing_id}")
    async def fail(thing_id: int) -> None:
        raise LookupError(thing_id)

    app.include_router(router, prefix="/api/v1")
    return app


def client(app: ASGIApp) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://test")


class TestRequestNames:
    @pytest.mark.parametrize("given", ["abc", "A-1_b.c", "x" * 64])
    async def test_keeps_a_sane_id(self, given: str) -> None:
        async with client(RequestNames(application())) as http:
            response = await http.get("/api/v1/things/1", headers={"X-Request-ID": given})

        assert response.headers["X-Request-ID"] == given
        assert response.json() == {"id": 1, "request_id": given}

    @pytest.mark.parametrize(
        "given", ["", "x" * 65, "a b", "a\tb", "<script>", "ж".encode().decode("latin-1")]
    )
    async def test_replaces_any_other(self, given: str) -> None:
        async with client(RequestNames(application())) as http:
            response = await http.get(
                "/api/v1/things/1", headers=[(b"X-Request-ID", given.encode("latin-1"))]
            )

        assert UUID(response.headers["X-Request-ID"]).version == 7

    async def test_a_failure_carries_it_too(self) -> None:
        async with client(RequestNames(application())) as http:
            response = await http.delete("/api/v1/things/1", headers={"X-Request-ID": "r-1"})

        assert response.status_code == 500
        assert response.headers["X-Request-ID"] == response.json()["request_id"] == "r-1"
        assert "LookupError" not in response.text

    async def test_tells_the_log_one_line_without_the_query(self, logs: list[Any]) -> None:
        async with client(RequestNames(application(), log_requests=True)) as http:
            await http.delete("/api/v1/things/1?signature=canary")

        (line,) = [entry for entry in logs if entry["event"] == "request"]
        assert (line["method"], line["path"], line["status"]) == ("DELETE", "/api/v1/things/1", 500)
        assert "canary" not in str(logs)

    async def test_a_question_that_was_answered_is_told_for_debugging_only(self, logs: list[Any]) -> None:
        async with client(RequestNames(application(), log_requests=True)) as http:
            await http.get("/api/v1/things/1")
            await http.get("/api/v1/things/x")

        lines = [entry for entry in logs if entry["event"] == "request"]
        assert [(line["status"], line["log_level"]) for line in lines] == [(200, "debug"), (422, "info")]


class TestRequestMetrics:
    async def test_counts_by_method_template_and_status(self) -> None:
        metrics = Metrics()
        async with client(RequestMetrics(application(), metrics)) as http:
            await http.get("/api/v1/things/1")
            await http.get("/api/v1/things/2")
            await http.get("/api/v1/things/x")
            await http.delete("/api/v1/things/1")
            await http.get("/nowhere/1")
            await http.request("BREW", "/nowhere")

        assert counted(metrics) == {
            ("GET", "/api/v1/things/{thing_id}", "200"): 2,
            ("GET", "/api/v1/things/{thing_id}", "422"): 1,
            ("DELETE", "/api/v1/things/{thing_id}", "500"): 1,
            ("GET", "unmatched", "404"): 1,
            ("other", "unmatched", "404"): 1,
        }
        assert metrics.registry.get_sample_value("http_requests_in_progress") == 0

    async def test_measures_in_seconds(self) -> None:
        metrics = Metrics()
        async with client(RequestMetrics(application(), metrics)) as http:
            await http.get("/api/v1/things/1")

        text = metrics.render().decode()
        labels = 'method="GET",route="/api/v1/things/{thing_id}"'
        assert f'http_request_duration_seconds_bucket{{le="60.0",{labels}}} 1.0' in text
        assert "process_resident_memory_bytes" in text

    async def test_counts_a_client_that_went_away(self) -> None:
        async def gone(*_: Any) -> None:
            raise ConnectionResetError

        metrics = Metrics()
        async with client(RequestMetrics(gone, metrics)) as http:
            await http.get("/")

        assert counted(metrics) == {("GET", "unmatched", "499"): 1}


def counted(metrics: Metrics) -> dict[tuple[str, str, str], float]:
    return {
        (sample.labels["method"], sample.labels["route"], sample.labels["status"]): sample.value
        for family in metrics.registry.collect()
        for sample in family.samples
        if sample.name == "http_requests_total"
    }


class TestSecurityHeaders:
    async def test_every_answer_has_them(self) -> None:
        async with client(SecurityHeaders(application())) as http:
            for path in ("/api/v1/things/1", "/nowhere"):
                headers = (await http.get(path)).headers

                assert headers["X-Content-Type-Options"] == "nosniff"
                assert headers["X-Frame-Options"] == "DENY"
                assert headers["Referrer-Policy"] == "same-origin"
                assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
                assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
                assert headers["Permissions-Policy"] == "camera=(), geolocation=(), microphone=()"
                assert headers["Cache-Control"] == "no-store"
                assert "default-src 'none'" in headers["Content-Security-Policy"]

    async def test_a_route_may_set_its_own(self) -> None:
        async with client(SecurityHeaders(application())) as http:
            response = await http.get("/api/v1/things")

        assert response.headers.get_list("X-Frame-Options") == ["SAMEORIGIN"]

    async def test_what_a_signed_link_leads_to_may_be_shown_elsewhere(self) -> None:
        async with client(SecurityHeaders(application())) as http:
            response = await http.get("/api/v1/things/1?expires=1&signature=x")

        assert response.headers["Cross-Origin-Resource-Policy"] == "cross-origin"

    async def test_pages_say_themselves_what_may_run(self) -> None:
        async with client(SecurityHeaders(application(), pages=["/docs"])) as http:
            docs, other = await http.get("/docs"), await http.get("/docserver")

        assert not {"Content-Security-Policy", "Cache-Control"} & set(docs.headers)
        assert docs.headers["X-Content-Type-Options"] == "nosniff"
        assert "Content-Security-Policy" in other.headers
