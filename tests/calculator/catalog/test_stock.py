from datetime import date
from decimal import Decimal

import pytest
from pydantic import ValidationError

from app.calculator.catalog.loader import load
from app.calculator.catalog.rows import Stock


def stock(**changes: object) -> Stock:
    row = {
        "id": "rods",
        "standard": "GOST 2590",
        "form": "rod",
        "sizes_mm": (10, 12, 14),
        "bar_lengths_mm": (3000,),
        "kerf_mm": 3,
        "source": "test",
        "date": date(2026, 11, 20),
    }
    return Stock.model_validate({**row, **changes})


class TestStock:
    @pytest.mark.parametrize("sizes", [(12, 10), (10, 10)])
    def test_refuses_sizes_that_do_not_rise(self, sizes: tuple[int, ...]) -> None:
        with pytest.raises(ValidationError, match="must rise"):
            stock(sizes_mm=sizes)

    @pytest.mark.parametrize(
        "lengths", [{"bar_lengths_mm": ()}, {"sheets": ({"width_mm": 1000, "length_mm": 2000},)}]
    )
    def test_is_sold_either_in_sheets_or_in_bars(self, lengths: dict[str, object]) -> None:
        with pytest.raises(ValidationError, match="either sheets or"):
            stock(**lengths)


class TestShippedStock:
    def test_every_solid_form_of_every_material_has_sizes(self) -> None:
        catalog = load()
        solid = {row.form for row in catalog.stock.values()}

        assert solid == {"sheet", "rod", "hexagon"}
        assert all(
            catalog.stock_of(form.id, material.family)
            for material in catalog.materials.values()
            for form in material.forms
            if form.id in solid
        )

    def test_rows_of_a_family_go_before_those_for_every_family(self) -> None:
        catalog = load()

        assert [row.id for row in catalog.stock_of("rod", "steel")] == ["rod_steel"]
        assert [row.id for row in catalog.stock_of("hexagon", "alum")] == ["hexagon_any"]
        assert [row.id for row in catalog.stock_of("sheet", "alum")] == ["sheet_aluminium", "plate_aluminium"]

    def test_round_bars_of_steel_are_those_of_their_standard(self) -> None:
        (rods,) = load().stock_of("rod", "steel")

        assert rods.standard == "GOST 2590"
        assert (min(rods.sizes_mm), max(rods.sizes_mm)) == (Decimal(5), Decimal(270))
