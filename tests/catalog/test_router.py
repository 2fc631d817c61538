import httpx
import pytest

from tests.support.calculator import StandInCalculator


class TestLists:
    @pytest.mark.parametrize("path", ["services", "materials", "locations", "machines", "processes"])
    async def test_are_public_versioned_and_cacheable(self, path: str, client: httpx.AsyncClient) -> None:
        answer = await client.get(f"/api/v1/{path}")

        assert answer.status_code == 200
        assert answer.json()["catalog_version"] == "catalog-1"
        assert answer.json()["items"]
        assert answer.headers["cache-control"] == "public, max-age=60"
        assert "Accept-Language" in answer.headers["vary"]

    @pytest.mark.parametrize(
        ("wish", "label"), [("en", "Milling"), ("ru-RU", "Milling (ru)"), ("de", "Milling")]
    )
    async def test_speak_the_language_of_the_client(
        self, wish: str, label: str, client: httpx.AsyncClient
    ) -> None:
        answer = await client.get("/api/v1/services", headers={"Accept-Language": wish})

        assert answer.json()["items"][0] == {"id": "cnc-milling", "label": label, "pricing": "automatic"}

    async def test_other_services_are_those_on_request(self, client: httpx.AsyncClient) -> None:
        answer = await client.get("/api/v1/other-services")

        assert [item["id"] for item in answer.json()["items"]] == ["welding"]

    async def test_coefficients_come_in_groups(self, client: httpx.AsyncClient) -> None:
        body = (await client.get("/api/v1/coefficients")).json()

        groups = {"tolerances", "finishes", "covers", "controls", "certificates"}
        assert set(body) == groups | {"catalog_version"}
        assert body["covers"] == [{"id": "one", "label": "One"}]


class TestMaterials:
    async def test_can_be_asked_for_one_process(self, client: httpx.AsyncClient) -> None:
        answer = await client.get("/api/v1/materials?process=printing")

        assert [item["id"] for item in answer.json()["items"]] == ["PA12"]

    async def test_of_an_unknown_process_are_refused(self, client: httpx.AsyncClient) -> None:
        answer = await client.get("/api/v1/materials?process=alchemy")

        assert answer.status_code == 422
        assert answer.json()["errors"][0]["field"] == "process"


async def test_a_calculator_that_never_answered_is_unavailable(
    client: httpx.AsyncClient, calculator: StandInCalculator
) -> None:
    calculator.down = True

    answer = await client.get("/api/v1/services")

    assert (answer.status_code, answer.json()["code"]) == (503, "calculator-unavailable")
    assert "retry-after" in answer.headers
