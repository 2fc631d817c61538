"""Doors that are open by default elsewhere."""

import httpx
import pytest

Client = httpx.AsyncClient


async def test_trace_is_no_method(client: Client) -> None:
    answer = await client.request("TRACE", "/api/v1/services")

    assert (answer.status_code, answer.json()["code"]) == (405, "method-not-allowed")


@pytest.mark.parametrize("path", ["/api/v1/services/", "//example.com/", "/api/v1//services", "/docs/"])
async def test_nobody_is_sent_elsewhere(client: Client, path: str) -> None:
    answer = await client.get(path)

    assert answer.status_code == 404
    assert "Location" not in answer.headers


@pytest.mark.parametrize(
    "path",
    ["/.git/config", "/.env", "/docs/assets/", "/docs/assets/../docs.py", "/docs/assets/%2e%2e/docs.py"],
)
async def test_no_file_is_shown_that_is_not_meant_to_be(client: Client, path: str) -> None:
    answer = await client.get(path)

    assert answer.status_code in {404, 405}


async def test_one_parameter_given_twice_is_refused_or_means_the_last(client: Client) -> None:
    answer = await client.get("/api/v1/files/demo?limit=1&limit=200")

    assert answer.status_code == 422


async def test_a_body_in_the_query_is_no_body(client: Client) -> None:
    answer = await client.post("/api/v1/login?email=a@example.com&password=secret+words")

    assert answer.status_code in {400, 422}
