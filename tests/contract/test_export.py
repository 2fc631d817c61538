"""Rows as text: what the API writes the calculator reads as the same."""

import string
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.calculator.catalog.catalog import Catalog
from app.calculator.catalog.loader import load
from app.calculator.catalog.reading import Reading
from app.calculator.catalog.rows import Cover, Row
from app.catalog.export import as_csv, as_toml
from app.contract.base import Text
from app.contract.catalog_rows import CatalogRow

ODD = st.text(
    st.one_of(
        st.sampled_from('"[]{},;=#\\\n\r\t\x7f. '), st.characters(codec="utf-8", exclude_characters="\0")
    ),
    min_size=1,
)
"""Whatever may stand in a name; a cell without anything but spaces would be none."""


def rows(*covers: Row) -> list[CatalogRow]:
    return [CatalogRow(table=row.table, key=row.key, fields=row.content()) for row in covers]


def read(**texts: str) -> tuple[Any, ...]:
    reading = Reading()
    for table, text in texts.items():
        reading.toml("export.toml", text) if table == "toml" else reading.csv(table, text)
    reading.refuse()
    return reading.rows


def cover(key: str, english: str, russian: str, source: str) -> Cover:
    return Cover(
        id=key,
        label=Text(en=english, ru=russian),
        factor="1.05",
        days=2,
        source=source,
        date=date(2026, 11, 20),
    )


class TestRoundTrip:
    def test_of_the_shipped_catalogue_as_toml(self) -> None:
        shipped = load()

        assert Catalog(read(toml=as_toml(shipped.content.rows))).version == shipped.version

    def test_of_the_shipped_catalogue_as_csv(self) -> None:
        shipped = load()
        tables = dict.fromkeys(row.table for row in shipped.content.rows)

        texts = {
            table: as_csv([row for row in shipped.content.rows if row.table == table]) for table in tables
        }

        assert Catalog(read(**texts)).version == shipped.version

    @given(key=st.text(string.ascii_letters, min_size=1), english=ODD, russian=ODD, source=ODD)
    def test_of_any_text(self, key: str, english: str, russian: str, source: str) -> None:
        row = cover(key, english, russian, source)

        assert read(toml=as_toml(rows(row))) == (row,)
        assert read(cover=as_csv(rows(row))) == (row,)

    @pytest.mark.parametrize(
        "name", ['"Rudnevo" works', '"', "[R] a list", "{}", " spaces ", "a;b;c", "1.50", "\x85[[cover]]"]
    )
    def test_of_a_text_that_looks_like_something_else(self, name: str) -> None:
        row = cover("zinc", name, name, name)

        plain = cover("tin", "Tin", "Олово", "the shop")

        assert read(cover=as_csv(rows(row, plain))) == (row, plain)
        assert read(toml=as_toml(rows(row, plain))) == (row, plain)
