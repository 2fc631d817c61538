"""Who may do what: all who ask × every route × own, foreign and deleted objects."""

import httpx
import pytest

from app.core.db import Database
from tests.security.operations import DOCUMENT, Operation, all_operations
from tests.security.world import CANARY, World
from tests.support.audit import all_acts

OPEN = {
    "POST /api/v1/calculate-price",
    "POST /api/v1/calculate-price/compare",
    "GET /api/v1/services",
    "GET /api/v1/other-services",
    "GET /api/v1/materials",
    "GET /api/v1/coefficients",
    "GET /api/v1/locations",
    "GET /api/v1/machines",
    "GET /api/v1/processes",
    "GET /api/v1/files/demo",
    "GET /api/v1/documents/formats",
    "POST /api/v1/register",
    "POST /api/v1/login",
    "POST /api/v1/refresh",
    "POST /api/v1/logout",
    "POST /api/v1/password/send-recovery",
    "POST /api/v1/password/reset",
    "POST /api/v1/email/send-confirmation",
    "POST /api/v1/email/confirm",
}
"""What may be asked without a login. Who adds a route to this list has thought about it."""
SOMETIMES_OPEN = {
    f"GET /api/v1/files/{{file_id}}{what}"
    for what in ("", "/analysis", "/download", "/preview", "/model.glb", "/events")
}
"""What strangers are answered about demo files, and holders of a signed link about its file."""
BY_KEY = {"GET /api/v1/auth/check"}
"""What only programs ask, with a key."""
ALSO_BY_KEY = {"GET /api/v1/orders", "GET /api/v1/orders/{order_id}"}
"""What a program with the robot's key may ask in the name of its owner."""
CHANGES_NOTHING = {
    "POST /api/v1/admin/catalog/versions/{version_id}/dry-run",
    "POST /api/v1/users/{user_id}/restore",
}
"""What administrators ask with a body, and what has no effect on somebody who is there."""
FIRST_FAILURE = 400
FORBIDDEN, MISSING, SHUT_OUT = 403, 404, 401

OPERATIONS = all_operations()
CLOSED = [operation for operation in OPERATIONS if str(operation) not in OPEN | BY_KEY]
PERSONAL = [operation for operation in CLOSED if not operation.is_for_administrators]
WITH_OBJECTS = [operation for operation in PERSONAL if operation.ids]
LISTS = [operation for operation in PERSONAL if operation.is_list]

Client = httpx.AsyncClient


