"""Vertices and faces of Wavefront OBJ text, many lines at a time."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from app.calculator.errors import CadUnreadable
from app.calculator.readers.digits import Corners, Indices, floats, integers
from app.contract.formats import BOM

BLOCK_BYTES = 4 * 2**20
_NEWLINE, _BLANK, _SLASH, _V, _F = b"\n /vf"
_COMMENT = re.compile(rb"#[^\n]*")
_SPACE_COORDINATES = 3

Bytes = npt.NDArray[np.uint8]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Block:
    """Some lines: vertices (n, 3), and faces as rows of vertices (from 0), one polygon after the other."""

    vertices: Corners
    corners: Indices
    sizes: Indices


def blocks(data: bytes) -> Iterator[Block]:
    """The statements ``v`` and ``f`` of the text in order; everything else is passed over."""
    text = _unfolded(data)
    start, known = 0, 0
    while start < len(text):
        end = text.find(b"\n", min(start + BLOCK_BYTES, len(text) - 1)) + 1 or len(text)
        block = _block(_Lines(text[start:end]), known)
        known += len(block.vertices)
        start = end
        yield block


def _unfolded(data: bytes) -> bytes:
    """Plain lines: no byte order mark, no comments, no line that goes on in the next."""
    text = data.removeprefix(BOM)
    if b"\n" not in text:
        text = text.replace(b"\r", b"\n")
    if b"\\" in text:
        text = text.replace(b"\\\r\n", b" ").replace(b"\\\n", b" ")
    return _COMMENT.sub(b"", text) if b"#" in text else text


class _Lines:
    """The lines that say something: the letter they begin with and how many words follow it."""

    def __init__(self, text: bytes) -> None:
        self.text: Bytes = np.frombuffer(text + b"\n", dtype=np.uint8).copy()
        blank = self.text <= _BLANK
        self._ends = np.flatnonzero(self.text == _NEWLINE)
        words = np.flatnonzero(~blank & np.concatenate(([True], blank[:-1])))
        self._lines, first, words_of = np.unique(
            np.searchsorted(self._ends, words), return_index=True, return_counts=True
        )
        heads = words[first]
        self.letter = np.where(blank[heads + 1], self.text[heads], 0)
        self.words: Indices = words_of - 1
        self.text[heads] = _BLANK

    def text_of(self, wanted: Flags) -> Bytes:
        """The words behind the first one of the wanted lines, one line after the other."""
        flags = np.zeros(len(self._ends), dtype=np.bool_)
        flags[self._lines[wanted]] = True
        return self.text[np.repeat(flags, np.diff(self._ends, prepend=-1))]


def _block(lines: _Lines, known: int) -> Block:
    """``known`` vertices came before: negative numbers count back from where the face stands."""
    is_vertex, is_face = lines.letter == _V, lines.letter == _F
    vertices = _vertices(lines.text_of(is_vertex), lines.words[is_vertex])
    sizes = lines.words[is_face]
    corners = integers(_without_slashes(lines.text_of(is_face)).tobytes(), int(sizes.sum()))
    if not corners.all():
        raise CadUnreadable("a face names the vertex 0; they are counted from 1")
    before = np.repeat(known + np.cumsum(is_vertex)[is_face], sizes)
    return Block(vertices, np.where(corners > 0, corners - 1, corners + before), sizes)


def _vertices(text: Bytes, words: Indices) -> Corners:
    """The first three numbers of every line: a weight or a colour may follow."""
    numbers = floats(text.tobytes(), int(words.sum()))
    if (words < _SPACE_COORDINATES).any():
        raise CadUnreadable("a vertex has fewer than three coordinates")
    first = np.cumsum(words) - words
    vertices: Corners = numbers[first[:, None] + np.arange(_SPACE_COORDINATES)]
    return vertices


def _without_slashes(text: Bytes) -> Bytes:
    """Of ``vertex/texture/normal`` only the vertex."""
    slash = text == _SLASH
    if not slash.any():
        return text
    here = np.arange(len(text), dtype=np.int32)
    last_blank = np.maximum.accumulate(np.where(text <= _BLANK, here, -1))
    last_slash = np.maximum.accumulate(np.where(slash, here, -1))
    return np.where(last_slash > last_blank, np.uint8(_BLANK), text)
