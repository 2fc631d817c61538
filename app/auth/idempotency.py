"""Idempotency keys of signed-in users."""

from typing import Annotated
from uuid import UUID

from fastapi import Header, Request
from sqlalchemy.ext.asyncio import AsyncSession

from app.auth.dependencies import CurrentUser
from app.core.db import ReadSessionDep
from app.core.errors import AppError
from app.core.idempotency import HEADER, IdempotencyInProgress, IdempotencyMismatch, forget_scope, guard
from app.core.resources import Resources

IDEMPOTENCY_FAILURES: tuple[type[AppError], ...] = (IdempotencyMismatch, IdempotencyInProgress)


def _scope(user_id: UUID) -> str:
    return f"user:{user_id}"


async def forget_answers(_: Resources, session: AsyncSession, user_id: UUID) -> None:
    """Drop what this user was answered; a step of `Erasure`."""
    await forget_scope(session, _scope(user_id))


async def once_per_key(
    request: Request,
    user: CurrentUser,
    session: ReadSessionDep,
    _key: Annotated[
        str | None,
        Header(
            alias=HEADER,
            description="1 to 255 printable ASCII characters. The same key with the same body answers "
            "with the first answer, byte for byte, for 48 hours.",
        ),
    ] = None,
) -> None:
    """Answer a repeated Idempotency-Key of this user with what was answered first."""
    await guard(request, _scope(user.id), session)
