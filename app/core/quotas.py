"""How much one user may keep and have measured: what features have of him is added up and compared."""

from collections.abc import Awaitable, Callable
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.config import QuotasSection, Settings
from app.core.db import Database
from app.core.errors import AppError, Forbidden, TooManyRequests
from app.core.rate_limits import RateLimiter
from app.core.rates import limit
from app.core.resources import Resources

SIGNED_64_BITS = 2**63


class QuotaExceeded(Forbidden):
    """You have used up what this installation lets one user have."""

    code, title = "quota-exceeded", "Quota exceeded"


class Used(NamedTuple):
    """What a user has."""

    files: int
    size_bytes: int


class Allowed(NamedTuple):
    """How many bytes may come, and what to say when there are more."""

    limit_bytes: int
    refusal: AppError


Counter = Callable[[AsyncSession, UUID], Awaitable[Used]]
"""What one feature has of a user."""


class Usage:
    """The counters of all features; an object, so that the composition names them."""

    def __init__(self, *counters: Counter) -> None:
        self.counters = counters

    async def of(self, session: AsyncSession, user_id: UUID) -> Used:
        """All that a user has."""
        found = [await counter(session, user_id) for counter in self.counters]
        return Used(sum(used.files for used in found), sum(used.size_bytes for used in found))


class Quotas:
    """What users may keep, within a database session."""

    def __init__(
        self, session: AsyncSession, usage: Usage, limiter: RateLimiter, settings: QuotasSection
    ) -> None:
        self.session = session
        self.usage = usage
        self.limiter = limiter
        self.settings = settings

    @property
    def are_set(self) -> bool:
        """Whether anything is limited."""
        return bool(self.settings.bytes_per_user or self.settings.files_per_user)

    async def allowed(self, user_id: UUID, limit_bytes: int, refusal: AppError) -> Allowed:
        """How large one more file may be: the limit given, or less where there is less room.

        Raises:
            QuotaExceeded: there is no room for another file, however small.
        """
        if not self.are_set:
            return Allowed(limit_bytes, refusal)
        used = await self.usage.of(self.session, user_id)
        self._check(used, Used(1, 0))
        most = self.settings.bytes_per_user
        room = max(most - used.size_bytes, 0) if most else limit_bytes
        return Allowed(limit_bytes, refusal) if room >= limit_bytes else Allowed(room, self._no_room())

    async def take(self, user_id: UUID, size_bytes: int) -> None:
        """Make sure that one more file of this size fits; its row is added in the same transaction.

        Others who add for the same user wait until that is committed.

        Raises:
            QuotaExceeded: it does not fit.
        """
        if not self.are_set:
            return
        if self.session.get_bind().dialect.name == "postgresql":  # SQLite has one writer at a time anyway
            number = user_id.int % SIGNED_64_BITS
            await self.session.execute(select(func.pg_advisory_xact_lock(number)))
        self._check(await self.usage.of(self.session, user_id), Used(1, size_bytes))

    async def take_analysis(self, user_id: UUID) -> None:
        """Count a new part that is to be measured for somebody, in a transaction of its own.

        Raises:
            QuotaExceeded: there were enough since the first one a day ago; Retry-After says when it goes on.
        """
        most = self.settings.analyses_per_day
        if not most:
            return
        try:
            await self.limiter.take(limit("analyses", f"{most} per day"), user_id)
        except TooManyRequests as refusal:
            detail = f"You may have {most} new parts measured in a day; come back later."
            raise QuotaExceeded(detail, headers=refusal.headers) from None

    def _no_room(self) -> QuotaExceeded:
        return QuotaExceeded(
            f"Your files may have {self.settings.bytes_per_user} bytes together; delete some first."
        )

    def _check(self, used: Used, more: Used) -> None:
        most = self.settings
        if most.files_per_user and used.files + more.files > most.files_per_user:
            raise QuotaExceeded(f"You may have {most.files_per_user} files; delete some first.")
        if most.bytes_per_user and used.size_bytes + more.size_bytes > most.bytes_per_user:
            raise self._no_room()


def build_quotas(resources: Resources, session: AsyncSession) -> Quotas:
    """Quotas over a database session; they hold also where limits of rate are switched off."""
    limiter = RateLimiter(resources.get(Database))
    return Quotas(session, resources.get(Usage), limiter, resources.get(Settings).quotas)
