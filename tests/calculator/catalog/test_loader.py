from collections import Counter
from pathlib import Path
from shutil import copytree

import pytest

from app.calculator.catalog.loader import SHIPPED, load
from app.calculator.catalog.reading import CatalogError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    target = tmp_path / "catalog"
    copytree(SHIPPED, target, ignore=lambda _folder, names: [name for name in names if "toml" not in name])
    return target


def change(folder: Path, file: str, old: str, new: str) -> int:
    """Replaces the first occurrence and tells the line it stood in."""
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return text[: text.index(old)].count("\n") + 1


class TestShipped:
    def test_holds_the_tables_of_the_original(self) -> None:
        catalog = load()

        original = [row for row in catalog.rows if row.source.startswith("original rule engine")]
        tables = Counter(row.table for row in original)
        assert (tables["material"], tables["machine"], tables["location"]) == (23, 27, 3)
        assert (len(catalog.tolerances), len(catalog.finishes), len(catalog.covers)) == (6, 5, 2)
        assert (len(catalog.controls), len(catalog.certificates)) == (3, 7)

    def test_every_row_has_a_source_and_a_date(self) -> None:
        assert all(row.source and row.date.year >= 2026 for row in load().rows)

    def test_ids_are_latin(self) -> None:
        assert all(row.key.isascii() for row in load().rows)

    def test_a_price_that_is_a_guess_says_so(self) -> None:
        guessed = [load().materials[key] for key in ("steel_304", "alum_6061", "alum_1163T", "PLA")]

        assert all("editable seed" in row.source for row in guessed)
        assert "editable seed" not in load().materials["titanium_VT6"].source

    def test_a_material_without_density_says_why_it_has_no_price(self) -> None:
        unpriced = {row.id for row in load().materials.values() if row.unpriced}

        assert unpriced == {"alum_AK7pch", "other"}


class TestVersion:
    def test_is_the_same_for_the_same_rows(self, folder: Path) -> None:
        assert load(folder).version == load().version

    def test_is_another_when_one_figure_changes(self, folder: Path) -> None:
        change(folder, "locations.toml", "874.57", "874.58")

        assert load(folder).version != load().version


class TestBadRows:
    @pytest.mark.parametrize(
        ("file", "old", "new", "said"),
        [
            ("locations.toml", "price_of_hour = 874.57", "price_of_hour = -1", "price_of_hour"),
            ("materials.toml", "density_kg_m3 = 2710.0", "densty = 1", "densty"),
            ("machines.toml", 'location_id = "location_2"', 'location_id = "moon"', "no location 'moon'"),
            ("materials.toml", 'machinability = "brass"', 'machinability = "tin"', "no machinability 'tin'"),
            ("shop.toml", 'default_finish_id = "Ra3.2"', 'default_finish_id = "Ra9"', "'Ra9'"),
            ("coefficients.toml", "factor = 1.15", "factor = 1.05", "'IT7' is stricter than 'IT8'"),
        ],
    )
    def test_are_named_by_file_and_line(self, folder: Path, file: str, old: str, new: str, said: str) -> None:
        line = change(folder, file, old, new)

        with pytest.raises(CatalogError, match=said) as refusal:
            load(folder)

        assert str(refusal.value).startswith(f"{file}, line {line}: ")

    def test_a_row_that_stands_twice_is_named_where_it_stands_again(self, folder: Path) -> None:
        line = change(folder, "services.toml", 'id = "welding"', 'id = "grinding"')

        with pytest.raises(CatalogError, match=f"services.toml, line {line - 1}: .*'grinding'.*second time"):
            load(folder)

    def test_text_that_is_no_toml_is_named_by_its_line(self, folder: Path) -> None:
        line = change(folder, "shop.toml", 'currency = "RUB"', "currency = RUB")

        with pytest.raises(CatalogError, match=rf"shop.toml: .*line {line}"):
            load(folder)

    def test_an_unknown_table_is_refused(self, folder: Path) -> None:
        change(folder, "shop.toml", "[[quantity_band]]", "[[quantity_bend]]")

        with pytest.raises(CatalogError, match="quantity_bend"):
            load(folder)

    def test_a_folder_without_a_shop_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(CatalogError, match="exactly one shop"):
            load(tmp_path)
