import base64
from typing import Any

import httpx
import pytest
from sqlalchemy import event

from app.calculations.schemas import working_day
from app.core.clock import now
from app.core.db import Database
from app.core.resources import Resources
from app.core.storage import Storage
from tests.factories.files import STEP, make_file, stl
from tests.support.auth import MakeAccount
from tests.support.calculator import StandInCalculator, refusal

BOX = {"length_mm": 100, "width_mm": 50, "height_mm": 10}


def query(**changes: Any) -> dict[str, Any]:
    return {"service_id": "cnc-milling", "material_id": "alum_D16", "dimensions": BOX, **changes}


def inline(content: bytes = STEP, name: str = "part.step") -> dict[str, Any]:
    file = {"name": name, "data": base64.b64encode(content).decode()}
    return query(dimensions=None, file=file)


class TestByDimensions:
    async def test_needs_no_login(self, client: httpx.AsyncClient, calculator: StandInCalculator) -> None:
        answer = await client.post("/api/v1/calculate-price", json=query(quantity=3))

        assert answer.status_code == 200
        body = answer.json()
        assert (body["unit_price"], body["total_price"], body["currency"]) == ("100.00", "300.00", "RUB")
        assert [line["amount"] for line in body["lines"]] == ["120.00", "180.00"]
        assert body["lines"][0]["label"] == "Material"
        assert body["timing"]["calculator_seconds"] == 0.001
        assert body["timing"]["total_seconds"] > 0
        assert "valid_until" in body
        asked = calculator.priced[0]
        assert asked["catalog_version"] == "catalog-1"
        assert asked["dimensions"] == {"length_mm": "100", "width_mm": "50", "height_mm": "10"}
        assert asked["quantity"] == 3
        assert asked["facts"] is None

    async def test_passes_on_only_what_was_chosen(
        self, client: httpx.AsyncClient, calculator: StandInCalculator
    ) -> None:
        await client.post("/api/v1/calculate-price", json=query(tolerance_id=None))

        assert set(calculator.priced[0]) == {
            "service_id",
            "material_id",
            "dimensions",
            "facts",
            "catalog_version",
        }

    async def test_speaks_russian(self, client: httpx.AsyncClient) -> None:
        answer = await client.post("/api/v1/calculate-price", json=query(), headers={"Accept-Language": "ru"})

        assert answer.json()["lines"][0]["label"] == "Material (ru)"


class TestCosts:
    async def test_administrators_see_costs_and_the_parts_of_the_lead_time(
        self, client: httpx.AsyncClient, as_admin: MakeAccount
    ) -> None:
        admin = await as_admin()

        answer = await client.post("/api/v1/calculate-price?view=cost", json=query(), headers=admin.headers)

        body = answer.json()
        assert [line["label"] for line in body["lines"]] == ["Wage"]
        assert [(part["label"], part["days"]) for part in body["lead_time_parts"]] == [("Production", 9)]

    async def test_customers_see_selling_lines_and_days(
        self, client: httpx.AsyncClient, as_user: MakeAccount
    ) -> None:
        customer = await as_user()

        body = (await client.post("/api/v1/calculate-price", json=query(), headers=customer.headers)).json()

        assert [line["label"] for line in body["lines"]] == ["Material", "Machining"]
        assert (body["lead_time_days"], body["lead_time_parts"]) == (9, [])

    async def test_nobody_else_does(self, client: httpx.AsyncClient, as_user: MakeAccount) -> None:
        customer = await as_user()

        answers = [
            await client.post("/api/v1/calculate-price?view=cost", json=query(), headers=headers)
            for headers in (customer.headers, {})
        ]

        assert [answer.status_code for answer in answers] == [403, 401]

    async def test_a_delivery_option_has_its_date(self, client: httpx.AsyncClient) -> None:
        before = now().date()

        (option,) = (await client.post("/api/v1/calculate-price", json=query())).json()["lead_times"]

        days = {working_day(day, 9).isoformat() for day in (before, now().date())}
        assert option["ready_on"] in days


class TestService:
    @pytest.mark.parametrize(
        "part", [{}, {"file_id": "00000000-0000-7000-8000-0000000000ff", "dimensions": None}]
    )
    async def test_on_request_is_told_before_anything_else(
        self, part: dict[str, Any], client: httpx.AsyncClient, calculator: StandInCalculator
    ) -> None:
        answer = await client.post(
            "/api/v1/calculate-price", json=query(service_id="welding", material_id=None) | part
        )

        assert (answer.status_code, answer.json()["code"]) == (409, "price-on-request")
        assert calculator.priced == []

    async def test_unknown_is_refused_by_its_field(self, client: httpx.AsyncClient) -> None:
        answer = await client.post("/api/v1/calculate-price", json=query(service_id="alchemy"))

        assert answer.status_code == 422
        assert answer.json()["errors"][0]["field"] == "service_id"


