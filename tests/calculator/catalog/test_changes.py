from decimal import Decimal
from typing import Any

import pytest

from app.calculator.catalog.loader import changed, load, received
from app.calculator.catalog.reading import CatalogError
from app.contract.catalog_rows import CatalogChanges, CatalogContent

BASE = load()
BRASS = """
[[material]]
id = "brass_L63"
label = { en = "Brass L63", ru = "Латунь Л63" }
family = "brass"
density_kg_m3 = 8440
machinability = "brass"
k_handle_min_per_g = 0.013
forms = [
    { id = "rod", price_per_kg = 500, processes = ["cnc-lathe"] },
]
source = "supplier's list"
date = 2026-12-01
"""
COVERS = "id,label.en,label.ru,factor,days,source,date\n"


def changes(**parts: Any) -> CatalogChanges:
    return CatalogChanges.model_validate(parts)


def faults(**parts: Any) -> list[str]:
    with pytest.raises(CatalogError) as refusal:
        changed(BASE, changes(**parts))
    return [str(fault) for fault in refusal.value.faults]


class TestChanges:
    def test_as_toml_replace_the_row_of_the_same_id(self) -> None:
        catalog = changed(BASE, changes(toml=BRASS))

        (form,) = catalog.materials["brass_L63"].forms
        assert form.price_per_kg == 500
        assert list(catalog.materials) == list(BASE.materials)
        assert catalog.version != BASE.version

    @pytest.mark.parametrize("delimiter", [",", ";"])
    def test_as_csv_add_rows_behind_the_others(self, delimiter: str) -> None:
        text = f"\ufeff{COVERS}anodising,Anodising,Анодирование,1.2,3,shop,2026-12-01\r\n\r\n"

        catalog = changed(BASE, changes(csv={"cover": text.replace(",", delimiter)}))

        assert list(catalog.covers) == [*BASE.covers, "anodising"]
        assert (catalog.covers["anodising"].days, catalog.covers["anodising"].label.ru) == (3, "Анодирование")

    def test_as_csv_write_lists_as_json_and_leave_out_what_is_not_given(self) -> None:
        text = (
            "id,standard,form,families,sizes_mm,bar_lengths_mm,kerf_mm,source,date\n"
            'rods,works,rod,,"[10, 12.5]",[3000],3,shop,2026-12-01\n'
        )

        catalog = changed(BASE, changes(csv={"stock": text}))

        assert [str(size) for size in catalog.stock["rods"].sizes_mm] == ["10", "12.5"]
        assert catalog.stock["rods"].families == ()

    def test_as_a_list_are_whole_rows(self) -> None:
        row = {"table": "cover", "fields": {**BASE.covers["painting"].content(), "days": 4}}

        assert changed(BASE, changes(rows=[row])).covers["painting"].days == 4

    def test_may_drop_rows(self) -> None:
        catalog = changed(BASE, changes(remove=[{"table": "cover", "key": "galvanic"}]))

        assert list(catalog.covers) == ["painting"]

    def test_that_change_nothing_make_the_same_version(self) -> None:
        row = {"table": "cover", "fields": {**BASE.covers["painting"].content(), "factor": "1.0500"}}

        assert changed(BASE, changes(rows=[row])).version == BASE.version


class TestFaults:
    def test_in_toml_are_told_by_line_and_all_at_once(self) -> None:
        text = BRASS.replace("8440", "-1").replace("2026-12-01", '"soon"')

        assert [fault.partition(": ")[0] for fault in faults(toml=text)] == [
            "catalog.toml, line 13",
            "catalog.toml, line 6",
        ]

    def test_in_csv_are_told_by_line(self) -> None:
        text = f"{COVERS}\nzinc,Zinc,Цинк,none,3,shop,2026-12-01\n"

        (fault,) = faults(csv={"cover": text})

        assert fault.startswith("cover.csv, line 3: cover: factor: ")

    @pytest.mark.parametrize(
        ("line", "said"),
        [
            ("zinc,Zinc\n", "line 2: has 2 cells, the first line 7"),
            ("zinc,[1,Цинк,1,3,shop,2026-12-01\n", "is no JSON"),
            ('"zinc,Zinc\n', "cover.csv: "),
        ],
    )
    def test_of_the_text_itself_are_told_too(self, line: str, said: str) -> None:
        (fault,) = faults(csv={"cover": COVERS + line})

        assert said in fault

    def test_in_a_list_are_told_by_its_number(self) -> None:
        good = {"table": "cover", "fields": BASE.covers["painting"].content()}
        bad = {"table": "cover", "fields": {}}

        told = faults(rows=[good, bad])

        assert {fault.partition(":")[0] for fault in told} == {"rows, row 2"}

    def test_of_references_are_told_at_the_row_that_was_changed(self) -> None:
        (fault,) = faults(toml=BRASS.replace('machinability = "brass"', 'machinability = "tin"'))

        assert fault == "catalog.toml, line 7: no machinability 'tin'"

    def test_of_references_left_behind_name_the_row_that_leans_on_them(self) -> None:
        told = faults(remove=[{"table": "machinability", "key": "iron-grey"}])

        assert told == ["material 'iron_SCh20': no machinability 'iron-grey'"]

    def test_are_unknown_tables_and_rows_that_stand_twice_or_are_not_there(self) -> None:
        assert "'metal' is no table" in faults(csv={"metal": "id\nx\n"})[0]
        assert "second time" in faults(toml=BRASS + BRASS)[0]
        assert faults(remove=[{"table": "cover", "key": "gold"}]) == ["remove: there is no cover 'gold'"]

    @pytest.mark.parametrize("figure", ["1e400", "0.0000000000001", "NaN"])
    def test_are_numbers_beyond_all_measure(self, figure: str) -> None:
        fields = {**BASE.covers["painting"].content(), "factor": figure}

        assert faults(rows=[{"table": "cover", "fields": fields}])


