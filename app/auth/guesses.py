"""What keeps passwords from being guessed, and their owners from being kept out by those who try."""

from dataclasses import dataclass
from uuid import UUID

from app.core.config import LimitsSection
from app.core.limited import network_of
from app.core.rate_limits import RateLimiter
from app.core.rates import BackOff, Limit, limit

WRONG_PASSWORDS = BackOff(
    "wrong-passwords", free=5, first_seconds=10, longest_seconds=1800, forgotten_seconds=24 * 3600
)
"""Waits of one network that fails under one name."""
KNOWN_NETWORK = Limit("known-network", 1, 90 * 86_400)
"""For so long a network is remembered from which the owner of an account came with password or letter."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """Somebody shows a password.

    Counted is the ``name`` he gave: were both names of an account one count, it would tell that they are.
    ``owner`` is whose account that is; where there is none, the name stands for it.
    """

    name: UUID | str
    owner: UUID | str
    address: str

    @property
    def network(self) -> str:
        """Where he is."""
        return network_of(self.address)


class Guesses:
    """Two limits: growing waits for one network, and a rate for all networks the owner never came from.

    However many machines guess together, they get no further than the rate, and the owner gets in from where
    he has been before. From elsewhere he comes in with a letter that sets a new password.
    """

    def __init__(self, limiter: RateLimiter, settings: LimitsSection) -> None:
        self.limiter = limiter
        self.rate = settings.guesses

    async def admit(self, attempt: Attempt) -> None:
        """Let the password be looked at; say `failed` or `succeeded` afterwards.

        Raises:
            TooManyRequests: says when to come back.
        """
        await self.limiter.check(WRONG_PASSWORDS, attempt.name, attempt.network)
        if not await self.limiter.is_noted(KNOWN_NETWORK, attempt.owner, attempt.network):
            await self.limiter.take(limit("guesses", self.rate), attempt.name, told=False)

    async def failed(self, attempt: Attempt) -> None:
        """Count it.

        Raises:
            TooManyRequests: there were too many meanwhile.
        """
        await self.limiter.failed(WRONG_PASSWORDS, attempt.name, attempt.network)

    async def succeeded(self, attempt: Attempt) -> None:
        """Forget the failures, remember the network.

        Raises:
            TooManyRequests: there were too many meanwhile; the success must not be told.
        """
        await self.limiter.succeeded(WRONG_PASSWORDS, attempt.name, attempt.network)
        await self.welcome(attempt.owner, attempt.address)

    async def welcome(self, owner: UUID | str, address: str) -> None:
        """Remember that the owner of this account was here."""
        place = (owner, network_of(address))
        if not await self.limiter.is_noted(KNOWN_NETWORK, *place):
            await self.limiter.note(KNOWN_NETWORK, *place)
