"""Limits on what may be asked without a login."""

from fastapi import Request

from app.auth.dependencies import OptionalUser
from app.auth.keys_dependencies import OptionalKey
from app.core.limited import PerAddress

BATCH = 20
"""What costs little is counted so many at a time: one write to the database for twenty questions."""

everybody = PerAddress("anonymous", batch=BATCH)
"""A dependency of routes that know no login."""
_prices = PerAddress("price")


async def strangers(request: Request, user: OptionalUser) -> None:
    """Count who asks without a login, or refuse with 429; a dependency of routes that may be asked so."""
    if user is None:
        await everybody(request)


async def strangers_prices(request: Request, user: OptionalUser, key: OptionalKey) -> None:
    """The same for prices, which cost more; programs with a key are no strangers."""
    if user is None and key is None:
        await _prices(request)
