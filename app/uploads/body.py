"""The bytes of one request of an upload: cut into pieces, counted, and kept when the connection breaks."""

import base64
import binascii
import hashlib
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, NamedTuple

from starlette.requests import ClientDisconnect

from app.core.errors import RequestTimeout
from app.uploads.errors import ChecksumMismatch, UnreadableHeader

if TYPE_CHECKING:
    from hashlib import _Hash

ALGORITHMS = ("sha1", "sha256", "md5")


class Checksum(NamedTuple):
    """What the bytes of one request must come to."""

    algorithm: str
    digest: bytes


def read_checksum(header: str) -> Checksum:
    """The header ``Upload-Checksum: sha1 <base64>``."""
    algorithm, _, encoded = header.strip().partition(" ")
    if algorithm not in ALGORITHMS:
        raise UnreadableHeader(f"Upload-Checksum names none of {', '.join(ALGORITHMS)}.")
    try:
        digest = base64.b64decode(encoded.strip(), validate=True)
    except (binascii.Error, ValueError):
        raise UnreadableHeader("Upload-Checksum holds no base64.") from None
    return Checksum(algorithm, digest)


class Body:
    """A request body that ends where the connection breaks: what has come is worth keeping.

    ``failure`` is what broke it, to be raised when the bytes are safe.
    """

    def __init__(self, chunks: AsyncIterator[bytes], checksum: Checksum | None = None) -> None:
        self.checksum = checksum
        self.failure: Exception | None = None
        self.is_over = False
        self._chunks = chunks
        self._rest = b""
        self._digest: _Hash | None = (
            hashlib.new(checksum.algorithm, usedforsecurity=False) if checksum is not None else None
        )

    async def piece(self, most_bytes: int) -> AsyncIterator[bytes]:
        """The next bytes, up to so many; fewer at the end."""
        left = most_bytes
        while left and await self.has_more():
            taken, self._rest = self._rest[:left], self._rest[left:]
            left -= len(taken)
            yield taken

    async def has_more(self) -> bool:
        """Whether there are bytes nobody has taken."""
        while not self._rest and not self.is_over:
            await self._read()
        return bool(self._rest)

    def verify(self) -> None:
        """Raise `ChecksumMismatch` unless these were the bytes, all of them."""
        if self.checksum is None or self._digest is None:
            return
        if self.failure is not None or self._digest.digest() != self.checksum.digest:
            raise ChecksumMismatch

    async def _read(self) -> None:
        try:
            self._rest = await anext(self._chunks)
            if self._digest is not None:
                self._digest.update(self._rest)
        except StopAsyncIteration:
            self.is_over = True
        except (ClientDisconnect, RequestTimeout) as failure:
            self.failure, self.is_over = failure, True
