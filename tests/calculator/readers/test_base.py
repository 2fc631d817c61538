import io

import pytest

from app.calculator.readers.base import format_of
from tests.calculator.bodies import ascii_stl, binary_stl, box

CUBE = box(10, 10, 10)


def kind(content: bytes) -> str | None:
    return format_of(io.BytesIO(content))


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(binary_stl(CUBE), id="binary"),
        pytest.param(binary_stl(CUBE, header=b"solid facet"), id="binary that says solid"),
        pytest.param(binary_stl(CUBE)[:-20], id="binary, cut"),
        pytest.param(binary_stl(CUBE, tail=b"PK\x03\x04 and more"), id="binary with a tail"),
        pytest.param(binary_stl(CUBE, count=2**31), id="binary with an absurd count"),
        pytest.param(ascii_stl([CUBE]), id="ascii"),
        pytest.param(b"\xef\xbb\xbf\r\n SOLID x\r\nFACET normal", id="ascii with a byte order mark"),
        pytest.param(b"solid nothing\nendsolid nothing\n", id="ascii without facets"),
    ],
)
def test_stl_is_known_by_its_content(content: bytes) -> None:
    assert kind(content) == "stl"


@pytest.mark.parametrize("start", [b"ISO-10303-21;", b"\xef\xbb\xbfISO-10303-21;", b"\r\n  iso-10303-21;"])
def test_step_is_known_by_its_first_words(start: bytes) -> None:
    assert kind(start + b"HEADER;") == "step"


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"\x89PNG\r\n\x1a\n" + bytes(500), id="picture"),
        pytest.param(b"PK\x03\x04" + bytes(500), id="archive"),
        pytest.param(b"solid ground under our feet", id="prose"),
        pytest.param(b"text " * 100, id="text"),
        pytest.param(bytes(range(256)) * 4, id="noise"),
    ],
)
def test_other_content_has_no_reader(content: bytes) -> None:
    assert kind(content) is None


def test_the_file_is_left_at_its_start() -> None:
    file = io.BytesIO(binary_stl(CUBE))

    format_of(file)

    assert file.tell() == 0
