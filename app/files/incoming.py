"""Uploads as they arrive: a multipart body streamed part by part, never held in memory."""

import base64
import binascii
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple, cast

from python_multipart import MultipartParser
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import parse_options_header

from app.contents.errors import FileTooLarge
from app.core.errors import Malformed, not_usable
from app.core.offload import Offload
from app.files.errors import UploadIncomplete

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

FIELD = b"file"
MAX_PART_HEADER_BYTES = 8 * 1024
MAX_FIELDS_BYTES = 16 * 1024


class Upload(NamedTuple):
    """A file on its way in; ``limit_bytes`` where the way it comes has a limit of its own."""

    name: str
    chunks: AsyncIterator[bytes]
    limit_bytes: int | None = None


class _Listener:
    """Hears the parser's events and keeps what nobody has taken yet."""

    EVENTS = (
        "part_begin",
        "header_field",
        "header_value",
        "header_end",
        "headers_finished",
        "part_data",
        "part_end",
    )

    def __init__(self) -> None:
        self.name: str | None = None
        self.finished = False
        self.chunks: list[bytes] = []
        self.fields: dict[str, bytes] = {}
        self.header_bytes = 0
        self._inside = False
        self._field: str | None = None
        self._header_name = b""
        self._header_value = b""
        self._disposition = b""

    def callbacks(self) -> "MultipartCallbacks":
        """The methods under the names the parser calls them by."""
        return cast("MultipartCallbacks", {f"on_{event}": getattr(self, event) for event in self.EVENTS})

    def part_begin(self) -> None:
        self._disposition, self.header_bytes = b"", 0

    def header_field(self, data: bytes, start: int, end: int) -> None:
        self._header_name += data[start:end]
        self._grow(end - start)

    def header_value(self, data: bytes, start: int, end: int) -> None:
        self._header_value += data[start:end]
        self._grow(end - start)

    def header_end(self) -> None:
        if self._header_name.lower() == b"content-disposition":
            self._disposition = self._header_value
        self._header_name = self._header_value = b""

    def headers_finished(self) -> None:
        _, options = parse_options_header(self._disposition)
        name = options.get(b"filename")
        if self.name is None and options.get(b"name") == FIELD and name is not None:
            self.name, self._inside = name.decode("utf-8", "replace"), True
        elif name is None:
            self._field = options.get(b"name", b"").decode("utf-8", "replace")

    def part_data(self, data: bytes, start: int, end: int) -> None:
        if self._inside:
            self.chunks.append(data[start:end])
        elif self._field is not None:
            self.fields[self._field] = self.fields.get(self._field, b"") + data[start:end]
            if sum(map(len, self.fields.values())) > MAX_FIELDS_BYTES:
                raise Malformed("The fields beside the file are too long.")

    def part_end(self) -> None:
        self._field = None
        if self._inside:
            self._inside, self.finished = False, True

    def _grow(self, size: int) -> None:
        self.header_bytes += size
        if self.header_bytes > MAX_PART_HEADER_BYTES:
            raise Malformed("The header of a multipart field is too long.")


class MultipartFile:
    """The one ``file`` field of a ``multipart/form-data`` body (RFC 7578).

    :meth:`opened` reads up to its file name; :meth:`chunks` then yields its bytes and reads on to the end of
    the body, so that afterwards `fields` holds the short ones beside it, before or behind. A Content-Type
    without a boundary, or with one that cannot be used, is Malformed.
    """

    def __init__(self, content_type: str, body: AsyncIterator[bytes]) -> None:
        _, options = parse_options_header(content_type)
        boundary = options.get(b"boundary")
        if not boundary:
            raise Malformed("The Content-Type names no multipart boundary.")
        self._body = body
        self._seen = _Listener()
        with _malformed():
            self._parser = MultipartParser(boundary, self._seen.callbacks())

    async def opened(self) -> str:
        """The file name the client gave.

        Raises:
            UploadIncomplete: there is no field ``file`` with a file name.
            Malformed: this is not multipart.
        """
        while self._seen.name is None and await self._feed():
            pass
        if self._seen.name is None:
            raise UploadIncomplete
        return self._seen.name

    async def chunks(self) -> AsyncIterator[bytes]:
        """The bytes of the file; raises Malformed when the body ends before it does."""
        while True:
            taken, self._seen.chunks = self._seen.chunks, []
            for chunk in taken:
                yield chunk
            if await self._feed():
                continue
            if not self._seen.finished:
                raise Malformed("The upload ended in the middle of the file.")
            return

    @property
    def fields(self) -> dict[str, str]:
        """The fields beside the file that have come so far."""
        return {name: value.decode("utf-8", "replace") for name, value in self._seen.fields.items()}

    async def _feed(self) -> bool:
        async for chunk in self._body:
            if not chunk:
                continue
            with _malformed():
                self._parser.write(chunk)
            return True
        return False


@contextmanager
def _malformed() -> Iterator[None]:
    """What the parser does not take, its boundary included, is the client's mistake."""
    try:
        yield
    except FormParserError:
        raise Malformed("The body is not valid multipart/form-data.") from None


async def decoded(field_name: str, data: str, limit_bytes: int, offload: Offload) -> bytes:
    """The bytes of base64 text, decoded off the loop; the limit counts decoded bytes.

    Raises:
        FileTooLarge: more than the limit.
        Rejected: not base64 (RFC 4648, with padding; line breaks are fine).
    """
    if len(data) // 4 * 3 > limit_bytes * 1.1 + 1024:
        raise FileTooLarge(f"The file is larger than {limit_bytes} bytes.")
    try:
        content = await offload.run(_decode, data)
    except (binascii.Error, ValueError):
        raise not_usable(field_name, "is not valid base64", "base64_invalid") from None
    if len(content) > limit_bytes:
        raise FileTooLarge(f"The file is larger than {limit_bytes} bytes.")
    return content


def _decode(data: str) -> bytes:
    return base64.b64decode("".join(data.split()).encode("ascii"), validate=True)


async def in_pieces(content: bytes, piece_bytes: int = 256 * 1024) -> AsyncIterator[bytes]:
    """Bytes at hand as a stream."""
    for start in range(0, len(content), piece_bytes):
        yield content[start : start + piece_bytes]
