"""Stored bytes that no row knows."""

from collections.abc import Awaitable, Callable, Iterable, Sequence

BATCH = 500


async def without_row(
    keys: Sequence[str], ask: Callable[[Sequence[str]], Awaitable[Iterable[str]]]
) -> list[str]:
    """Those of these keys that no row knows; ``ask`` says it of a few of them at a time."""
    return [key for start in range(0, len(keys), BATCH) for key in await ask(keys[start : start + BATCH])]
