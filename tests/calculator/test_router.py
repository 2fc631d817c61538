import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from typing import Any

import httpx
import numpy as np
import pytest
from pydantic import ValidationError

from app.calculator.config import CalculatorSettings
from app.contract.catalog import Catalog
from app.contract.geometry import PartFacts
from app.contract.pricing import Price
from tests.calculator.bodies import binary_stl, box, flipped, torus
from tests.calculator.conftest import gate_of, post, problem, serving, until, until_ready

pytestmark = pytest.mark.cad

PART = binary_stl(box(20, 12, 8))


class TestAnalysis:
    async def test_answers_facts(self, calculator: httpx.AsyncClient) -> None:
        answer = await calculator.post(
            "/v1/analysis", params={"name": "плита" * 100 + "\u202elts\x00"}, content=PART
        )

        facts = PartFacts.model_validate_json(answer.content)
        assert (answer.status_code, facts.format) == (200, "stl")
        assert facts.volume_mm3 == pytest.approx(1920)

    async def test_warns_in_the_facts(self, calculator: httpx.AsyncClient) -> None:
        answer = await calculator.post("/v1/analysis", content=binary_stl(flipped(box(20, 12, 8))))

        assert [finding["code"] for finding in answer.json()["findings"]] == ["mesh-inside-out"]

    async def test_believes_the_content_and_not_the_name(self, calculator: httpx.AsyncClient) -> None:
        answer = await calculator.post("/v1/analysis", params={"name": "x.step"}, content=PART)

        assert answer.json()["format"] == "stl"

    @pytest.mark.parametrize(
        ("content", "status", "code"),
        [
            pytest.param(b"", 422, "cad-unreadable", id="empty"),
            pytest.param(b"text", 415, "unsupported-file", id="text"),
            pytest.param(PART[:-20], 422, "cad-unreadable", id="cut"),
            pytest.param(binary_stl(box(1, 1, 0)), 422, "cad-invalid", id="flat"),
            pytest.param(b"ISO-10303-21;" + bytes(100), 422, "cad-unreadable", id="step of nothing"),
        ],
    )
    async def test_refuses_what_is_no_part(
        self, calculator: httpx.AsyncClient, content: bytes, status: int, code: str
    ) -> None:
        found = problem(await calculator.post("/v1/analysis", content=content))

        assert (found.status, found.code) == (status, code)

    async def test_streams_the_upload_up_to_the_limit(self) -> None:
        async def endless() -> AsyncIterator[bytes]:
            while True:
                yield bytes(10_000)

        async with serving(CalculatorSettings(max_file_bytes=100_000)) as (client, _):
            announced = await client.post("/v1/analysis", content=bytes(100_001))
            counted = await client.post("/v1/analysis", content=endless())

        assert [problem(answer).code for answer in (announced, counted)] == ["file-too-large"] * 2
        assert announced.status_code == 413

    async def test_answers_503_when_the_queue_is_full(self) -> None:
        settings = CalculatorSettings(children=1, queue=0, wall_seconds=20)
        meshes = [binary_stl(torus(30, 10, 300, 100 + extra)) for extra in range(3)]
        async with serving(settings) as (client, service):
            await until_ready(client)
            answers = await asyncio.gather(*(client.post("/v1/analysis", content=mesh) for mesh in meshes))
            await until(lambda: not service.children.running)

        busy = [answer for answer in answers if answer.status_code == 503]
        assert busy
        assert {problem(answer).code for answer in busy} == {"calculator-busy"}
        assert all(answer.headers["retry-after"] == "5" for answer in busy)
        assert 200 in {answer.status_code for answer in answers}

    async def test_a_child_past_its_limits_is_too_complex(self) -> None:
        async with serving(CalculatorSettings(max_triangles=5)) as (client, _):
            await until_ready(client)
            assert problem(await client.post("/v1/analysis", content=PART)).code == "cad-too-complex"

    async def test_what_was_finished_comes_back_when_the_time_is_up(self) -> None:
        rough = torus(30, 10, 540, 270)
        places, corners = np.unique(rough.reshape(-1, 3), axis=0, return_inverse=True)
        noise = np.random.default_rng(4).normal(0, 0.02, places.shape)
        rough = (places + noise)[corners.reshape(-1)].reshape(-1, 3, 3).astype(np.float32)
        async with serving(CalculatorSettings(cpu_seconds=1)) as (client, _):
            await until_ready(client)
            facts = (await client.post("/v1/analysis", content=binary_stl(rough))).json()

        assert facts["complete"] is False
        assert facts["volume_mm3"] == pytest.approx(2 * np.pi**2 * 30 * 10**2, rel=0.01)
        assert facts["triangles"] == len(rough)
        (late,) = (one for one in facts["findings"] if one["code"] == "analysis-incomplete")
        assert "overhangs" in late["message"]
        assert "hollow space" in late["message"]

    async def test_a_client_that_leaves_takes_its_child_along(self) -> None:
        async with serving(CalculatorSettings(wall_seconds=60, cpu_seconds=60)) as (client, service):
            await until_ready(client)
            big = binary_stl(torus(30, 10, 1000, 400))
            left = asyncio.Event()
            messages: list[dict[str, Any]] = []

            async def receive() -> dict[str, Any]:
                if not messages:
                    messages.append({})
                    return {"type": "http.request", "body": big, "more_body": False}
                await left.wait()
                return {"type": "http.disconnect"}

            async def send(message: dict[str, Any]) -> None:
                messages.append(message)

            request = asyncio.create_task(gate_of(client)(post("/v1/analysis"), receive, send))
            await until(lambda: service.children.running > 0)

            left.set()
            await request

            assert service.children.running == 0
            assert messages[1]["status"] == 499


