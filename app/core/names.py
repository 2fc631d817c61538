"""File names that can be shown, stored and sent in a header without harm."""

import unicodedata
from urllib.parse import quote

MAX_NAME_LENGTH = 255
FALLBACK = "part"


def clean_name(name: str) -> str:
    """The last component of whatever path a client sent: one line without control or direction marks."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    visible = "".join(char for char in last if not _is_unseen(char))
    stripped = visible.strip().strip(".").strip()
    if len(stripped) <= MAX_NAME_LENGTH:
        return stripped or FALLBACK
    stem, dot, suffix = stripped.rpartition(".")
    tail = dot + suffix if stem and len(suffix) <= 16 else ""  # noqa: PLR2004 - longer is no suffix
    return stripped[: MAX_NAME_LENGTH - len(tail)] + tail


def _is_unseen(char: str) -> bool:
    """Controls, marks of direction, halves of pairs, and the ends of lines and paragraphs."""
    category = unicodedata.category(char)
    return category[0] == "C" or category in {"Zl", "Zp"}


def attachment(name: str) -> str:
    """A Content-Disposition that every browser saves under this name (RFC 6266, RFC 8187)."""
    ascii_name = "".join(char if char.isascii() and char not in '"\\%' else "_" for char in name)
    return f"attachment; filename=\"{ascii_name}\"; filename*=UTF-8''{quote(name, safe='')}"
