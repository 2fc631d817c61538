"""How often is too often: rates as settings write them, and the two rules that use them."""

import re
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import Annotated

from pydantic import Field

UNITS = {"second": 1, "minute": 60, "hour": 3600, "day": 86_400}
RATE = re.compile(r"([1-9][0-9]{0,6}) per (?:([1-9][0-9]{0,3}) )?(second|minute|hour|day)s?")

RateText = Annotated[str, Field(pattern=f"^{RATE.pattern}$")]
"""A rate as a setting: ``60 per minute``, ``1 per 2 seconds``."""


@dataclass(frozen=True, slots=True)
class Limit:
    """At most ``most`` of something in ``seconds``, counted from the first one on.

    ``name`` keeps the counts of one limit apart from those of all others and is shown to clients.
    """

    name: str
    most: int
    seconds: int

    @property
    def window(self) -> timedelta:
        """How long one count lasts."""
        return timedelta(seconds=self.seconds)


@dataclass(frozen=True, slots=True)
class BackOff:
    """Growing waits between attempts that keep failing.

    The first ``free`` failures cost nothing; after each further one the next attempt has to wait
    ``first_seconds``, then twice as long, up to ``longest_seconds``. After ``forgotten_seconds`` without
    an attempt all is forgotten.
    """

    name: str
    free: int
    first_seconds: int = 2
    longest_seconds: int = 300
    forgotten_seconds: int = 3600

    def wait_after(self, failures: int) -> timedelta:
        """How long the next attempt has to wait after so many failures."""
        beyond = failures - self.free
        if beyond < 0:
            return timedelta()
        doublings = min(beyond, self.longest_seconds.bit_length())
        return timedelta(seconds=min(self.first_seconds * 2**doublings, self.longest_seconds))


@lru_cache(maxsize=256)
def limit(name: str, rate: str) -> Limit:
    """The limit a setting asks for, such as ``60 per minute``."""
    written = RATE.fullmatch(rate)
    if written is None:
        raise ValueError(f"not a rate such as '60 per minute': {rate}")
    most, count, unit = written.groups()
    return Limit(name, int(most), int(count or 1) * UNITS[unit])
