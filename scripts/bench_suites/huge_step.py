"""STEP files of any size: assemblies of thousands of real parts, and entities that mean nothing."""

import re
from collections.abc import Iterator
from itertools import count
from pathlib import Path

PART = Path(__file__).resolve().parents[2] / "app" / "files" / "demo" / "stepped-shaft.step"
NUMBER = re.compile(r"#(\d+)")
NO_NAME = "('',"
END = "ENDSEC;\nEND-ISO-10303-21;\n"
POINTS_AT_ONCE = 1000


def many_parts(path: Path, size_bytes: int, name_chars: int = 0) -> Path:
    """The same part again and again, each with a product of its own.

    Long names make a large file of few entities.
    """
    return _written(path, size_bytes, _copies("n" * name_chars))


def many_points(path: Path, size_bytes: int, name_chars: int = 0) -> Path:
    """Entities nothing refers to."""
    return _written(path, size_bytes, _points("n" * name_chars))


def _written(path: Path, size_bytes: int, pieces: Iterator[str]) -> Path:
    head, _, _ = PART.read_text(encoding="ascii").partition("DATA;")
    with path.open("w", encoding="ascii") as file:
        written = file.write(f"{head}DATA;\n")
        while written < size_bytes - len(END):
            written += file.write(next(pieces))
        file.write(END)
    return path


def _copies(name: str) -> Iterator[str]:
    body = PART.read_text(encoding="ascii").partition("DATA;")[2].partition("ENDSEC;")[0]
    numbers = [int(number) for number in NUMBER.findall(body)]
    text = NUMBER.sub("#%d", body.replace(NO_NAME, f"('{name}',"))
    for offset in count(0, max(numbers)):
        yield text % tuple(number + offset for number in numbers)


def _points(name: str) -> Iterator[str]:
    for first in count(1, POINTS_AT_ONCE):
        yield "".join(
            f"#{number}=CARTESIAN_POINT('{name}',({number}.,0.5,1.E-3));\n"
            for number in range(first, first + POINTS_AT_ONCE)
        )