class TestPriceAndCatalog:
    async def test_facts_become_a_price(self, calculator: httpx.AsyncClient) -> None:
        facts = (await calculator.post("/v1/analysis", content=PART)).json()
        wanted = {"service_id": "printing", "material_id": "PA12", "quantity": 3, "facts": facts}
        catalog = Catalog.model_validate_json((await calculator.get("/v1/catalog")).content)
        usable = [
            material.id
            for material in catalog.materials
            if any("printing" in form.processes for form in material.forms)
        ]

        answer = await calculator.post("/v1/price", json={**wanted, "material_id": usable[0]})

        price = Price.model_validate_json(answer.content)
        assert sum(line.amount for line in price.lines) == price.total_price > 0
        assert price.catalog_version == catalog.version

    async def test_unknown_fields_are_named(self, calculator: httpx.AsyncClient) -> None:
        dimensions = {"length_mm": "1", "width_mm": "1", "height_mm": "1"}
        wanted = {"service_id": "printing", "dimensions": dimensions, "quantty": 1}

        found = problem(await calculator.post("/v1/price", json=wanted))

        assert (found.status, found.code) == (422, "validation-failed")
        assert "quantty" in [error.field for error in found.errors]

    async def test_a_body_full_of_mistakes_is_told_the_first_few(self, calculator: httpx.AsyncClient) -> None:
        dimensions = {"diameter_mm": "1", "length_mm": "1"}
        wanted = {"service_id": "printing", "dimensions": dimensions}

        many = await calculator.post("/v1/price", json={**wanted, "quantities": ["x"] * 100})
        long = await calculator.post("/v1/price", json={**wanted, "x" * 300: 1})

        assert (many.status_code, len(problem(many).errors)) == (422, 20)
        assert [len(error.field) for error in problem(long).errors] == [128]

    async def test_a_body_that_is_not_json_is_malformed(self, calculator: httpx.AsyncClient) -> None:
        headers = {"content-type": "application/json"}
        answer = await calculator.post("/v1/price", content=b"{", headers=headers)

        assert (problem(answer).status, problem(answer).code) == (400, "malformed")

    async def test_refusals_of_pricing_keep_their_code(self, calculator: httpx.AsyncClient) -> None:
        wanted = {"service_id": "no-such-service", "dimensions": {"diameter_mm": "1", "length_mm": "1"}}

        found = problem(await calculator.post("/v1/price", json=wanted))

        assert (found.status, found.code) == (422, "validation-failed")


class TestShell:
    async def test_unknown_routes_and_methods_are_problems(self, calculator: httpx.AsyncClient) -> None:
        unknown, wrong = await calculator.get("/v1/nothing"), await calculator.get("/v1/price")

        assert [problem(unknown).code, problem(wrong).code] == ["not-found", "method-not-allowed"]
        assert wrong.headers["allow"] == "POST"

    async def test_a_sane_request_id_is_taken_over(self, calculator: httpx.AsyncClient) -> None:
        taken = await calculator.get("/v1/nothing", headers={"X-Request-ID": "abc-1"})
        replaced = await calculator.get("/v1/nothing", headers={"X-Request-ID": "a b\x1b"})

        assert problem(taken).request_id == "abc-1"
        assert problem(replaced).request_id not in {"a b\x1b", None}

    async def test_what_nobody_expected_is_a_problem_without_the_inside(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async with serving(CalculatorSettings()) as (client, service):
            monkeypatch.setattr(service.catalogs, "public", lambda _version: 1 / 0)
            answer = await client.get("/v1/catalog")

        assert (problem(answer).status, problem(answer).code) == (500, "unexpected")
        assert b"Zero" not in answer.content

    async def test_readiness_comes_with_the_first_child(self) -> None:
        async with serving(CalculatorSettings()) as (client, _):
            before = await client.get("/health/ready")
            live = await client.get("/health/live")
            await until_ready(client)

        assert (before.status_code, live.status_code) == (503, 200)

    async def test_metrics_count_requests_and_endings(self, calculator: httpx.AsyncClient) -> None:
        await calculator.post("/v1/analysis", content=PART)

        text = (await calculator.get("/metrics")).text

        assert 'calculator_analyses_total{ending="done"}' in text
        assert 'calculator_requests_total{route="/v1/analysis",status="200"}' in text
        assert "calculator_children_running" in text


class TestSecret:
    async def test_guards_everything_but_liveness(self) -> None:
        async with serving(CalculatorSettings(secret="s3cret")) as (client, _):
            refused = [
                await client.get("/v1/catalog"),
                await client.get("/health/ready", headers={"X-Calculator-Secret": "wrong"}),
                await client.get("/metrics", headers={b"X-Calculator-Secret": b"s3cret\xf6"}),
            ]
            live = await client.get("/health/live")
            welcome = await client.get("/v1/catalog", headers={"X-Calculator-Secret": "s3cret"})

        assert [problem(answer).code for answer in refused] == ["unauthenticated"] * 3
        assert (live.status_code, welcome.status_code) == (200, 200)

    @pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.5", "::", "calculator.internal"])
    def test_is_needed_beyond_this_machine(self, host: str) -> None:
        with pytest.raises(ValidationError, match="secret"):
            CalculatorSettings(host=host)

    @pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost"])
    def test_is_optional_on_this_machine(self, host: str) -> None:
        assert CalculatorSettings(host=host).secret is None


def test_the_service_itself_never_imports_the_kernel() -> None:
    heavy = "{'OCP', 'cadquery', 'trimesh', 'numpy', 'scipy', 'vtkmodules'}"
    script = f"import sys, app.calculator.main; print(sorted({heavy} & set(sys.modules)))"

    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"
