"""The HTTP of API keys."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from app.auth.dependencies import CurrentUser
from app.auth.errors import KeyMissing, KeyRefused, TooManyKeys
from app.auth.keys_dependencies import CheckedKey, KeyReaderDep, KeyServiceDep
from app.auth.keys_schemas import KeyCreate, KeyHolder, KeyIssued, KeyQuery, KeyRead
from app.auth.limits import everybody
from app.auth.models import ApiKey
from app.core.errors import Forbidden, TooManyRequests, Unauthorized, problems
from app.core.pagination import Page, Slice

router = APIRouter(tags=["api keys"])


@router.post(
    "/api-keys",
    status_code=201,
    responses=problems(Unauthorized, Forbidden, TooManyKeys),
)
async def issue_key(keys: KeyServiceDep, user: CurrentUser, draft: KeyCreate) -> KeyIssued:
    """A key for a program that acts in your name; it is in this answer and nowhere else."""
    return await keys.issue(user, draft)


@router.get("/api-keys", response_model=Page[KeyRead], responses=problems(Unauthorized))
async def list_keys(
    keys: KeyReaderDep, user: CurrentUser, query: Annotated[KeyQuery, Query()]
) -> Slice[ApiKey]:
    """Your keys that can be used, newest first."""
    return await keys.list_own(user.id, query)


@router.delete("/api-keys/{key_id}", status_code=204, responses=problems(Unauthorized, KeyMissing))
async def revoke_key(keys: KeyServiceDep, user: CurrentUser, key_id: UUID) -> Response:
    """Make a key useless at once."""
    await keys.revoke(user, key_id)
    return Response(status_code=204)


@router.get(
    "/auth/check",
    responses=problems(KeyRefused, TooManyRequests),
    dependencies=[Depends(everybody)],
)
async def check_key(key: CheckedKey) -> KeyHolder:
    """Whether the key in `X-API-Key` holds, and what it may do; once in two seconds from one address."""
    return key