OPTION = """
[[{table}]]
id = "{key}"
label = {{ en = "Other", ru = "Другое" }}
factor = {factor}
{more}
source = "the shop"
date = 2026-12-01
"""


class TestPromises:
    """A stricter tolerance, a finer finish, an added cover and a quicker delivery never cost less."""

    @pytest.mark.parametrize(
        ("table", "key", "factor", "more", "said"),
        [
            ("cover", "zinc", "0.9", "days = 1", "cover 'zinc' would make a part cheaper"),
            ("tolerance", "IT7", "1.05", "", "tolerance 'IT7' is stricter than 'IT8' and would cost less"),
            ("tolerance", "IT8", "1.3", "", "tolerance 'IT7' is stricter than 'IT8' and would cost less"),
            ("finish", "Ra0.8", "1", "", "finish 'Ra0.8' is finer than 'Ra1.6' and would cost less"),
            ("finish", "Ra25", "2", "", "finish 'Ra12.5' is finer than 'Ra25' and would cost less"),
            (
                *("lead_time_option", "express", "0.9", "days_factor = 0.6"),
                "lead_time_option 'express' is quicker than 'standard' and would cost less",
            ),
        ],
    )
    def test_that_a_row_breaks_are_told_at_its_line_with_a_remedy(
        self, table: str, key: str, factor: str, more: str, said: str
    ) -> None:
        text = OPTION.format(table=table, key=key, factor=factor, more=more)

        told = faults(toml=text)

        assert told[0].startswith("catalog.toml, line 5: ")
        assert any(said in fault for fault in told)
        assert all("make it 1 or more" in fault or "raise the one or lower" in fault for fault in told)

    def test_may_be_kept_by_equal_factors(self) -> None:
        text = OPTION.format(table="tolerance", key="IT7", factor="1.1", more="")
        text += OPTION.format(table="cover", key="oil", factor="1", more="days = 0")

        assert changed(BASE, changes(toml=text)).tolerances["IT7"].factor == Decimal("1.1")

    def test_say_nothing_of_names_without_an_order(self) -> None:
        text = OPTION.format(table="tolerance", key="h7", factor="0.5", more="")

        assert "h7" in changed(BASE, changes(toml=text)).tolerances

    def test_of_a_version_that_is_there_already_are_not_judged_again(self) -> None:
        cheap = BASE.covers["painting"].model_copy(update={"factor": Decimal("0.9")})
        old = BASE.with_rows([cheap])

        assert received(old.content).version == old.version


class TestReceived:
    def test_is_the_same_catalogue_after_the_way_through_json(self) -> None:
        content = CatalogContent.model_validate_json(BASE.content.model_dump_json())

        catalog = received(content)

        assert catalog.version == BASE.version
        assert catalog.content == BASE.content

    def test_the_order_within_a_table_is_content(self) -> None:
        rows = BASE.content.rows
        turned = [row for row in rows if row.table != "location"]
        turned += [row for row in reversed(rows) if row.table == "location"]

        with pytest.raises(CatalogError, match="version: these rows are those of"):
            received(CatalogContent(version=BASE.version, rows=tuple(turned)))

    def test_the_order_of_tables_is_not(self) -> None:
        rows = sorted(BASE.content.rows, key=lambda row: row.table, reverse=True)

        assert received(CatalogContent(version=BASE.version, rows=tuple(rows))).version == BASE.version
