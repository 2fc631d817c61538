"""Damage to part files, as transmissions, editors and ill will do it: numbers, references, lists, bytes."""

import io
import random
import re
import struct
import zipfile
import zlib
from collections.abc import Callable

from scripts.chaos_suites.parts import is_dxf, is_obj, is_package, is_step
from scripts.chaos_suites.written_parts import packed

Mutator = Callable[[bytes, random.Random], bytes]

NUMBER = re.compile(rb"-?\d+\.\d*(?:[eE][+-]?\d+)?")
REFERENCE = re.compile(rb"#\d+")
WHOLE_NUMBER = re.compile(rb"(?<![\d.])-?\d+(?![\d.])")
EXTREME_WHOLE_NUMBERS = (b"0", b"-1", b"-999", b"70", b"9999999", b"2147483648", b"-9223372036854775809", b"")
TAG = re.compile(rb"<[^>]*>")
LIST = re.compile(rb"\([^()]*\)")
TYPE_NAME = re.compile(rb"[A-Z][A-Z_0-9]{3,}(?=\s*\()")
EXTREME_NUMBERS = (
    b"0.",
    b"-0.",
    b"-1.",
    b"1.E-308",
    b"1.E+308",
    b"-1.E+308",
    b"1.E+999",
    b"99999999999.",
    b"NAN",
    b"",
)
EXTREME_FLOATS = (0.0, -0.0, 1e-38, 1e-45, 1e38, -1e38, float("inf"), float("-inf"), float("nan"))
EXTREME_COUNTS = (0, 1, 2**16, 2**31 - 1, 2**31, 2**32 - 1)
UNPACKING = (zlib.error, NotImplementedError, RuntimeError, KeyError)
STL_HEAD_BYTES, TRIANGLE_BYTES, FLOATS_OF_A_TRIANGLE = 84, 50, 12
MOST_FLIPS, MOST_COPIES, MOST_PIECE_BYTES, MOST_AT_ONCE = 20, 2000, 2000, 3


def mutated(content: bytes, dice: random.Random) -> bytes:
    """The file after one to three damages that suit its format."""
    suitable = BYTES + _own(content)
    for _ in range(dice.randint(1, MOST_AT_ONCE)):
        content = dice.choice(suitable)(content, dice)
    return content


def _own(content: bytes) -> tuple[Mutator, ...]:
    """The damages that only files of this format can take."""
    kinds = ((is_step, STEP), (is_obj, OBJ), (is_dxf, DXF), (is_package, PACKAGE))
    found = next((own for is_kind, own in kinds if is_kind(content)), None)
    return found or (STL_TEXT if content.startswith(b"solid") else STL_BINARY)


def number(content: bytes, dice: random.Random) -> bytes:
    """One number becomes an extreme one, or ten to some power of itself."""

    def changed(found: bytes) -> bytes:
        if dice.random() < 0.5:  # noqa: PLR2004 - as often as not
            return dice.choice(EXTREME_NUMBERS)
        return b"%E" % (float(found) * 10.0 ** dice.randint(-12, 12))

    return _replace_one(NUMBER, content, dice, changed)


def reference(content: bytes, dice: random.Random) -> bytes:
    """One reference points somewhere else: to another entity, to nothing, to a neighbour."""
    known = REFERENCE.findall(content)
    return _replace_one(
        REFERENCE,
        content,
        dice,
        lambda found: dice.choice(
            [dice.choice(known), b"#0", b"#999999999", b"#%d" % (int(found[1:]) + 1), b"$"]
        ),
    )


def list_of_values(content: bytes, dice: random.Random) -> bytes:
    """One list is emptied, loses or repeats an item, or grows beyond measure."""

    def changed(found: bytes) -> bytes:
        items = found[1:-1].split(b",")
        kind = dice.randrange(4)
        if kind == 0:
            return b"()"
        if kind == 1:
            items.pop(dice.randrange(len(items)))
        else:
            items += [dice.choice(items)] * (1 if kind == 2 else dice.randint(2, MOST_COPIES))  # noqa: PLR2004
        return b"(" + b",".join(items) + b")"

    return _replace_one(LIST, content, dice, changed)


def type_name(content: bytes, dice: random.Random) -> bytes:
    """One entity becomes one of another type."""
    known = TYPE_NAME.findall(content)
    return _replace_one(TYPE_NAME, content, dice, lambda _: dice.choice(known))


def whole_number(content: bytes, dice: random.Random) -> bytes:
    """One index, code or count becomes an extreme one or that of another thing."""
    known = WHOLE_NUMBER.findall(content)
    return _replace_one(
        WHOLE_NUMBER, content, dice, lambda _: dice.choice([*EXTREME_WHOLE_NUMBERS, dice.choice(known)])
    )


def tag(content: bytes, dice: random.Random) -> bytes:
    """One tag is missing, there very often, or another one."""
    known = TAG.findall(content)
    return _replace_one(
        TAG,
        content,
        dice,
        lambda found: dice.choice([b"", found * dice.randint(2, MOST_COPIES), dice.choice(known)]),
    )


