import hashlib
import random
from collections.abc import AsyncIterator

import pytest

from app.contents.errors import FileTooLarge
from app.contents.receiving import Counted
from app.contract.formats import HEAD_BYTES, TAIL_BYTES
from app.files.incoming import in_pieces


class TestCounted:
    async def test_knows_what_has_passed(self) -> None:
        content = random.Random(1).randbytes(2 * TAIL_BYTES)
        counted = Counted(in_pieces(content, 1_000), len(content), FileTooLarge())

        assert b"".join([chunk async for chunk in counted]) == content
        assert counted.size_bytes == len(content)
        assert counted.head == content[:HEAD_BYTES]
        assert counted.tail == content[-TAIL_BYTES:]
        assert counted.sha256 == hashlib.sha256(content).hexdigest()

    async def test_stops_at_the_first_byte_too_many(self) -> None:
        asked = 0

        async def endless() -> AsyncIterator[bytes]:
            nonlocal asked
            while True:
                asked += 1
                yield bytes(100)

        with pytest.raises(FileTooLarge):
            async for _ in Counted(endless(), 250, FileTooLarge()):
                pass

        assert asked == 3
