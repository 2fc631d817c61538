"""Customers: accounts, orders, uploads, and the patience to ask again until there is a final answer."""

import asyncio
import random
import secrets
import struct
import time
from collections.abc import Callable, Coroutine
from typing import Any

import httpx

AGAIN_SECONDS = 0.05
PATIENCE_SECONDS = 90.0
CREATED = 201
PASSING = frozenset({202, 502, 503, 504})
"""The documented answers for what is not there yet and for a neighbour that is away: ask again."""
IN_PROGRESS = 409
PROBLEM = "application/problem+json"

Send = Callable[[], Coroutine[Any, Any, httpx.Response]]
See = Callable[[httpx.Response], None]


class NeverAnswered(Exception):
    """No final answer within the patience of a customer."""


async def sign_up(client: httpx.AsyncClient) -> dict[str, str]:
    """A new customer; the headers that make a request his."""
    account = {"email": f"{secrets.token_hex(6)}@example.com", "password": secrets.token_urlsafe(12)}
    registered = await client.post("/register", json={**account, "full_name": "Customer"})
    registered.raise_for_status()
    return await sign_in(client, account)


async def sign_in(client: httpx.AsyncClient, account: dict[str, str]) -> dict[str, str]:
    """The headers of somebody with this e-mail address and password."""
    signed_in = await client.post("/login", json=account)
    signed_in.raise_for_status()
    return {"Authorization": f"Bearer {signed_in.json()['access_token']}"}


async def settle(send: Send, see: See = lambda _: None) -> httpx.Response:
    """Repeat until the answer is final; raises ``NeverAnswered``. ``see`` is shown every answer."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    last: object = None
    while time.monotonic() < deadline:
        try:
            answer = await send()
        except httpx.TransportError as error:
            last = repr(error)
        else:
            see(answer)
            if not is_passing(answer):
                return answer
            last = answer.status_code
        await asyncio.sleep(AGAIN_SECONDS)
    raise NeverAnswered(f"no final answer within {PATIENCE_SECONDS:.0f} seconds, the last: {last}")


def is_passing(answer: httpx.Response) -> bool:
    """Whether the answer says: not now, try again."""
    if answer.status_code in PASSING:
        return True
    return answer.status_code == IN_PROGRESS and answer.json().get("code") == "idempotency-in-progress"


def is_documented(answer: httpx.Response) -> bool:
    """Whether a failure is a problem document, with Retry-After where it says to come again."""
    if answer.status_code < httpx.codes.BAD_REQUEST:
        return True
    if answer.headers.get("content-type") != PROBLEM or not answer.json().get("code"):
        return False
    return answer.status_code not in PASSING or "retry-after" in answer.headers


def told(answer: httpx.Response) -> str:
    """An answer in few words, for a failure."""
    code = (
        answer.json().get("code") if answer.headers.get("content-type") == PROBLEM else "no problem document"
    )
    return f"{answer.request.method} {_route(answer.request.url.path)} answered {answer.status_code} ({code})"


def _route(path: str) -> str:
    """The path without ids, so that the same failure reads the same."""
    return "/".join("{id}" if len(part) > 30 else part for part in path.split("/"))  # noqa: PLR2004 - a UUID has 36


def order_of(name: str, dice: random.Random) -> dict[str, Any]:
    """An order by dimensions under a name of its own."""
    size = {f"{side}_mm": dice.randint(10, 200) for side in ("length", "width", "height")}
    choice = {"service_id": "cnc-milling", "material_id": "alum_D16", "quantity": dice.randint(1, 50)}
    return {**choice, "dimensions": size, "name": name}


def box_stl(x: float, y: float, z: float, *, copies: int = 1) -> bytes:
    """A box of twelve triangles as binary STL; ``copies`` of it one above the other make it larger."""
    triangles = b"".join(_box(x, y, z, 2 * z * copy) for copy in range(copies))
    return b"chaos".ljust(80, b" ") + struct.pack("<I", 12 * copies) + triangles


def _box(x: float, y: float, z: float, up: float) -> bytes:
    corners = [(i * x, j * y, up + k * z) for k in (0, 1) for j in (0, 1) for i in (0, 1)]
    faces = ((0, 2, 3, 1), (4, 5, 7, 6), (0, 1, 5, 4), (2, 6, 7, 3), (0, 4, 6, 2), (1, 3, 7, 5))
    written = []
    for a, b, c, d in faces:
        for triangle in ((a, b, c), (a, c, d)):
            points = [value for corner in triangle for value in corners[corner]]
            written.append(struct.pack("<12fH", 0, 0, 0, *points, 0))
    return b"".join(written)
