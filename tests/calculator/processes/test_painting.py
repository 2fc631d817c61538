"""Painting: the figures of the original rule, and what was corrected; published prices of powder coating."""

from decimal import Decimal
from math import pi
from typing import Any

import pytest

from app.calculator.catalog.catalog import Catalog
from app.calculator.catalog.loader import load
from app.calculator.catalog.rows import Figure, Machine
from app.calculator.errors import PartOutsideLimits, ValidationFailed
from app.calculator.pipeline.quote import quote
from app.contract.pricing import CostLine, Price
from tests.factories.parts import make_drawing, make_facts, make_hole, make_price_request

CATALOG = load()
PLATE = {"length_mm": 100, "width_mm": 80, "height_mm": 5}
MILLION_TIMES = {"length_mm": 100_000, "width_mm": 80_000, "height_mm": 5_000}
"""A part a thousand times as long each way: what the original charged, as it took mm2 for m2."""
ROUBLES_PER_DOLLAR = 80
SQUARE_FEET = 10.7639


def endless_booth() -> Catalog:
    """The shipped catalogue with a booth for every size and no minimum price."""
    booth = CATALOG.machines["machine_131"].model_dump() | {"x_mm": None, "y_mm": None, "z_mm": None}
    least = next(row for row in CATALOG.rows if row.key == "painting/minimum_per_order")
    free = Figure.model_validate(least.model_dump() | {"value": 0})
    return CATALOG.with_rows([Machine.model_validate(booth), free])


ENDLESS = endless_booth()


def price(catalog: Catalog = CATALOG, **changes: Any) -> Price:
    wish = {"service_id": "painting", "material_id": "alum_D16", "material_form": "sheet", **changes}
    return quote(make_price_request(**wish), catalog)


def line(answer: Price, code: str) -> CostLine:
    every = [one for top in answer.lines for one in (top, *top.children)]
    return next(one for one in every if one.code == code)


PLAIN = {"paint_type": "acrylic", "paint_prepare": "a", "paint_primer": "b", "paint_lakery": "a"}
CAREFUL = {"paint_type": "epoxy", "paint_prepare": "c", "paint_primer": "c", "paint_lakery": "c"}


class TestGolden:
    """Rows 21 and 28 of the original rule engine (js-owl/maas-calc 3.3.0)."""

    @pytest.mark.parametrize(
        ("params", "quantity", "original", "corrected"),
        [
            ({**PLAIN, "control_type": 1}, 15, 11_207_325, "11.25"),
            ({**CAREFUL, "control_type": 3}, 1, 1_925_322, "1.93"),
        ],
        ids=["row 21", "row 28"],
    )
    def test_the_original_charged_square_millimetres_as_square_metres(
        self, params: dict[str, Any], quantity: int, original: int, corrected: str
    ) -> None:
        old = price(ENDLESS, dimensions=MILLION_TIMES, params=params, quantity=quantity)
        new = price(ENDLESS, dimensions=PLATE, params=params, quantity=quantity)

        assert abs(old.total_price - original) < 1
        assert new.total_price == Decimal(corrected)
        assert (old.engine, new.engine, new.hours.total) == ("rules", "rules", 0)

    def test_quantity_bands_make_painting_cheaper_as_they_did(self) -> None:
        prices = [
            price(ENDLESS, dimensions=MILLION_TIMES, quantity=count).unit_price for count in (1, 21, 101, 501)
        ]

        factors = [float(one / prices[0]) for one in prices]
        assert factors == pytest.approx([1, 0.95, 0.85, 0.80], abs=1e-6)


class TestMinimum:
    def test_an_order_costs_so_much_at_least(self) -> None:
        answer = price(dimensions=PLATE, quantity=15)

        assert answer.total_price == Decimal("1500.00")
        assert [top.code for top in answer.lines] == ["material", "finishing", "minimum"]
        assert sum(top.amount for top in answer.lines) == answer.total_price

    def test_many_pieces_cost_the_same_until_they_cost_more(self) -> None:
        totals = [price(dimensions=PLATE, quantity=count).total_price for count in (1, 1000, 10_000)]

        assert totals[0] == totals[1] == Decimal(1500)
        assert totals[2] > 1500


class TestArea:
    @pytest.mark.parametrize(
        ("dimensions", "area"),
        [
            ({"length_mm": 30, "width_mm": 20, "height_mm": 10}, 2200),
            ({"diameter_mm": 20, "length_mm": 50}, pi * 20 * 50 + 2 * pi * 100),
        ],
    )
    def test_of_dimensions_is_that_of_box_or_cylinder(self, dimensions: dict[str, int], area: float) -> None:
        answer = price(dimensions=dimensions)

        assert line(answer, "coating").inputs["area_per_piece"].value == pytest.approx(area, rel=1e-6)

    @pytest.mark.parametrize(
        ("mask", "masked", "area"),
        [
            ("none", [], 0),
            ("threads", ["hole-1"], pi * 5 * 12),
            ("holes", ["hole-1", "hole-2"], pi * (5 * 12 + 8 * 25)),
        ],
    )
    def test_threads_and_bores_stay_bare(self, mask: str, masked: list[str], area: float) -> None:
        threaded = {**make_hole(1, 5, 12), "thread_candidate": "M6"}
        facts = make_facts(features=[threaded, make_hole(2, 8, 25)])

        answer = price(facts=facts, params={"mask": mask})

        setup = next(top for top in answer.lines if top.code == "setup")
        plugs = [one for one in setup.children if one.code == "masking"]
        assert [one.feature_id for one in plugs] == masked
        told = sum(one.inputs["masked_area_per_piece"].value for one in plugs)
        assert told == pytest.approx(area, rel=1e-5)

    def test_what_is_masked_is_not_painted(self) -> None:
        facts = make_facts(features=[make_hole(2, 8, 25)])

        painted = [
            line(price(facts=facts, params={"mask": mask}), "coating").inputs["painted_area_per_piece"].value
            for mask in ("none", "holes")
        ]

        assert painted[0] - painted[1] == pytest.approx(pi * 200, rel=1e-3)

    def test_more_holes_than_surface_leave_nothing(self) -> None:
        facts = make_facts(features=[make_hole(number, 40, 400) for number in range(80)])

        answer = price(facts=facts, params={"mask": "holes"})

        assert line(answer, "coating").inputs["painted_area_per_piece"].value == 0
        assert len([one for top in answer.lines for one in top.children if one.code == "masking"]) == 51


