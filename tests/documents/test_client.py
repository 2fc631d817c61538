from pathlib import Path

import pytest

from app.documents.client import TOO_LARGE, ScannerClient, ScannerFailed, ScannerUnavailable
from app.files.incoming import in_pieces
from tests.support.scanner import EICAR, scanner_on


class TestScan:
    @pytest.mark.parametrize("local", [False, True], ids=["tcp", "unix"])
    async def test_tells_what_the_scanner_found(self, local: bool, tmp_path: Path) -> None:  # noqa: FBT001
        async with scanner_on(tmp_path / "clamd.ctl" if local else None) as scanner:
            client = ScannerClient(scanner.address, 5.0)

            clean = await client.scan(in_pieces(b"harmless" * 1000, 100))
            bad = await client.scan(in_pieces(b"x" + EICAR, 10))

        assert (clean.found, bad.found) == (None, "Eicar-Test-Signature")
        assert scanner.scanned == [b"harmless" * 1000, b"x" + EICAR]

    async def test_what_is_too_large_is_not_clean(self) -> None:
        async with scanner_on() as scanner:
            scanner.most_bytes = 1000

            verdict = await ScannerClient(scanner.address, 5.0).scan(in_pieces(bytes(5_000_000)))

        assert verdict.found == TOO_LARGE

    @pytest.mark.parametrize("answer", [b"UNKNOWN COMMAND\0", b"stream: \0"])
    async def test_an_answer_that_makes_no_sense_is_none(self, answer: bytes) -> None:
        async with scanner_on() as scanner:
            scanner.answer = answer

            with pytest.raises(ScannerFailed):
                await ScannerClient(scanner.address, 5.0).scan(in_pieces(b"x"))

    @pytest.mark.parametrize("address", ["tcp://127.0.0.1:9", "unix:///nowhere/clamd.ctl"])
    async def test_nobody_there_is_unavailable(self, address: str) -> None:
        with pytest.raises(ScannerUnavailable):
            await ScannerClient(address, 5.0).scan(in_pieces(b"x"))

    @pytest.mark.parametrize("answer", [b"stream: OK", b"x" * 10_000])
    async def test_half_an_answer_or_an_endless_one_is_none(self, answer: bytes) -> None:
        async with scanner_on() as scanner:
            scanner.answer = answer

            with pytest.raises((ScannerUnavailable, ScannerFailed)):
                await ScannerClient(scanner.address, 5.0).scan(in_pieces(b"x"))
