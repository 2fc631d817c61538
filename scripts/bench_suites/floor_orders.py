"""The least a server can do to read or place one order: same token, same statements, same calculator.

Started as ``python -m scripts.bench_suites.floor_orders``; settings are those of the API. Routes under
``/core`` run the statements with SQLAlchemy Core, those under ``/driver`` with the driver itself.
"""

import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

import httpx
import uuid_utils
import uvicorn
from jose import jwt
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from scripts.bench_suites.floor_statements import Core, Driver, Token

SETTING = "MILLWRIGHT_"
PORT = "BENCH_PORT"
VALID = timedelta(days=30)


class Statements(Protocol):
    """The three statements."""

    async def identity(self, token: Token, moment: datetime) -> UUID | None:
        """The user of a living session."""

    async def order(self, order_id: UUID, owner_id: UUID) -> dict[str, Any] | None:
        """One own order."""

    async def insert(self, order: dict[str, Any]) -> None:
        """Store an order, committed."""

    async def close(self) -> None:
        """Give the connections back."""


class Floor:
    """Two routes over one way to run statements."""

    def __init__(self, statements: Statements) -> None:
        self.statements = statements
        self.secret = os.environ[SETTING + "AUTH__SECRET"]
        self.calculator = os.environ[SETTING + "CALCULATOR__URL"] + "/v1/price"
        headers = {"X-Calculator-Secret": os.environ[SETTING + "CALCULATOR__SECRET"]}
        self.client = httpx.AsyncClient(headers=headers, trust_env=False)

    async def read(self, request: Request) -> Response:
        """One own order as JSON."""
        owner_id = await self._owner(request)
        order = await self.statements.order(UUID(request.path_params["order_id"]), owner_id)
        return JSONResponse(shown(order)) if order else JSONResponse(None, 404)

    async def create(self, request: Request) -> Response:
        """An order at the calculator's price."""
        owner_id = await self._owner(request)
        wish = await request.json()
        answer = await self.client.post(self.calculator, json=wish)
        order = placed(wish, answer.raise_for_status().json(), owner_id)
        await self.statements.insert(order)
        return JSONResponse(shown(order), 201)

    async def _owner(self, request: Request) -> UUID:
        token = self._token(request.headers["authorization"].removeprefix("Bearer "))
        owner_id = await self.statements.identity(token, datetime.now(UTC))
        assert owner_id is not None
        return owner_id

    def _token(self, text: str) -> Token:
        claims = jwt.decode(
            text, self.secret, algorithms=["HS256"], audience="millwright-api", issuer="millwright"
        )
        return Token(UUID(claims["sid"]), claims["ver"])


def placed(wish: dict[str, Any], price: dict[str, Any], owner_id: UUID) -> dict[str, Any]:
    """The row of a new order."""
    moment = datetime.now(UTC)
    new_id = UUID(int=uuid_utils.uuid7().int)
    return {
        "id": new_id,
        "created_at": moment,
        "updated_at": moment,
        "owner_id": owner_id,
        "number": new_id.hex[-9:],
        "version": 1,
        "status": "new",
        "name": wish["service_id"],
        "code": None,
        "note": None,
        "deadline": None,
        "file_id": None,
        "valid_until": moment + VALID,
        "choices": wish,
        "price": price,
        "total_seconds": 0.0,
        **{name: price[name] for name in COPIED},
    }


HIDDEN = {"owner_id", "choices"}
COPIED = ("service_id", "quantity", "currency", "unit_price", "total_price", "quote_hash")


def shown(order: dict[str, Any]) -> dict[str, Any]:
    """The row as JSON takes it."""
    return {name: _plain(value) for name, value in order.items() if name not in HIDDEN}


def _plain(value: Any) -> Any:  # noqa: ANN401 - any column
    return value if isinstance(value, dict | str | int | float | None) else str(value)


def create_app(url: str) -> Starlette:
    """Both floors over one database."""
    floors: dict[str, Callable[[str], Any]] = {"core": Core.over, "driver": Driver.over}

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        opened = [(name, Floor(await make(url))) for name, make in floors.items()]
        for name, floor in opened:
            app.routes.append(Route(f"/{name}/orders/{{order_id}}", floor.read))
            app.routes.append(Route(f"/{name}/orders", floor.create, methods=["POST"]))
        yield
        for _, floor in opened:
            await floor.statements.close()

    async def ready(_: Request) -> Response:
        return Response()

    return Starlette(routes=[Route("/health/ready", ready)], lifespan=lifespan)


if __name__ == "__main__":
    uvicorn.run(
        create_app(os.environ[SETTING + "DATABASE__URL"]),
        port=int(os.environ[PORT]),
        access_log=False,
        log_level="warning",
    )
