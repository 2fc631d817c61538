"""Why a machine that is large enough cannot make a part all the same."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Lack:
    """What the machine does not have; ``is_final``: the customer asked for it, so nothing else will do."""

    reason: str
    is_final: bool
