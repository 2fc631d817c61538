"""Idempotency keys of signed-in users."""

from fastapi import Request

from app.auth.dependencies import CurrentUser
from app.core.db import ReadSessionDep
from app.core.errors import AppError
from app.core.idempotency import IdempotencyInProgress, IdempotencyMismatch, guard

IDEMPOTENCY_FAILURES: tuple[type[AppError], ...] = (IdempotencyMismatch, IdempotencyInProgress)


async def once_per_key(request: Request, user: CurrentUser, session: ReadSessionDep) -> None:
    """Answer a repeated Idempotency-Key of this user with what was answered first."""
    await guard(request, f"user:{user.id}", session)
