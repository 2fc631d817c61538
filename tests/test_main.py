"""The composed service: what surrounds every feature."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr, ValidationError
from starlette.responses import Response

from app.core.config import (
    AdminSection,
    AuthSection,
    CalculatorSection,
    DatabaseSection,
    Environment,
    JobsSection,
    ServerSection,
    Settings,
    StorageSection,
)
from app.core.db import Database
from app.files.demo import NAMES, demo_id
from app.main import create_app
from tests.support.app import SECRET, WithState
from tests.support.calculator import StandInCalculator, refusal
from tests.support.jobs import Workshop
from tests.support.lifespan import running


def settings_in(folder: Path, **changes: Any) -> Settings:
    """An installation in a folder, whose calculator nobody started."""
    sections: dict[str, Any] = {
        "environment": Environment.development,
        "data_dir": folder,
        "auth": AuthSection(secret=SecretStr(SECRET), bcrypt_rounds=4),
        "database": DatabaseSection(url=SecretStr(f"sqlite+aiosqlite:///{folder}/shop.db")),
        "storage": StorageSection(url=str(folder / "files")),
        "calculator": CalculatorSection(url="http://127.0.0.1:1"),
    }
    return Settings(_env_file=None, **sections | changes)


@asynccontextmanager
async def shop(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    """The whole service, started and stopped."""
    app = create_app(settings)
    async with running(app) as state:
        transport = httpx.ASGITransport(app=WithState(app, **state))
        async with httpx.AsyncClient(transport=transport, base_url="http://shop.test") as client:
            yield client


class TestStart:
    async def test_twice_makes_one_administrator_and_five_demo_parts(self, tmp_path: Path) -> None:
        secret = tmp_path / "first-admin.txt"
        for _ in range(2):
            async with shop(settings_in(tmp_path)) as client:
                demo = (await client.get("/api/v1/files/demo?sort=created_at")).json()

                assert [item["id"] for item in demo["items"]] == [str(demo_id(n)) for n in range(1, 6)]
                assert [item["name"] for item in demo["items"]] == list(NAMES)
                assert all(item["is_demo"] for item in demo["items"])
                for item in demo["items"]:
                    download = await client.get(item["links"]["download"])
                    assert len(download.content) == item["size_bytes"]

        words = dict(line.split(": ", 1) for line in secret.read_text().splitlines() if ": " in line)
        assert secret.stat().st_mode & 0o777 == 0o600
        async with shop(settings_in(tmp_path)) as client:
            login = await client.post(
                "/api/v1/login", json={"email": words["email"], "password": words["password"]}
            )
            assert login.json()["must_change_password"] is True
            bearer = {"Authorization": f"Bearer {login.json()['access_token']}"}
            refused = await client.get("/api/v1/orders", headers=bearer)
            assert (refused.status_code, refused.json()["code"]) == (403, "must-change-password")

    async def test_without_demo_files_has_none(self, tmp_path: Path) -> None:
        settings = settings_in(tmp_path, storage=StorageSection(url=str(tmp_path / "f"), demo_files=False))

        async with shop(settings) as client:
            assert (await client.get("/api/v1/files/demo")).json()["total"] == 0


class TestSettings:
    @pytest.mark.parametrize("secret", ["", "changeme", "short", "x" * 31])
    def test_refuse_weak_secrets(self, secret: str) -> None:
        with pytest.raises(ValidationError, match="MILLWRIGHT_AUTH__SECRET"):
            Settings(_env_file=None, auth=AuthSection(secret=SecretStr(secret)))

    @pytest.mark.parametrize(
        ("changes", "name"),
        [
            ({"admin": AdminSection(password=SecretStr("changeme"))}, "MILLWRIGHT_ADMIN__PASSWORD"),
            (
                {"calculator": CalculatorSection(url="http://calculator:7000")},
                "MILLWRIGHT_CALCULATOR__SECRET",
            ),
        ],
    )
    def test_refuse_placeholders_in_production_only(self, changes: dict[str, Any], name: str) -> None:
        auth = AuthSection(secret=SecretStr(SECRET))

        Settings(_env_file=None, environment=Environment.development, auth=auth, **changes)
        with pytest.raises(ValidationError, match=name):
            Settings(_env_file=None, auth=auth, **changes)


class TestHealth:
    async def test_is_ready_when_database_and_calculator_answer(self, client: httpx.AsyncClient) -> None:
        for path in ("/health/ready", "/health", "/health/detailed"):
            answer = await client.get(path)

            assert answer.status_code == 200
            assert answer.json() == {"status": "ok", "checks": {"database": "ok", "calculator": "ok"}}

    async def test_lives_without_its_calculator_but_is_not_ready(
        self, client: httpx.AsyncClient, calculator: StandInCalculator
    ) -> None:
        calculator.down = True

        live, ready = await client.get("/health/live"), await client.get("/health/ready")

        assert (live.status_code, ready.status_code) == (200, 503)
        assert ready.json()["checks"] == {"database": "ok", "calculator": "failing"}
        assert "retry-after" in ready.headers
        calculator.down = False
        assert (await client.get("/health/ready")).status_code == 200

    @pytest.mark.parametrize(
        "answer",
        [
            *(refusal(status, "no") for status in (401, 403, 409, 422)),
            Response(status_code=204),
            Response(media_type="application/json"),
            *(
                Response(body, media_type="application/json")
                for body in ("{}", "NaN", "null", '{"status": "starting"}')
            ),
        ],
        ids=["401", "403", "409", "422", "204", "empty", "{}", "NaN", "null", "starting"],
    )
    async def test_knows_a_calculator_that_cannot_work(
        self, client: httpx.AsyncClient, calculator: StandInCalculator, answer: Response
    ) -> None:
        calculator.ready_answer = answer

        ready = await client.get("/health/ready")

        assert ready.status_code == 503
        assert ready.json()["checks"]["calculator"] == "failing"

    async def test_tells_that_the_folder_of_files_is_gone(self, tmp_path: Path) -> None:
        async with shop(settings_in(tmp_path)) as client:
            (tmp_path / "files").rename(tmp_path / "files2")
            gone = (await client.get("/health/ready")).json()["checks"]
            (tmp_path / "files2").rename(tmp_path / "files")
            back = (await client.get("/health/ready")).json()["checks"]

        assert (gone["storage"], back["storage"]) == ("failing", "ok")

    async def test_tells_that_the_database_is_gone(self, tmp_path: Path) -> None:
        gone = tmp_path / "gone"
        gone.mkdir()
        settings = settings_in(
            tmp_path, database=DatabaseSection(url=SecretStr(f"sqlite+aiosqlite:///{gone}/shop.db"))
        )
        app = create_app(settings)
        async with running(app) as state:
            database = state["resources"].get(Database)
            await database.close()
            for path in gone.iterdir():
                path.unlink()
            gone.rmdir()
            transport = httpx.ASGITransport(app=WithState(app, **state))
            async with httpx.AsyncClient(transport=transport, base_url="http://shop.test") as client:
                ready = await client.get("/health/ready")
                orders = await client.get("/api/v1/files/demo")

        assert ready.json()["checks"]["database"] == "failing"
        assert (orders.status_code, orders.json()["code"]) == (503, "database-unavailable")


class TestBasePath:
    async def test_applies_to_routes_links_documents_and_health(self, tmp_path: Path) -> None:
        async with shop(settings_in(tmp_path, server=ServerSection(base_path="shop/"))) as client:
            demo = (await client.get("/shop/api/v1/files/demo")).json()["items"][0]
            document = (await client.get("/shop/openapi.json")).json()

            assert demo["links"]["download"].startswith("/shop/api/v1/files/")
            assert all(path.startswith("/shop/") for path in document["paths"])
            assert (await client.get("/shop/health/live")).status_code == 200
            assert (await client.get("/shop/docs")).status_code == 200
            assert (await client.get("/shop/metrics")).status_code == 200
            assert (await client.get("/api/v1/files/demo")).status_code == 404


class TestDocuments:
    async def test_docs_load_nothing_from_elsewhere(self, client: httpx.AsyncClient) -> None:
        page = (await client.get("/docs")).text

        assert "http://" not in page
        assert "https://" not in page
        for name in ("swagger-ui-bundle.js", "swagger-ui.css"):
            assert f"/docs/assets/{name}" in page
            assert (await client.get(f"/docs/assets/{name}")).status_code == 200

    async def test_openapi_describes_problems_as_we_send_them(self, client: httpx.AsyncClient) -> None:
        document = (await client.get("/openapi.json")).json()

        assert "HTTPValidationError" not in document["components"]["schemas"]
        for path, operations in document["paths"].items():
            for method, operation in operations.items():
                if "/health" in path:
                    continue
                for status, response in operation["responses"].items():
                    if int(status) >= 400:
                        assert list(response["content"]) == ["application/problem+json"], (
                            method,
                            path,
                            status,
                        )

    async def test_openapi_names_what_comes_from_around_the_routes(self, client: httpx.AsyncClient) -> None:
        document = (await client.get("/openapi.json")).json()

        def codes(path: str, method: str, status: str) -> set[str]:
            response = document["paths"][f"/api/v1{path}"][method]["responses"].get(status)
            return set(response["content"]["application/problem+json"]["examples"]) if response else set()

        assert "must-change-password" in codes("/orders", "get", "403")
        assert "unauthenticated" in codes("/calculate-price", "post", "401")
        assert "page-too-deep" in codes("/orders", "get", "422")
        assert {"overloaded", "database-busy", "calculator-unavailable"} <= codes("/orders", "post", "503")
        assert "method-not-allowed" in codes("/services", "get", "405")
        assert "write-conflict" in codes("/register", "post", "409")
        placing = document["paths"]["/api/v1/orders"]["post"]
        assert "Idempotency-Key" in {parameter["name"] for parameter in placing["parameters"]}
        assert set(placing["responses"]["201"]["headers"]) == {"Location", "ETag"}
        assert "Retry-After" in placing["responses"]["503"]["headers"]

    async def test_can_be_switched_off(self, tmp_path: Path) -> None:
        async with shop(settings_in(tmp_path, server=ServerSection(docs=False))) as client:
            for path in ("/docs", "/openapi.json", "/docs/assets/swagger-ui.css"):
                assert (await client.get(path)).status_code == 404


class TestOtherOrigins:
    async def test_named_frontends_may_ask_and_read(self, tmp_path: Path) -> None:
        server = ServerSection(origins=["https://shop.example"])
        settings = settings_in(tmp_path, server=server, environment=Environment.production)
        asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "idempotency-key"}
        async with shop(settings) as client:
            for origin, allowed in (("https://shop.example", True), ("http://localhost:3000", False)):
                headers = {"Origin": origin}
                preflight = await client.options("/api/v1/orders", headers={**headers, **asked})
                answer = await client.get("/api/v1/files/demo", headers=headers)

                assert preflight.status_code == (200 if allowed else 403)
                assert (answer.headers.get("access-control-allow-origin") == origin) is allowed
                if allowed:
                    assert "Retry-After" in answer.headers["access-control-expose-headers"]

    @pytest.mark.parametrize(
        "asked",
        [
            {"Origin": "https://evil.example"},
            {"Origin": "https://shop.example", "Access-Control-Request-Method": "TRACE"},
            {"Origin": "https://shop.example", "Access-Control-Request-Headers": "x-made-up"},
        ],
        ids=str,
    )
    async def test_a_question_ahead_that_is_refused_is_a_problem_like_others(
        self, tmp_path: Path, asked: dict[str, str]
    ) -> None:
        server = ServerSection(origins=["https://shop.example"])
        async with shop(settings_in(tmp_path, server=server)) as client:
            answer = await client.options(
                "/api/v1/orders", headers={"Access-Control-Request-Method": "POST", **asked}
            )

        assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
        assert answer.json()["request_id"] == answer.headers["x-request-id"]
        assert "Origin" in answer.headers["vary"]
        assert "access-control-allow-origin" not in answer.headers
        assert answer.headers["x-content-type-options"] == "nosniff"

    async def test_caches_are_told_that_pages_elsewhere_get_other_answers(
        self, client: httpx.AsyncClient
    ) -> None:
        assert "Origin" in (await client.get("/api/v1/services")).headers["vary"]

    async def test_also_of_refusals_that_come_from_around_the_routes(self, tmp_path: Path) -> None:
        server = ServerSection(origins=["https://shop.example"], max_body_bytes=10)
        async with shop(settings_in(tmp_path, server=server)) as client:
            answer = await client.post(
                "/api/v1/login", content=b"x" * 11, headers={"Origin": "https://shop.example"}
            )

        assert answer.status_code == 413
        assert answer.headers["access-control-allow-origin"] == "https://shop.example"
        assert answer.headers["content-security-policy"].startswith("default-src 'none'")

    async def test_a_developers_own_pages_may_in_development(self, client: httpx.AsyncClient) -> None:
        answer = await client.get("/api/v1/services", headers={"Origin": "http://localhost:3000"})

        assert answer.headers["access-control-allow-origin"] == "http://localhost:3000"


class TestEveryAnswer:
    @pytest.mark.parametrize("path", ["/api/v1/services", "/nowhere", "/api/v1/orders"])
    async def test_has_a_request_id_and_safe_headers(self, path: str, client: httpx.AsyncClient) -> None:
        answer = await client.get(path, headers={"X-Request-ID": "mine-1"})

        assert answer.headers["x-request-id"] == "mine-1"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["x-frame-options"] == "DENY"
        if answer.status_code >= 400:
            assert answer.json()["request_id"] == "mine-1"

    async def test_is_compressed_where_that_helps(self, client: httpx.AsyncClient) -> None:
        large = await client.get("/openapi.json", headers={"Accept-Encoding": "gzip"})
        small = await client.get("/health/live", headers={"Accept-Encoding": "gzip"})

        assert large.headers["content-encoding"] == "gzip"
        assert "content-encoding" not in small.headers

    async def test_is_never_a_redirect(self, client: httpx.AsyncClient) -> None:
        answer = await client.get("/api/v1/services/", headers={"Host": "evil.example"})

        assert (answer.status_code, answer.json()["code"]) == (404, "not-found")

    @pytest.mark.parametrize("path", ["/health/live", "/health/ready", "/api/v1/services", "/docs"])
    async def test_to_head_is_the_one_to_get_without_its_body(
        self, path: str, client: httpx.AsyncClient
    ) -> None:
        answer = await client.head(path)

        assert (answer.status_code, answer.content) == (200, b"")

    async def test_is_counted(self, client: httpx.AsyncClient) -> None:
        await client.get("/api/v1/services")

        text = (await client.get("/metrics")).text

        assert 'http_requests_total{method="GET",route="/api/v1/services",status="200"}' in text


class TestJobs:
    async def test_run_inside_the_api(self, tmp_path: Path) -> None:
        jobs = JobsSection(poll_seconds=0.02)
        async with running(create_app(settings_in(tmp_path, jobs=jobs))) as state:
            await Workshop(state["resources"].get(Database)).done("jobs.prune")

    async def test_run_elsewhere_where_that_is_wanted(self, tmp_path: Path) -> None:
        jobs = JobsSection(embedded=False)
        async with running(create_app(settings_in(tmp_path, jobs=jobs))) as state:
            assert await Workshop(state["resources"].get(Database)).jobs() == []
