"""Bytes on their way in."""

import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass

from app.contract.formats import HEAD_BYTES, TAIL_BYTES
from app.core.errors import AppError


@dataclass(frozen=True)
class Received:
    """Bytes that are stored and that no row knows yet."""

    key: str
    size_bytes: int
    sha256: str
    head: bytes
    tail: bytes
    """Both ends, which tell the format."""
    instead_of: str | None
    """Where the same content should have been and is lost."""


class Counted:
    """Passes chunks on while it counts, digests and keeps both ends; raises ``refusal`` at the limit."""

    def __init__(self, chunks: AsyncIterator[bytes], limit_bytes: int, refusal: AppError) -> None:
        self._chunks = chunks
        self._limit_bytes = limit_bytes
        self._refusal = refusal
        self._digest = hashlib.sha256()
        self.size_bytes = 0
        self.head = b""
        self.tail = b""

    @property
    def sha256(self) -> str:
        """The digest of what has passed so far."""
        return self._digest.hexdigest()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in self._chunks:
            self.size_bytes += len(chunk)
            if self.size_bytes > self._limit_bytes:
                raise self._refusal
            if len(self.head) < HEAD_BYTES:
                self.head += chunk[: HEAD_BYTES - len(self.head)]
            self.tail = chunk[-TAIL_BYTES:] if len(chunk) >= TAIL_BYTES else (self.tail + chunk)[-TAIL_BYTES:]
            self._digest.update(chunk)
            yield chunk
