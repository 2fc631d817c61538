"""Idempotency keys of signed-in users."""

from typing import Annotated

from fastapi import Header, Request

from app.auth.dependencies import CurrentUser
from app.core.db import ReadSessionDep
from app.core.errors import AppError
from app.core.idempotency import HEADER, IdempotencyInProgress, IdempotencyMismatch, guard

IDEMPOTENCY_FAILURES: tuple[type[AppError], ...] = (IdempotencyMismatch, IdempotencyInProgress)


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
    await guard(request, f"user:{user.id}", session)