def entry(content: bytes, dice: random.Random) -> bytes:
    """One entry of a package is damaged as text, missing, or found under another name."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            entries = {name: package.read(name) for name in package.namelist()}
    except (zipfile.BadZipFile, zipfile.LargeZipFile, ValueError, OSError, EOFError, *UNPACKING):
        return flip_bits(content, dice)
    if not entries:
        return content
    name = dice.choice(sorted(entries, key=lambda one: (-len(entries[one]), one))[:2] + list(entries))
    kind = dice.randrange(8)
    damaged = entries.pop(name)
    if kind == 0:
        return packed(entries)
    if kind == 1:
        return packed({**entries, f"../{name}": damaged})
    return packed({**entries, name: dice.choice(XML)(damaged, dice)})


def delete_line(content: bytes, dice: random.Random) -> bytes:
    """A line is missing."""
    lines = content.splitlines(keepends=True)
    if lines:
        lines.pop(dice.randrange(len(lines)))
    return b"".join(lines)


def duplicate_line(content: bytes, dice: random.Random) -> bytes:
    """A line is there twice, the second time anywhere."""
    lines = content.splitlines(keepends=True)
    if lines:
        lines.insert(dice.randrange(len(lines) + 1), dice.choice(lines))
    return b"".join(lines)


def float_of_a_triangle(content: bytes, dice: random.Random) -> bytes:
    """One coordinate of a binary mesh becomes an extreme one."""
    triangles = (len(content) - STL_HEAD_BYTES) // TRIANGLE_BYTES
    if triangles < 1:
        return content
    start = (
        STL_HEAD_BYTES + TRIANGLE_BYTES * dice.randrange(triangles) + 4 * dice.randrange(FLOATS_OF_A_TRIANGLE)
    )
    return content[:start] + struct.pack("<f", dice.choice(EXTREME_FLOATS)) + content[start + 4 :]


def count_of_triangles(content: bytes, dice: random.Random) -> bytes:
    """The head of a binary mesh promises another number of triangles."""
    promised = struct.pack("<I", dice.choice(EXTREME_COUNTS))
    return content[: STL_HEAD_BYTES - 4] + promised + content[STL_HEAD_BYTES:]


def honest_count(content: bytes, dice: random.Random) -> bytes:
    """Triangles are missing or there twice, and the head says so truly."""
    head, body = content[: STL_HEAD_BYTES - 4], content[STL_HEAD_BYTES:]
    triangles = [body[at : at + TRIANGLE_BYTES] for at in range(0, len(body), TRIANGLE_BYTES)]
    chosen = dice.choices(triangles, k=dice.randint(0, 2 * len(triangles))) if triangles else []
    return head + struct.pack("<I", len(chosen)) + b"".join(chosen)


def truncate(content: bytes, dice: random.Random) -> bytes:
    """The end is missing."""
    return content[: dice.randrange(len(content) + 1)]


def flip_bits(content: bytes, dice: random.Random) -> bytes:
    """A few bits are turned."""
    changed = bytearray(content)
    for _ in range(dice.randint(1, MOST_FLIPS) if changed else 0):
        changed[dice.randrange(len(changed))] ^= 1 << dice.randrange(8)
    return bytes(changed)


def delete_piece(content: bytes, dice: random.Random) -> bytes:
    """Some bytes in the middle are missing."""
    start = dice.randrange(len(content) + 1)
    return content[:start] + content[start + dice.randint(1, MOST_PIECE_BYTES) :]


def duplicate_piece(content: bytes, dice: random.Random) -> bytes:
    """Some bytes are there twice."""
    start = dice.randrange(len(content) + 1)
    end = start + dice.randint(1, MOST_PIECE_BYTES)
    return content[:end] + content[start:]


def insert_noise(content: bytes, dice: random.Random) -> bytes:
    """Bytes that mean nothing stand in the middle."""
    start = dice.randrange(len(content) + 1)
    return content[:start] + dice.randbytes(dice.randint(1, 64)) + content[start:]


BYTES: tuple[Mutator, ...] = (truncate, flip_bits, delete_piece, duplicate_piece, insert_noise)
LINES: tuple[Mutator, ...] = (delete_line, duplicate_line)
STEP: tuple[Mutator, ...] = (number, number, reference, reference, list_of_values, type_name, *LINES)
XML: tuple[Mutator, ...] = (number, number, whole_number, whole_number, tag, *LINES, *BYTES)
PACKAGE: tuple[Mutator, ...] = (entry,) * 8
OBJ: tuple[Mutator, ...] = (number, number, whole_number, whole_number, *LINES)
DXF: tuple[Mutator, ...] = (number, number, whole_number, whole_number, *LINES)
STL_TEXT: tuple[Mutator, ...] = (number, *LINES)
STL_BINARY: tuple[Mutator, ...] = (float_of_a_triangle, count_of_triangles, honest_count)


def _replace_one(
    pattern: "re.Pattern[bytes]", content: bytes, dice: random.Random, change: Callable[[bytes], bytes]
) -> bytes:
    found = list(pattern.finditer(content))
    if not found:
        return content
    one = dice.choice(found)
    return content[: one.start()] + change(one.group()) + content[one.end() :]
