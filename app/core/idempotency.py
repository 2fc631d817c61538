"""Idempotency keys: the answer of a request is stored in the same transaction as its effect.

A repeated key answers with the stored bytes. Two requests with one key at the same moment both try to
store; the unique constraint lets one win, the other rolls its effect back and replays the winner's answer.
"""

import hashlib
import re
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute
from sqlalchemy import JSON, Delete, LargeBinary, String, UniqueConstraint, delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from app.core.clock import now
from app.core.db import Database, release, undo
from app.core.errors import Conflict, Rejected, not_usable
from app.core.models import Record
from app.core.paths import route_template

KEPT = timedelta(hours=48)
HEADER = "Idempotency-Key"
REPLAYED_HEADERS = ("content-type", "etag", "location")
VALID_KEY = re.compile(r"[\x21-\x7e]([\x20-\x7e]{0,253}[\x21-\x7e])?")


class IdempotencyMismatch(Rejected):
    """The same Idempotency-Key was used with another body; take a new key for a new request."""

    code, title = "idempotency-mismatch", "Idempotency key used with another body"


class IdempotencyInProgress(Conflict):
    """A request with the same Idempotency-Key is being worked on; repeat it in a moment."""

    code, title = "idempotency-in-progress", "The first request is still running"
    retry_after_seconds = 1


class IdempotencyRecord(Record):
    """The stored answer to one key of one caller on one route."""

    __tablename__ = "idempotency_keys"
    __table_args__ = (UniqueConstraint("scope", "route", "key"),)

    scope: Mapped[str] = mapped_column(String(128))
    route: Mapped[str] = mapped_column(String(128))
    key: Mapped[str] = mapped_column(String(255))
    body_sha256: Mapped[str] = mapped_column(String(64))
    status: Mapped[int]
    headers: Mapped[dict[str, str]] = mapped_column(JSON())
    body: Mapped[bytes] = mapped_column(LargeBinary())
    expires_at: Mapped[datetime] = mapped_column(index=True)


@dataclass(frozen=True)
class Claim:
    """A key, who used it where, and the digest of what was sent with it."""

    scope: str
    route: str
    key: str
    body_sha256: str


class Replay(Exception):
    """Raised by the guard when the answer is known already."""

    def __init__(self, response: Response) -> None:
        super().__init__("replay")
        self.response = response


async def guard(request: Request, scope: str, session: AsyncSession) -> None:
    """Remember the key of this request, or answer at once if it was used before.

    ``scope`` says whose keys these are (a user or an address); ``session`` is only asked.

    Raises:
        Rejected: the key is not 1–255 printable ASCII characters.
        IdempotencyMismatch: the key came with another body before.
        Replay: the stored answer.
    """
    key = request.headers.get(HEADER)
    if key is None:
        return
    if not VALID_KEY.fullmatch(key):
        raise not_usable(HEADER, "must be 1 to 255 printable ASCII characters")
    body = hashlib.sha256(await request.body()).hexdigest()
    claim = Claim(scope, f"{request.method} {route_template(request.scope)}", key, body)
    stored = await _find(session, claim)
    await release(session)
    if stored is not None:
        raise Replay(_answer(stored, claim))
    request.state.idempotency = claim


class IdempotentRoute(APIRoute):
    """Stores successful answers under the key the guard remembered, before the unit of work commits."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Wrap the endpoint: replay, run and store, or replay what a twin stored first."""
        endpoint = super().get_route_handler()

        async def answer(request: Request) -> Response:
            try:
                response = await endpoint(request)
            except Replay as replay:
                return replay.response
            claim: Claim | None = getattr(request.state, "idempotency", None)
            if claim is None or not 200 <= response.status_code < 300:  # noqa: PLR2004 - HTTP's success class
                return response
            return await _store(request, claim, response)

        return answer


async def _store(request: Request, claim: Claim, response: Response) -> Response:
    session: AsyncSession = request.state.session
    await session.execute(_expired().where(IdempotencyRecord.key == claim.key))
    session.add(
        IdempotencyRecord(
            scope=claim.scope,
            route=claim.route,
            key=claim.key,
            body_sha256=claim.body_sha256,
            status=response.status_code,
            headers={
                name: value for name, value in response.headers.items() if name.lower() in REPLAYED_HEADERS
            },
            body=bytes(response.body),
            expires_at=now() + KEPT,
        )
    )
    try:
        await session.flush()
    except IntegrityError:
        await undo(session)
        return await _twin(request, claim)
    return response


async def _twin(request: Request, claim: Claim) -> Response:
    """What the request that won the race answered."""
    database: Database = request.state.resources.get(Database)
    async with database.reading() as session:
        stored = await _find(session, claim)
    if stored is None:
        raise IdempotencyInProgress
    return _answer(stored, claim)


async def _find(session: AsyncSession, claim: Claim) -> IdempotencyRecord | None:
    statement = select(IdempotencyRecord).where(
        IdempotencyRecord.scope == claim.scope,
        IdempotencyRecord.route == claim.route,
        IdempotencyRecord.key == claim.key,
        IdempotencyRecord.expires_at > now(),
    )
    return (await session.execute(statement)).scalar_one_or_none()


def _answer(stored: IdempotencyRecord, claim: Claim) -> Response:
    if stored.body_sha256 != claim.body_sha256:
        raise IdempotencyMismatch
    return Response(stored.body, status_code=stored.status, headers=stored.headers)


async def forget_expired(database: Database) -> None:
    """Drop answers nobody may ask for any more."""
    async with database.transaction() as session:
        await session.execute(_expired())


async def forget_scope(session: AsyncSession, scope: str) -> None:
    """Drop every answer to somebody who is to be forgotten."""
    await session.execute(delete(IdempotencyRecord).where(IdempotencyRecord.scope == scope))


def _expired() -> Delete:
    return delete(IdempotencyRecord).where(IdempotencyRecord.expires_at <= now())