class TestShape:
    @pytest.mark.parametrize(
        "changes",
        [
            {"dimensions": None},
            {"file_id": "00000000-0000-7000-8000-000000000001"},
            {"quantity": 0},
            {"quantity": 10_000_000},
            {"quantity": "many"},
            {"dimensions": {"length_mm": 0, "width_mm": 1, "height_mm": 1}},
            {"dimensions": {"length_mm": -5, "width_mm": 1, "height_mm": 1}},
            {"dimensions": {"length_mm": 1e9, "width_mm": 1, "height_mm": 1}},
            {"dimensions": {"length_mm": 5}},
            {"dimensions": {"length_mm": "NaN", "width_mm": 1, "height_mm": 1}},
            {"surprise": 1},
            {"quantities": []},
            {"lead_time": "yesterday"},
        ],
    )
    async def test_of_the_request_is_checked_first(
        self, changes: dict[str, Any], client: httpx.AsyncClient, calculator: StandInCalculator
    ) -> None:
        answer = await client.post("/api/v1/calculate-price", json=query(**changes))

        assert answer.status_code == 422
        assert answer.json()["errors"]
        assert calculator.priced == []

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ('"material_id": "a\\u0000"', "material_id"),
            ('"material_id": "alum D16"', "material_id"),
            ('"cover_ids": ["\\ud800"]', "cover_ids.0"),
            ('"params": {"n_dimensions": NaN}', "params.n_dimensions"),
            ('"params": {"n_dimensions": 1e999}', "params.n_dimensions"),
            ('"params": {"n_dimensions": "\\ud800"}', "params.n_dimensions"),
            ('"params": {"a\\u0000": 1}', "params.a\0"),
            ('"params": {"a": "' + "x" * 17_000 + '"}', "params"),
            ('"params": {"a": ' + "[" * 5 + "]" * 5 + "}", "params.a"),
            ('"quantity": true', "quantity"),
            ('"quantity": "3"', "quantity"),
            ('"quantity": 3.0', "quantity"),
            ('"quantities": [1, true]', "quantities.1"),
            ('"dimensions": {"width_mm": 1, "height_mm": 1}', "dimensions.length_mm"),
            ('"dimensions": {"diameter_mm": 5}', "dimensions.length_mm"),
            ('"dimensions": {"diameter_mm": 5, "length_mm": 1, "width_mm": 1}', "dimensions.width_mm"),
            ('"dimensions": 7', "dimensions"),
        ],
        ids=lambda value: value[:40],
    )
    async def test_names_the_one_field_at_fault(
        self, changes: str, field: str, client: httpx.AsyncClient, calculator: StandInCalculator
    ) -> None:
        body = (
            '{"service_id": "cnc-milling", "dimensions": {"diameter_mm": 5, "length_mm": 9}, ' + changes + "}"
        )

        answer = await client.post(
            "/api/v1/calculate-price", content=body, headers={"Content-Type": "application/json"}
        )

        assert answer.status_code == 422
        assert [error["field"] for error in answer.json()["errors"]] == [field]
        assert calculator.priced == []

    @pytest.mark.parametrize("path", ["/api/v1/calculate-price", "/api/v1/login", "/api/v1/register"])
    async def test_too_many_fields_are_one_error(self, path: str, client: httpx.AsyncClient) -> None:
        answer = await client.post(path, json={f"field {number}": 1 for number in range(1000)})

        assert answer.status_code == 422
        assert [error["field"] for error in answer.json()["errors"]] == ["body"]


