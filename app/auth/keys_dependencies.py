"""How API keys are built and asked for: `KeyServiceDep`, `CurrentKey`, `owner_with`."""

from collections.abc import Awaitable, Callable
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request
from fastapi.security import APIKeyHeader

from app.audit.dependencies import origin_of
from app.auth.dependencies import OptionalUser, key_ring
from app.auth.errors import ScopeMissing
from app.auth.keys import USE_PRECISION, KeyService, recognise
from app.auth.keys_repository import KeyRepository
from app.auth.keys_schemas import KeyHolder
from app.auth.models import KeyScope
from app.core.caller import caller_of
from app.core.clock import now
from app.core.config import Settings
from app.core.db import Database, ReadSessionDep, SessionDep, release
from app.core.errors import Unauthorized
from app.core.limited import network_of
from app.core.rate_limits import RateLimiter
from app.core.rates import limit

HEADER = "X-API-Key"

header = APIKeyHeader(name=HEADER, scheme_name="Key", description="A key of `/api-keys`.", auto_error=False)


async def key_service(request: Request, session: SessionDep) -> KeyService:
    """Keys, within the transaction of the request."""
    return key_ring(session, origin_of(request))


async def key_reader(session: ReadSessionDep) -> KeyService:
    """Keys for requests that only ask."""
    return key_ring(session)


GivenKey = Annotated[str | None, Depends(header)]


async def current_key(request: Request, given: GivenKey, session: ReadSessionDep) -> KeyHolder:
    """The program that asks, by its key; refused without one that holds."""
    settings: Settings = request.state.resources.get(Settings)
    recognised = await recognise(KeyRepository(session), given, confirmed=settings.auth.confirm_email)
    await release(session)
    if recognised.is_new_use:
        database: Database = request.state.resources.get(Database)
        async with database.transaction() as writing:
            await KeyRepository(writing).note_use(recognised.holder.key_id, now(), USE_PRECISION)
    return recognised.holder


async def optional_key(request: Request, given: GivenKey, session: ReadSessionDep) -> KeyHolder | None:
    """The program that asks, ``None`` without a key; one that does not hold is refused."""
    return None if given is None else await current_key(request, given, session)


CurrentKey = Annotated[KeyHolder, Depends(current_key)]
OptionalKey = Annotated[KeyHolder | None, Depends(optional_key)]


def owner_with(scope: KeyScope) -> Callable[..., Awaitable[UUID]]:
    """A dependency: whose things are asked for, by himself or by his program whose key has this scope."""

    async def owner_id(user: OptionalUser, key: OptionalKey) -> UUID:
        if user is not None:
            return user.id
        if key is None:
            raise Unauthorized
        if scope not in key.scopes:
            raise ScopeMissing(f"The key needs the scope {scope.value}.")
        return key.user_id

    return owner_id


async def seldom_checked(request: Request, key: CurrentKey) -> KeyHolder:
    """The program that asks, which may ask this only so often from one address."""
    resources = request.state.resources
    settings: Settings = resources.get(Settings)
    network = network_of(caller_of(request, settings.server.trusted_proxies).address)
    rule = limit("key-check", settings.limits.key_check)
    await resources.get(RateLimiter).take(rule, key.key_id, network)
    return key


KeyServiceDep = Annotated[KeyService, Depends(key_service)]
KeyReaderDep = Annotated[KeyService, Depends(key_reader)]
CheckedKey = Annotated[KeyHolder, Depends(seldom_checked)]