def of(operations: list[Operation]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("operation", operations, ids=str)


class TestTheTables:
    def test_name_nothing_that_is_gone(self) -> None:
        assert {str(operation) for operation in OPERATIONS} >= OPEN | BY_KEY | ALSO_BY_KEY

    def test_the_document_says_where_nobody_has_to_sign_in(self) -> None:
        guests = {str(operation) for operation in OPERATIONS if operation.is_open_to_guests}

        assert guests - SOMETIMES_OPEN == OPEN
        assert guests >= SOMETIMES_OPEN

    def test_every_other_route_asks_who_one_is(self) -> None:
        assert [str(operation) for operation in CLOSED if "Password" not in operation.schemes] == []

    def test_what_lies_under_admin_is_for_administrators(self) -> None:
        paths = [operation for operation in OPERATIONS if "/admin/" in operation.path]

        assert paths
        assert [str(operation) for operation in paths if not operation.is_for_administrators] == []

    def test_the_world_knows_every_kind_of_object(self, world: World) -> None:
        named = {name for operation in OPERATIONS for name in operation.ids}

        assert named <= world.own.keys() & world.deleted.keys(), "add it to tests/security/world.py"

    def test_there_is_something_to_test(self) -> None:
        assert len(OPERATIONS) >= 40
        assert len(WITH_OBJECTS) >= 6
        assert set(DOCUMENT["components"]["securitySchemes"]) == {"Password", "Key"}


@of(CLOSED)
class TestClosedRoutes:
    async def test_let_nobody_in_without_a_login_and_show_nobody_what_is_annas(
        self, client: Client, world: World, operation: Operation
    ) -> None:
        shut_out = {"stranger"} if str(operation) in ALSO_BY_KEY else {"stranger", "robot"}
        for who in sorted(shut_out):
            answer = await client.request(**world.request(operation, who, world.own))

            lacks_scope = who == "robot" and "Key" in operation.schemes
            assert answer.status_code == (FORBIDDEN if lacks_scope else SHUT_OUT), (who, answer.text)
            assert answer.headers.get("WWW-Authenticate") == (None if lacks_scope else "Bearer")
            assert CANARY not in answer.text

        answer = await client.request(**world.request(operation, "boris", world.own))

        assert CANARY not in answer.text


@of(WITH_OBJECTS)
class TestObjects:
    async def test_of_others_are_not_found(self, client: Client, world: World, operation: Operation) -> None:
        for who in ("boris", "admin"):
            answer = await client.request(**world.request(operation, who, world.own))

            assert (answer.status_code, answer.json()["code"]) == (MISSING, "not-found"), (who, answer.text)

    async def test_that_are_gone_are_not_found(
        self, client: Client, world: World, operation: Operation
    ) -> None:
        answer = await client.request(**world.request(operation, "anna", world.deleted))

        assert answer.status_code == MISSING, answer.text

    async def test_of_ones_own_are_at_hand(self, client: Client, world: World, operation: Operation) -> None:
        answer = await client.request(**world.request(operation, "anna", world.own))

        assert answer.status_code < FIRST_FAILURE, answer.text


@of([operation for operation in OPERATIONS if operation.is_for_administrators])
class TestAdministration:
    async def test_is_for_administrators_only(
        self, client: Client, world: World, operation: Operation
    ) -> None:
        for who in ("anna", "boris"):
            answer = await client.request(**world.request(operation, who, world.own))

            assert (answer.status_code, answer.json()["code"]) == (FORBIDDEN, "forbidden"), (who, answer.text)

    async def test_finds_what_is_there_and_nothing_else_and_writes_down_what_it_does(
        self, client: Client, db: Database, world: World, operation: Operation
    ) -> None:
        if operation.ids:
            gone = await client.request(**world.request(operation, "admin", world.deleted))
            assert gone.status_code == MISSING, gone.text

        before = len(await all_acts(db))

        answer = await client.request(**world.request(operation, "admin", world.own))

        assert answer.status_code not in {SHUT_OUT, FORBIDDEN, MISSING}, answer.text
        changes = operation.method != "GET" and str(operation) not in CHANGES_NOTHING
        has_changed = changes and answer.status_code < FIRST_FAILURE
        assert len(await all_acts(db)) - before == (1 if has_changed else 0), answer.text


@of([operation for operation in OPERATIONS if str(operation) in BY_KEY])
class TestRoutesOfPrograms:
    async def test_want_a_key_and_nothing_else(
        self, client: Client, world: World, operation: Operation
    ) -> None:
        for who in ("stranger", "anna", "boris", "admin"):
            answer = await client.request(**world.request(operation, who, world.own))
            assert (answer.status_code, answer.json()["code"]) == (SHUT_OUT, "key-refused"), who

        answer = await client.request(**world.request(operation, "robot", world.own))

        assert answer.status_code < FIRST_FAILURE


@of([operation for operation in OPERATIONS if str(operation) in ALSO_BY_KEY])
class TestRoutesAlsoOfPrograms:
    async def test_show_what_is_of_the_owner_of_the_key(
        self, client: Client, world: World, operation: Operation
    ) -> None:
        answer = await client.request(**world.request(operation, "robot", world.own))

        assert answer.status_code < FIRST_FAILURE
        assert CANARY in answer.text

    async def test_and_nothing_of_others(self, client: Client, world: World, operation: Operation) -> None:
        answer = await client.request(**world.request(operation, "tool", world.own))

        assert CANARY not in answer.text
        assert answer.status_code == MISSING or answer.json()["total"] == 0


@of(LISTS)
class TestLists:
    async def test_show_ones_own_and_nothing_of_others(
        self, client: Client, world: World, operation: Operation
    ) -> None:
        anna = await client.request(**world.request(operation, "anna", world.own))
        boris = await client.request(**world.request(operation, "boris", world.own))

        assert CANARY in anna.text
        assert CANARY not in boris.text

    async def test_refuse_parameters_nobody_knows(
        self, client: Client, world: World, operation: Operation
    ) -> None:
        request = world.request(operation, "anna", world.own)

        answer = await client.request(**request, params={"owner_id": str(world.own["user_id"])})

        assert answer.status_code == 422


@of(OPERATIONS)
class TestEveryRoute:
    async def test_answers_strangers_as_it_says_and_safely(
        self, client: Client, world: World, operation: Operation
    ) -> None:
        answer = await client.request(**world.request(operation, "stranger", world.own))

        assert answer.status_code in operation.statuses, answer.text
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["X-Frame-Options"] == "DENY"
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
        assert answer.headers["X-Request-ID"]
        assert "Server" not in answer.headers
        assert "Content-Type" in answer.headers or not answer.content
        if answer.status_code >= FIRST_FAILURE:
            assert answer.headers["Content-Type"] == "application/problem+json"