class TestPowder:
    def panel(self, **changes: Any) -> Price:
        facts = make_facts((1000, 1000, 2), volume_mm3=1.9e6, area_mm2=2.008e6)
        wish = {
            "material_id": "steel_St3",
            "facts": facts,
            "quantity": 50,
            "params": {"paint_type": "powder"},
        }
        return price(**{**wish, **changes})

    def test_of_large_panels_costs_what_is_published_for_a_square_foot(self) -> None:
        """2 to 5 USD (powdercoatinginsanantonio); 4 to 45 USD (mchoneind) for smaller lots."""
        dollars = float(self.panel().unit_price) / ROUBLES_PER_DOLLAR / (2.008 * SQUARE_FEET)

        assert 2 <= dollars <= 5

    def test_of_one_panel_is_dearer_by_its_set_up(self) -> None:
        dollars = float(self.panel(quantity=1).unit_price) / ROUBLES_PER_DOLLAR / (2.008 * SQUARE_FEET)

        assert 4 <= dollars <= 45

    def test_a_load_of_the_oven_is_shared(self) -> None:
        few, more = (line(self.panel(quantity=count), "oven") for count in (20, 28))

        assert few.inputs["batches"].value == more.inputs["batches"].value == 1
        assert line(self.panel(quantity=200), "oven").inputs["batches"].value > 1


class TestChoices:
    @pytest.mark.parametrize("step", ["paint_prepare", "paint_primer", "paint_lakery"])
    @pytest.mark.parametrize(
        "part", [{"dimensions": MILLION_TIMES}, {"facts": make_facts()}], ids=["rule", "file"]
    )
    def test_a_more_careful_step_costs_more(self, step: str, part: dict[str, Any]) -> None:
        totals = [price(ENDLESS, **part, params={step: letter}).total_price for letter in "abc"]

        assert totals[0] < totals[1] < totals[2]

    def test_a_stricter_control_costs_more(self) -> None:
        totals = [
            price(facts=make_facts(), params={"control_type": kind}, quantity=50).total_price
            for kind in (1, 2, 3)
        ]

        assert totals[0] < totals[1] < totals[2]

    def test_nothing_is_bought_for_the_customers_parts(self) -> None:
        answer = price(facts=make_facts(), costs=True)

        own = next(one for one in answer.lines[0].children if one.code == "material")
        assert (own.amount, own.label.en) == (Decimal(0), "The customer's parts")
        assert answer.material.stock.shape == "part"
        assert answer.material.mass_kg == pytest.approx(90_000e-9 * 2800, rel=1e-3)
        assert answer.material.cost == line(answer, "paint").amount

    def test_covers_control_and_haste_act_on_the_rule_too(self) -> None:
        plain = price(ENDLESS, dimensions=MILLION_TIMES)
        wishes: list[dict[str, Any]] = [
            {"cover_ids": ["galvanic"]},
            {"control_id": "control-customer"},
            {"lead_time": "express"},
        ]

        for wish, factor in zip(wishes, (1.15, 1.2, 1.25), strict=True):
            dearer = price(ENDLESS, dimensions=MILLION_TIMES, **wish)
            assert float(dearer.total_price / plain.total_price) == pytest.approx(factor, abs=1e-6)

    def test_tolerance_and_finish_do_not_matter_and_that_is_said(self) -> None:
        answer = price(facts=make_facts(), tolerance_id="IT7", finish_id="Ra0.8")

        assert [one.code for one in answer.findings if one.code == "choice-not-applied"] == [
            "choice-not-applied"
        ] * 2

    def test_a_colour_is_kept(self) -> None:
        answer = price(facts=make_facts(), params={"paint_color": "RAL 9005"})

        assert answer.used["params.paint_color"].value == "RAL 9005"


class TestRefusals:
    @pytest.mark.parametrize(
        "params",
        [
            {"paint_type": "gold"},
            {"paint_prepare": "d"},
            {"control_type": 4},
            {"paint_color": ""},
            {"paint_color": "x" * 41},
            {"mask": "all"},
            {"paint_typ": "acrylic"},
        ],
    )
    def test_of_a_choice_nobody_knows_name_it(self, params: dict[str, Any]) -> None:
        with pytest.raises(ValidationFailed, match=f"params.{next(iter(params))}"):
            price(dimensions=PLATE, params=params)

    def test_a_drawing_has_no_surface(self) -> None:
        with pytest.raises(PartOutsideLimits) as caught:
            price(facts=make_drawing())

        assert [one.code for one in caught.value.findings] == ["drawing-without-volume"]

    def test_a_part_larger_than_the_booth(self) -> None:
        with pytest.raises(PartOutsideLimits) as caught:
            price(dimensions={"length_mm": 4000, "width_mm": 100, "height_mm": 100})

        assert [one.code for one in caught.value.findings] == ["no-machine-fits"]
