"""API keys: programs that act in the name of somebody."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from app.audit.service import Actor, AuditLog
from app.auth.errors import KeyMissing, KeyRefused, TooManyKeys
from app.auth.identity import Identity
from app.auth.keys_repository import KeyRepository
from app.auth.keys_schemas import KeyCreate, KeyHolder, KeyIssued, KeyQuery, KeyRead
from app.auth.models import ApiKey, KeyScope
from app.core.clock import now
from app.core.errors import Forbidden, Unauthorized, not_usable
from app.core.pagination import Slice
from app.core.security import digest, new_secret, same

MARK = "mw"
"""What keys begin with, so that scanners find those that were published by mistake."""
PREFIX_BYTES = 5
MOST_KEYS = 50
LONGEST_KEY = 128
USE_PRECISION = timedelta(minutes=1)
OF_ADMINISTRATORS = {KeyScope.catalog_read}


class KeyService:
    """Keys of their owners."""

    def __init__(self, keys: KeyRepository, audit: AuditLog) -> None:
        self.keys = keys
        self.audit = audit

    async def issue(self, owner: Identity, draft: KeyCreate) -> KeyIssued:
        """A new key; only its digest is kept.

        Raises:
            Unauthorized: the session of the owner has ended a moment ago.
            Forbidden: a scope that only administrators give.
            Rejected: it would have expired already.
            TooManyKeys: the owner has enough.
        """
        moment = now()
        if OF_ADMINISTRATORS.intersection(draft.scopes) and not owner.is_admin:
            raise Forbidden("Only administrators have keys of this scope.")
        if draft.expires_at is not None and draft.expires_at <= moment:
            raise not_usable("expires_at", "lies in the past")
        if not await self.keys.lock_owner(owner.id, owner.session_id):
            raise Unauthorized
        if await self.keys.count_living(owner.id, moment) >= MOST_KEYS:
            raise TooManyKeys
        prefix = secrets.token_hex(PREFIX_BYTES)
        whole = f"{MARK}_{prefix}_{new_secret()}"
        key = await self.keys.add(
            ApiKey(
                user_id=owner.id,
                name=draft.name,
                prefix=prefix,
                digest=digest(whole),
                scopes=sorted({scope.value for scope in draft.scopes}),
                expires_at=draft.expires_at,
            )
        )
        await self._note(owner.id, "api_key.issued", key)
        return KeyIssued(**dict(KeyRead.model_validate(key)), key=whole)

    async def list_own(self, owner_id: UUID, query: KeyQuery) -> Slice[ApiKey]:
        """The keys of the owner that can be used."""
        return await self.keys.list_living(owner_id, query, now())

    async def revoke(self, owner: Identity, key_id: UUID) -> None:
        """Make a key useless, from the next request on.

        Raises:
            KeyMissing: it is none of the owner's, or could not be used any more.
        """
        key = await self.keys.get_living(owner.id, key_id, now())
        if key is None:
            raise KeyMissing
        await self._revoke(key)

    async def revoke_all(self, owner_id: UUID) -> None:
        """Make all keys of an owner useless; no other comes up meanwhile, if his account is locked."""
        for key in await self.keys.lock_living(owner_id, now()):
            await self._revoke(key)

    async def _revoke(self, key: ApiKey) -> None:
        key.revoked_at = now()
        await self._note(key.user_id, "api_key.revoked", key)

    async def _note(self, owner_id: UUID, action: str, key: ApiKey) -> None:
        told = {"name": key.name, "prefix": key.prefix, "scopes": key.scopes, "expires_at": key.expires_at}
        await self.audit.record(Actor.user(owner_id), action, "api_key", key.id, after=told)


@dataclass(frozen=True)
class Recognised:
    """A key that holds, and whether its use is to be noted."""

    holder: KeyHolder
    is_new_use: bool


async def recognise(keys: KeyRepository, given: str | None, *, confirmed: bool) -> Recognised:
    """Whose key this is; with ``confirmed`` customers must have confirmed their e-mail address.

    Raises:
        KeyRefused: none, not one of ours, revoked, expired, or its owner may not go on.
    """
    _, _, rest = (given or "").partition("_")
    prefix = rest.partition("_")[0]
    moment = now()
    found = (
        None
        if given is None or len(given) > LONGEST_KEY
        else await keys.find(prefix, moment, confirmed=confirmed)
    )
    if given is None or found is None or not same(digest(given), found[0].digest):
        raise KeyRefused
    key, is_admin = found
    scopes = [KeyScope(scope) for scope in key.scopes if is_admin or scope not in OF_ADMINISTRATORS]
    holder = KeyHolder(
        key_id=key.id, user_id=key.user_id, name=key.name, scopes=scopes, expires_at=key.expires_at
    )
    return Recognised(holder, _is_new_use(key, moment))


def _is_new_use(key: ApiKey, moment: datetime) -> bool:
    return key.last_used_at is None or key.last_used_at <= moment - USE_PRECISION
