"""Answers that go on for minutes: each holds a place among the requests, so not all places are theirs."""

from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing
from typing import Any

from app.core.offload import Overloaded

IS_STOPPING = "is_stopping"
"""Under which the server puts a question into the state of every request."""


def is_stopping(scope: Mapping[str, Any]) -> bool:
    """Whether the server waits for this request to end."""
    ask = scope.get("state", {}).get(IS_STOPPING)
    return ask is not None and bool(ask())


class Streams:
    """Counts the open streams of this process."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._open = 0

    def check_room(self) -> None:
        """Raise `Overloaded` when there are as many as there may be."""
        if self._open >= self.most:
            raise Overloaded

    async def counted(self, chunks: AsyncGenerator[bytes, None]) -> AsyncIterator[bytes]:
        """The same chunks; a stream counts from its first to its last."""
        self._open += 1
        try:
            async with aclosing(chunks):
                async for chunk in chunks:
                    yield chunk
        finally:
            self._open -= 1
