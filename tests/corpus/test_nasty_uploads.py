"""Hostile files as customers send them: through the API, with the real calculator behind it."""

import asyncio
import json
import unicodedata
from collections.abc import AsyncIterator, Iterator

import httpx
import pytest
from fastapi import FastAPI

from app.analyses.running import Running
from app.calculator.service import CalculatorService
from app.contract.geometry import PartFacts
from app.core.config import Settings
from app.core.db import Database
from app.core.http import make_client
from app.core.resources import Resources
from app.resources import add_calculator
from tests.calculator.conftest import gate_of
from tests.corpus.conftest import Part, corpus
from tests.corpus.outcome import check_figures, outcome_of
from tests.factories.auth import make_user
from tests.factories.files import stl
from tests.support.app import client_of
from tests.support.auth import account_of

pytestmark = [pytest.mark.corpus, pytest.mark.cad]

FILES = "/api/v1/files"
CODES = {
    413: {"file-too-large"},
    415: {"unsupported-file"},
    422: {"cad-unreadable", "cad-invalid", "cad-too-complex"},
}
REMEDIES = ("export", "check", "simplify")
"""One of them is in every refusal a customer reads."""
CHOICE = {"service_id": "cnc-milling", "material_id": "alum_D16"}
WAIT_SECONDS = 10.0
"""For the API, besides what the calculator may take."""


@pytest.fixture
async def customer(
    application: FastAPI,
    resources: Resources,
    settings: Settings,
    measuring: tuple[httpx.AsyncClient, CalculatorService],
) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody signed in to an API that asks the real calculator."""
    transport = httpx.ASGITransport(gate_of(measuring[0]))
    async with make_client(transport=transport) as neighbour, client_of(application, resources) as client:
        add_calculator(resources, settings.calculator, neighbour)
        account = await account_of(resources, await make_user(resources.get(Database)))
        client.headers.update(account.headers)
        yield client
        await resources.get(Running).close()


async def test_a_hostile_file_ends_in_facts_or_in_words_that_help(
    customer: httpx.AsyncClient, nasty_part: Part
) -> None:
    async with asyncio.timeout(nasty_part.limit_seconds + WAIT_SECONDS):
        answer = await sent(customer, nasty_part)

    assert outcome_of(answer) in nasty_part.accepted
    check_figures(answer, nasty_part)
    if answer.is_client_error:
        check_refusal(answer)
    else:
        check_warnings(PartFacts.model_validate_json(answer.content))


async def test_a_refused_part_has_no_price(customer: httpx.AsyncClient, nasty_part: Part) -> None:
    uploaded = await upload(customer, nasty_part)
    if uploaded.status_code != httpx.codes.CREATED:
        check_refusal(uploaded)
        return
    file_id = uploaded.json()["id"]

    price = await customer.post("/api/v1/calculate-price", json={**CHOICE, "file_id": file_id})

    file = (await customer.get(f"{FILES}/{file_id}")).json()
    assert price.status_code < httpx.codes.INTERNAL_SERVER_ERROR
    if file["status"] == "failed":
        assert price.status_code == httpx.codes.UNPROCESSABLE_ENTITY
        assert file["failure"] == {"code": price.json()["code"], "message": price.json()["detail"]}


async def sent(customer: httpx.AsyncClient, part: Part) -> httpx.Response:
    """The refusal of the upload, or the answer about its analysis."""
    answer = await upload(customer, part)
    if answer.status_code != httpx.codes.CREATED:
        return answer
    path = f"{FILES}/{answer.json()['id']}/analysis"
    while (answer := await customer.get(path)).status_code == httpx.codes.ACCEPTED:
        pass
    return answer


async def upload(customer: httpx.AsyncClient, part: Part) -> httpx.Response:
    content = part.path.read_bytes()
    return await customer.post(FILES, files={"file": (part.path.name, content)})


def check_refusal(answer: httpx.Response) -> None:
    problem = answer.json()
    assert problem["code"] in CODES[answer.status_code]
    assert not problem["detail"][0].islower()
    assert problem["detail"].endswith(".")
    assert any(remedy in problem["detail"].lower() for remedy in REMEDIES)


def check_warnings(facts: PartFacts) -> None:
    for finding in facts.findings:
        assert finding.message
        assert finding.severity == "info" or finding.fix


def hostile_names() -> Iterator[object]:
    root = corpus()
    if root is None:
        yield pytest.param("", "", marks=pytest.mark.skip("MILLWRIGHT_CORPUS is not set"))
        return
    for row in json.loads((root / "nasty" / "hostile_filenames.json").read_text(encoding="utf-8"))["names"]:
        yield pytest.param(row["name"], row["hint"], id=ascii(row["name"])[:40])


@pytest.mark.parametrize(("name", "hint"), list(hostile_names()))
async def test_a_hostile_name_is_a_label_and_nothing_else(
    customer: httpx.AsyncClient, name: str, hint: str
) -> None:
    form = await customer.post(FILES, files={"file": (name, stl())})
    file = form.json()

    assert form.status_code == 201 or (form.status_code == 422 and hint.startswith("reject"))
    if form.status_code == 201:
        back = await customer.get(f"{FILES}/{file['id']}/download")
        assert file["name"]
        assert not {"/", "\\"} & set(file["name"])
        assert all(unicodedata.category(char)[0] != "C" for char in file["name"])
        assert back.content == stl()
        assert back.headers["content-disposition"].startswith("attachment;")
        assert back.headers["x-content-type-options"] == "nosniff"
