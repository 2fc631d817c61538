"""The ZIP package around a 3MF model (ECMA-376 part 2): read in place, counted on the way, never unpacked."""

import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Self
from xml.parsers import expat

from app.calculator.errors import CadTooComplex, CadUnreadable

CHUNK_BYTES = 256 * 1024
MOST_ENTRIES = 10_000
BOMB_RATIO = 200
"""Models of numbers shrink five to twenty times; what shrinks more than this was made to be a bomb."""
BOMB_FLOOR_BYTES = 4 * 2**20
RELATIONSHIPS = "_rels/.rels"
USUAL_MODEL = "3d/3dmodel.model"

_MODEL_TYPE = "http://schemas.microsoft.com/3dmanufacturing/2013/01/3dmodel"
_DRIVE = re.compile(r"[a-z]:")
_ENCRYPTED = 0x1
_DEFLATES = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}


class Package:
    """The parts of a package by name, without regard to case; ``most_bytes`` is what all may inflate to."""

    def __init__(self, path: Path, most_bytes: int) -> None:
        try:
            self._archive = zipfile.ZipFile(path)
        except (zipfile.BadZipFile, ValueError, OSError) as error:
            raise CadUnreadable("the archive has no readable directory: it was cut or damaged") from error
        self._left_bytes = most_bytes
        self._parts = _checked(self._archive.infolist())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._archive.close()

    def chunks(self, name: str) -> Iterator[bytes]:
        """The bytes of a part. Raises ``CadUnreadable`` or ``CadTooComplex``."""
        entry = self._parts.get(part_name(name))
        if entry is None:
            message = f"the package has no part {name[:100]}"
            raise CadUnreadable(message)
        inflated_bytes = 0
        try:
            with self._archive.open(entry) as stream:
                while chunk := stream.read(CHUNK_BYTES):
                    inflated_bytes += len(chunk)
                    self._count(len(chunk), inflated_bytes, entry.compress_size)
                    yield chunk
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError) as error:
            raise CadUnreadable("a part of the archive is damaged") from error

    def model(self) -> str:
        """The name of the part the package is about. Raises ``CadUnreadable`` when there is none."""
        named = _model_target(self.chunks(RELATIONSHIPS)) if RELATIONSHIPS in self._parts else None
        name = part_name(named or USUAL_MODEL)
        if name not in self._parts:
            raise CadUnreadable("the package holds no model")
        return name

    def _count(self, chunk_bytes: int, inflated_bytes: int, packed_bytes: int) -> None:
        self._left_bytes -= chunk_bytes
        if inflated_bytes > max(BOMB_FLOOR_BYTES, BOMB_RATIO * packed_bytes):
            raise CadUnreadable("a part of the archive inflates like a bomb")
        if self._left_bytes < 0:
            raise CadTooComplex("the archive inflates to more bytes than this service reads")


def part_name(name: str) -> str:
    """Part names are compared without regard to case; a leading slash means the package itself."""
    return name.strip().lstrip("/").lower()


def _checked(entries: list[zipfile.ZipInfo]) -> dict[str, zipfile.ZipInfo]:
    if len(entries) > MOST_ENTRIES:
        message = f"{len(entries)} entries are more than a 3MF package has"
        raise CadTooComplex(message)
    parts: dict[str, zipfile.ZipInfo] = {}
    for entry in entries:
        name = part_name(entry.filename)
        if ".." in name.replace("\\", "/").split("/") or _DRIVE.match(name):
            raise CadUnreadable("an entry of the archive points outside of it")
        if name in parts:
            raise CadUnreadable("two entries of the archive have the same name")
        if entry.flag_bits & _ENCRYPTED or entry.compress_type not in _DEFLATES:
            raise CadUnreadable("an entry of the archive is encrypted or packed in an unusual way")
        parts[name] = entry
    return parts


def _model_target(chunks: Iterator[bytes]) -> str | None:
    found: list[str] = []

    def start(_: str, attributes: dict[str, str]) -> None:
        if attributes.get("Type") == _MODEL_TYPE:
            found.append(attributes.get("Target", ""))

    parser = parser_of_elements()
    parser.StartElementHandler = start
    feed(parser, chunks)
    return found[0] if found else None


def parser_of_elements() -> expat.XMLParserType:
    """An XML parser that refuses document types, and with them every entity (OPC forbids both)."""
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartDoctypeDeclHandler = _refuse_doctype
    return parser


def feed(
    parser: expat.XMLParserType, chunks: Iterator[bytes], settle: Callable[[], None] = lambda: None
) -> None:
    """Parse a whole part, settling after every chunk. Raises ``CadUnreadable`` for what is no XML."""
    try:
        for chunk in chunks:
            parser.Parse(chunk, False)
            settle()
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        message = f"the model is not well-formed XML (line {error.lineno})"
        raise CadUnreadable(message) from error
    except LookupError as error:
        if isinstance(error, KeyError | IndexError):
            raise
        raise CadUnreadable("the model is written in an encoding that nobody knows") from error


def _refuse_doctype(*_: object) -> None:
    raise CadUnreadable("the model declares a document type or entities, which 3MF forbids")