class TestStoredFile:
    async def test_needs_its_owner(
        self, client: httpx.AsyncClient, as_user: MakeAccount, resources: Resources
    ) -> None:
        owner, stranger = await as_user(), await as_user()
        file = await make_file(resources, owner_id=owner.id)
        body = query(dimensions=None, file_id=str(file.id))

        async def status(headers: dict[str, str]) -> int:
            return (await client.post("/api/v1/calculate-price", json=body, headers=headers)).status_code

        assert [await status({}), await status(stranger.headers), await status(owner.headers)] == [
            401,
            404,
            200,
        ]

    async def test_is_measured_once_and_then_costs_one_query(
        self,
        client: httpx.AsyncClient,
        as_user: MakeAccount,
        resources: Resources,
        calculator: StandInCalculator,
    ) -> None:
        user = await as_user()
        file = await make_file(resources, owner_id=user.id)
        body = query(dimensions=None, file_id=str(file.id))
        await client.post("/api/v1/calculate-price", json=body, headers=user.headers)
        statements: list[str] = []
        engine = resources.get(Database).engine.sync_engine

        def note(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
            statements.append(statement)

        event.listen(engine, "before_cursor_execute", note)
        answer = await client.post("/api/v1/calculate-price", json=body, headers=user.headers)
        event.remove(engine, "before_cursor_execute", note)

        assert answer.json()["engine"] == "features"
        assert len(calculator.analysed) == 1
        asked = [statement for statement in statements if statement.startswith("SELECT")]
        assert len(asked) == 2, asked


class TestInlineFile:
    async def test_needs_no_login_and_leaves_no_file(
        self, client: httpx.AsyncClient, calculator: StandInCalculator, resources: Resources
    ) -> None:
        for _ in range(2):
            answer = await client.post("/api/v1/calculate-price", json=inline())
            assert answer.status_code == 200

        assert calculator.analysed == [("part.step", STEP)]
        assert await resources.get(Storage).keys() == []

    @pytest.mark.parametrize(
        ("content", "status", "code"),
        [
            (b"", 422, "cad-unreadable"),
            (b"just words", 415, "unsupported-file"),
            (stl(220_000), 413, "file-too-large"),
        ],
    )
    async def test_is_checked_like_any_other(
        self, content: bytes, status: int, code: str, client: httpx.AsyncClient
    ) -> None:
        answer = await client.post("/api/v1/calculate-price", json=inline(content))

        assert (answer.status_code, answer.json()["code"]) == (status, code)

    @pytest.mark.parametrize("path", ["/api/v1/calculate-price", "/api/v1/orders"])
    async def test_is_all_that_may_be_large(self, path: str, client: httpx.AsyncClient) -> None:
        body = inline(b"x" * 1_000_000) | {"params": {f"parameter {number}": 1 for number in range(60_000)}}

        answer = await client.post(path, json=body)

        assert (answer.status_code, answer.json()["code"]) == (413, "request-too-large")


class TestCalculator:
    async def test_that_is_down_means_unavailable_and_never_a_price(
        self, client: httpx.AsyncClient, calculator: StandInCalculator
    ) -> None:
        await client.get("/api/v1/services")
        calculator.down = True

        answer = await client.post("/api/v1/calculate-price", json=query())

        assert (answer.status_code, answer.json()["code"]) == (503, "calculator-unavailable")
        assert int(answer.headers["retry-after"]) > 0

    async def test_that_does_not_hold_the_catalogue_is_sent_it_once_and_asked_again(
        self, client: httpx.AsyncClient, calculator: StandInCalculator
    ) -> None:
        await client.get("/api/v1/services")
        calculator.price_answers = [refusal(409, "unknown-catalog")]

        answers = [await client.post("/api/v1/calculate-price", json=query()) for _ in range(2)]

        assert [answer.status_code for answer in answers] == [200, 200]
        assert [asked["catalog_version"] for asked in calculator.priced] == ["catalog-1"] * 3
        assert calculator.shelf.sent == ["catalog-1"]

    @pytest.mark.parametrize(
        ("code", "status"),
        [
            ("validation-failed", 422),
            ("material-not-allowed", 422),
            ("part-outside-limits", 422),
            ("something-new", 422),
            ("payload-too-large", 413),
        ],
    )
    async def test_refusals_are_passed_on_with_their_code(
        self, code: str, status: int, client: httpx.AsyncClient, calculator: StandInCalculator
    ) -> None:
        calculator.price_answers = [refusal(status, code, "why")]

        answer = await client.post("/api/v1/calculate-price", json=query())

        assert (answer.status_code, answer.json()["code"], answer.json()["detail"]) == (422, code, "why")


class TestCompare:
    async def test_shows_prices_and_problems_side_by_side(
        self, client: httpx.AsyncClient, calculator: StandInCalculator
    ) -> None:
        answer = await client.post("/api/v1/calculate-price/compare", json={"dimensions": BOX, "quantity": 3})

        assert answer.status_code == 200
        milling, printing = answer.json()["items"]
        assert (milling["price"]["total_price"], milling["problem"]) == ("300.00", None)
        assert milling["price"]["lines"][0]["label"] == "Material"
        assert (printing["params"], printing["price"]) == ({"technology": "SLS"}, None)
        assert printing["problem"]["code"] == "part-outside-limits"
        assert answer.json()["timing"]["calculator_seconds"] == 0.002
        assert set(calculator.priced[0]) == {"dimensions", "quantity", "facts", "catalog_version"}

    async def test_speaks_russian(self, client: httpx.AsyncClient) -> None:
        answer = await client.post(
            "/api/v1/calculate-price/compare", json={"dimensions": BOX}, headers={"Accept-Language": "ru"}
        )

        assert answer.json()["items"][0]["price"]["lines"][0]["label"] == "Material (ru)"

    async def test_a_stored_file_needs_its_owner(
        self, client: httpx.AsyncClient, as_user: MakeAccount, resources: Resources
    ) -> None:
        owner, other = await as_user(), await as_user()
        file = await make_file(resources, owner_id=owner.id)

        answers = [
            await client.post(
                "/api/v1/calculate-price/compare", json={"file_id": str(file.id)}, headers=headers
            )
            for headers in (owner.headers, other.headers, {})
        ]

        assert [answer.status_code for answer in answers] == [200, 404, 401]

    async def test_needs_exactly_one_part(self, client: httpx.AsyncClient) -> None:
        answer = await client.post("/api/v1/calculate-price/compare", json={"quantity": 3})

        assert answer.status_code == 422
