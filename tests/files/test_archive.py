import io
import zipfile
from collections.abc import AsyncGenerator, Iterator
from datetime import UTC, datetime
from pathlib import PurePath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.files.archive import Member, unique_names, zipped

MIB = 1024 * 1024


class TestUniqueNames:
    @pytest.mark.parametrize(
        ("names", "found"),
        [
            (["a.stp", "a.stp", "A.STP", "a (2).stp"], ["a.stp", "a (2).stp", "A (3).STP", "a (2) (2).stp"]),
            (["con.stp", "LPT1", "console.stp"], ["_con.stp", "_LPT1", "console.stp"]),
            (['a<b>:"c|d?e*.stl', "вал.stp"], ["a_b___c_d_e_.stl", "вал.stp"]),
            (["part.", "part "], ["part", "part (2)"]),
        ],
    )
    def test_go_together_in_one_folder(self, names: list[str], found: list[str]) -> None:
        assert unique_names(names) == found

    @given(st.lists(st.text(st.characters(exclude_categories=["C"], exclude_characters="/\\"), min_size=1)))
    def test_never_meet_and_always_fit(self, names: list[str]) -> None:
        found = unique_names(names)

        assert len({name.casefold() for name in found}) == len(names)
        assert all(PurePath(name).name == name and len(name.encode()) <= 255 for name in found)


class TestZipped:
    def member(self, name: str, chunks: Iterator[bytes], size_bytes: int) -> Member:
        async def stream() -> AsyncGenerator[bytes, None]:
            for chunk in chunks:
                yield chunk

        async def opened() -> AsyncGenerator[bytes, None]:
            return stream()

        return Member(name, size_bytes, datetime(2026, 11, 20, 10, 30, tzinfo=UTC), opened)

    async def test_holds_what_went_in(self) -> None:
        contents = {"деталь.stp": b"one" * 1000, "empty.stl": b"", "b.stl": bytes(range(256))}
        members = [self.member(name, iter([data]), len(data)) for name, data in contents.items()]

        packed = b"".join([piece async for piece in zipped(members)])

        with zipfile.ZipFile(io.BytesIO(packed)) as archive:
            assert archive.testzip() is None
            assert {info.filename: archive.read(info) for info in archive.infolist()} == contents
            assert archive.infolist()[0].date_time == (2026, 11, 20, 10, 30, 0)

    async def test_sends_each_piece_before_the_next_is_read(self) -> None:
        read = 0

        def endless() -> Iterator[bytes]:
            nonlocal read
            for _ in range(64):
                read += 1
                yield bytes(MIB)

        sent = 0
        async for piece in zipped([self.member("big.stl", endless(), 64 * MIB)]):
            sent += len(piece)
            assert len(piece) <= 2 * MIB
            assert sent >= (read - 1) * MIB

        assert read == 64
