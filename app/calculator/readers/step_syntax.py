"""Looking at STEP text (ISO 10303-21) before the CAD kernel does: counts, nesting, ends, units."""

import re

import numpy as np
import numpy.typing as npt

from app.calculator.errors import CadTooComplex, CadUnreadable
from app.calculator.geometry.units import unit_name
from app.calculator.readers.base import ReadLimits

DEEPEST_NESTING = 500
"""Real files nest lists a handful deep; parsers recurse."""

_OPEN, _CLOSE, _END = b"();"
_STEP_OF = np.zeros(256, dtype=np.int32)
_STEP_OF[_OPEN], _STEP_OF[_CLOSE] = 1, -1
_WANTED = np.zeros(256, dtype=np.bool_)
_WANTED[[_OPEN, _CLOSE, _END]] = True
_SOLIDS = re.compile(rb"=\s*(?:MANIFOLD_SOLID_BREP|FACETED_BREP|BREP_WITH_VOIDS)\s*\(", re.IGNORECASE)
_NAMED_LENGTH = re.compile(
    rb"CONVERSION_BASED_UNIT\s*\(\s*'([^']{1,40})'[^;]{0,200}?\bLENGTH_UNIT", re.IGNORECASE
)
_LENGTH_FIRST = re.compile(rb"\bLENGTH_UNIT\s*\(\s*\)[^;]{0,200}?CONVERSION_BASED_UNIT\s*\(\s*'([^']{1,40})'")


def check_syntax(data: bytes, limits: ReadLimits) -> None:
    """Refuse what is known to exhaust or kill parsers, and what was cut."""
    entities = data.count(b"=")
    if entities > limits.max_entities:
        message = f"about {entities} entities are more than the {limits.max_entities} this service reads"
        raise CadTooComplex(message)
    if b"END-ISO-10303-21" not in data[-4096:] and b"END-ISO-10303-21" not in data:
        raise CadUnreadable("the file has no end: it was cut")
    if _has_open_comment(data):
        raise CadUnreadable("a comment is never closed")
    if _nesting(np.frombuffer(data, dtype=np.uint8)) > DEEPEST_NESTING:
        raise CadUnreadable("lists are nested deeper than any CAD program writes")


def declared_solids(data: bytes) -> int:
    """How many solids the file says it holds, at most: text inside names is not told apart."""
    return sum(1 for _ in _SOLIDS.finditer(data))


def converted_length_unit(data: bytes) -> str | None:
    """The length unit that the file defines by conversion (inch, foot), if it does."""
    found = _LENGTH_FIRST.search(data) or _NAMED_LENGTH.search(data)
    return unit_name(found.group(1).decode("latin-1")) if found else None


def _has_open_comment(data: bytes) -> bool:
    start = data.rfind(b"/*")
    if start < 0 or data.find(b"*/", start + 2) >= 0:
        return False
    statement = data.rfind(b";", 0, start) + 1
    return data.count(b"'", statement, start) % 2 == 0


def _nesting(text: npt.NDArray[np.uint8]) -> int:
    """The deepest nesting of parentheses, counted anew in every statement."""
    marks = text[_WANTED[text]]
    if not len(marks):
        return 0
    depth = np.cumsum(_STEP_OF[marks])
    ends = np.flatnonzero(marks == _END)
    base = np.zeros(len(marks), dtype=np.int64)
    base[ends] = ends + 1
    start = np.maximum.accumulate(base)
    before = np.concatenate(([0], depth))[start]
    return int((depth - before).max())
