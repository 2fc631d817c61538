"""What a price says: lines, breaks, defaults, machines, hash."""

from decimal import Decimal
from typing import Any

import pytest

from app.calculator.catalog.loader import load
from app.calculator.catalog.reading import CatalogError
from app.calculator.catalog.rows import Figure
from app.calculator.pipeline.quote import public_catalog, quote
from app.contract.pricing import CostLine, Price
from tests.factories.parts import make_facts, make_hole, make_price_request

CATALOG = load()


def price(**changes: Any) -> Price:
    return quote(make_price_request(**changes), CATALOG)


def line(answer: Price, code: str) -> CostLine:
    return next(line for line in answer.lines if line.code == code)


class TestDefaults:
    def test_names_every_parameter_and_whether_it_was_assumed(self) -> None:
        answer = price(quantity=3)

        assert {name: used.value for name, used in answer.used.items()} == {
            "quantity": 3,
            "material_id": "alum_D16",
            "material_form": "rod",
            "tolerance_id": "IT10",
            "finish_id": "Ra3.2",
            "cover_ids": [],
            "control_id": "control-manufacturer",
            "certificate_ids": [],
            "location_id": "location_1",
            "lead_time": "standard",
            "params.n_dimensions": 1,
            "params.k_type": "1",
            "params.k_process": "1",
            "params.cnc_complexity": "medium",
            "params.cnc_setup_time": None,
            "params.special_equipment": False,
            "params.threads": "drawn",
            "params.axes": None,
        }
        assert {name for name, used in answer.used.items() if not used.assumed} == {"quantity", "material_id"}

    @pytest.mark.parametrize(
        ("service_id", "material_id", "location_id"),
        [("cnc-milling", "alum_D16", "location_1"), ("printing", "PA12", "location_3")],
    )
    def test_location_is_the_first_with_a_machine_of_the_process(
        self, service_id: str, material_id: str, location_id: str
    ) -> None:
        answer = price(service_id=service_id, material_id=material_id)

        assert answer.used["location_id"].value == location_id

    @pytest.mark.parametrize("facts", [None, make_facts()], ids=["rules", "features"])
    def test_form_is_the_cheapest_that_can_be_had(self, facts: Any) -> None:
        chosen = price(facts=facts)
        others = [price(facts=facts, material_form=form) for form in ("sheet", "rod", "hexagon")]

        assert chosen.total_price == min(other.total_price for other in others)

    def test_form_is_one_sold_in_the_size_when_there_is_one(self) -> None:
        large = {"length_mm": 400, "width_mm": 300, "height_mm": 100}

        assert price(dimensions=large).material.form == "sheet"


class TestLines:
    def test_material_costs_what_its_line_says(self) -> None:
        answer = price(quantity=7, facts=make_facts())

        assert answer.material.cost == line(answer, "material").amount

    def test_never_show_rates_factors_or_purchase_prices(self) -> None:
        answer = price(facts=make_facts(), cover_ids=["painting"], tolerance_id="IT7", finish_id="Ra0.8")

        lines = [one for top in answer.lines for one in (top, *top.children)]
        units = {figure.unit for one in lines for figure in one.inputs.values()}
        counted = {"pieces", "setups", "tools", "features", "blanks"}
        assert units <= {"mm", "mm2", "mm3", "kg", "h", *counted}
        assert "874" not in answer.model_dump_json(include={"lines"})

    def test_a_surcharge_names_what_it_is_for(self) -> None:
        answer = price(tolerance_id="IT7")

        assert line(answer, "tolerance").label.en == "Tolerance: IT7"

    def test_a_coarse_tolerance_makes_machining_cheaper_instead_of_a_negative_line(self) -> None:
        answer = price(tolerance_id="IT12", finish_id="Ra12.5")

        assert [one.code for one in answer.lines] == ["material", "setup", "machining"]

    @pytest.mark.parametrize("quantity", [1, 13])
    @pytest.mark.parametrize(
        "changes",
        [
            {"dimensions": {"length_mm": 100, "width_mm": 50, "height_mm": 10}},
            {"facts": make_facts(features=[make_hole(1)])},
            {"facts": make_facts(), "service_id": "printing", "material_id": "PA12"},
        ],
        ids=["rules", "features", "printing"],
    )
    def test_times_of_the_lines_sum_up_to_the_hours(self, quantity: int, changes: dict[str, Any]) -> None:
        answer = price(quantity=quantity, tolerance_id="IT7", cover_ids=["painting"], **changes)

        hours = answer.hours
        for group, spent in (("setup", hours.setup), ("machining", hours.machining)):
            top = line(answer, group)
            times = [one.inputs["time"].value for one in top.children or (top,)]
            assert sum(times) == pytest.approx(spent, abs=1e-9)
        every = [one for top in answer.lines for one in (top, *top.children)]
        total = sum(one.inputs["time"].value for one in every if "time" in one.inputs)
        assert total == pytest.approx(hours.total, abs=1e-9)
        assert hours.setup + hours.machining + hours.finishing == pytest.approx(hours.total, abs=1e-9)

    def test_a_surcharge_tells_the_time_it_stands_on_and_none_of_its_own(self) -> None:
        answer = price(tolerance_id="IT7", finish_id="Ra0.8", control_id="control-customer")

        for code in ("tolerance", "finishing", "control"):
            assert line(answer, code).inputs.keys() == {"quantity", "applies_to_time"}
            assert line(answer, code).inputs["applies_to_time"].value == pytest.approx(
                answer.hours.total, abs=2e-4
            )

    @pytest.mark.parametrize(
        "changes",
        [
            {},
            {"facts": make_facts(features=[make_hole(1)])},
            {"facts": make_facts(), "service_id": "printing", "material_id": "PA12"},
        ],
        ids=["rules", "features", "printing"],
    )
    def test_every_input_says_what_it_is_for_and_counts_its_own_things(self, changes: dict[str, Any]) -> None:
        whole = {"quantity": "pieces", "time": "h", "applies_to_time": "h", "builds": "builds"}
        every = [one for top in price(**changes).lines for one in (top, *top.children)]
        inputs = [(name, figure.unit) for one in every for name, figure in one.inputs.items()]

        assert {name: unit for name, unit in inputs if unit == "pieces"} == {"quantity": "pieces"}
        assert all(
            name.endswith(("_per_piece", "_per_batch", "_per_bar", "_per_sheet")) or whole[name] == unit
            for name, unit in inputs
        )

    def test_what_is_included_at_no_cost_is_said(self) -> None:
        answer = price(certificate_ids=["a", "c"], cover_ids=["painting"])

        said = [(one.code, one.severity) for one in answer.findings]
        assert said == [("included-at-no-cost", "info")] * 2
        assert ["(a)" in answer.findings[0].message, "(c)" in answer.findings[1].message] == [True, True]
        assert answer.review is False


class TestCosts:
    def test_are_told_to_the_shop_alone(self) -> None:
        assert price().cost_lines == ()

    def test_of_work_go_down_to_the_wage_and_the_profit(self) -> None:
        answer = price(costs=True)

        setup = next(line for line in answer.cost_lines if line.code == "setup")
        assert [part.code for part in setup.children] == [
            *("wage", "extra-salary", "insurance", "overhead", "administrative", "profit")
        ]
        assert setup.inputs["price_of_hour"].value == pytest.approx(874.57)
        assert "location/location_1" in setup.rows

    def test_of_material_go_down_to_the_purchase_price(self) -> None:
        material = price(costs=True).cost_lines[0]

        assert [(part.code, str(part.amount)) for part in material.children] == [
            ("purchase", "223.05"),
            ("profit", "2.23"),
        ]
        assert material.inputs["price_per_kg"].value == pytest.approx(531.08)

    def test_name_the_row_of_a_surcharge(self) -> None:
        answer = price(costs=True, tolerance_id="IT7")

        tolerance = next(line for line in answer.cost_lines if line.code == "tolerance")
        assert (tolerance.rows, tolerance.inputs["factor"].value) == (("tolerance/IT7",), 1.15)

    def test_name_the_factor_that_makes_work_cheaper(self) -> None:
        patient, usual = (
            price(costs=True, facts=make_facts(), lead_time=lead_time)
            for lead_time in ("economy", "standard")
        )

        work, before = (
            next(one for line in answer.cost_lines for one in line.children if one.code == "programming")
            for answer in (patient, usual)
        )
        factor = Decimal(str(work.inputs["lead_time_option_factor"].value))
        assert "lead_time_option/economy" in work.rows
        assert abs(before.amount * factor - work.amount) <= Decimal("0.01")

    def test_of_a_surcharge_are_those_of_the_work_it_stands_on(self) -> None:
        answer = price(
            costs=True,
            facts=make_facts(),
            service_id="heating",
            material_id="copper_M1",
            control_id="control-independent",
            quantity=5,
        )

        def wages(line: CostLine) -> Decimal:
            own = line.amount if line.code == "wage" else Decimal(0)
            return own + sum((wages(child) for child in line.children), Decimal(0))

        control = next(line for line in answer.cost_lines if line.code == "control")
        work = sum((wages(line) for line in answer.cost_lines if line is not control), Decimal(0))
        assert abs(wages(control) - work * Decimal("0.15")) <= Decimal("0.01")

    def test_of_material_stay_what_they_are_where_a_larger_quantity_costs_the_same(self) -> None:
        answer = price(costs=True, quantity=500)

        material, setup = answer.cost_lines[:2]
        bought = material.children[0].amount
        assert "more-for-the-same-price" in {one.code for one in answer.findings}
        assert bought == 500 * Decimal("223.05")
        assert setup.inputs["quantity_factor"].value < 0.85
        assert "quantity_band/101" in setup.rows


class TestMinimumPrice:
    @pytest.mark.parametrize(
        ("service_id", "row"), [("cnc-milling", "shop/"), ("painting", "figure/painting/minimum_per_order")]
    )
    def test_names_its_row(self, service_id: str, row: str) -> None:
        dimensions = {"length_mm": 3, "width_mm": 3, "height_mm": 3}
        dearer = CATALOG.with_rows([CATALOG.shop.model_copy(update={"minimum_price": Decimal(1400)})])

        answer = quote(make_price_request(service_id=service_id, dimensions=dimensions, costs=True), dearer)

        top_up = next(line for line in answer.cost_lines if line.code == "minimum")
        assert [name.startswith(row) for name in top_up.rows] == [True]

    def test_is_a_line_of_its_own(self) -> None:
        shop = CATALOG.shop.model_copy(update={"minimum_price": Decimal(5000)})
        answer = quote(make_price_request(), CATALOG.with_rows([shop]))

        assert answer.total_price == Decimal("5000.00")
        assert answer.lines[-1].code == "minimum"
        assert answer.lines[-1].amount == Decimal("5000.00") - price().total_price

    def test_does_not_touch_what_costs_more(self) -> None:
        shop = CATALOG.shop.model_copy(update={"minimum_price": Decimal(5000)})
        answer = quote(make_price_request(quantity=10), CATALOG.with_rows([shop]))

        assert answer.lines == price(quantity=10).lines


class TestDeliveryTimes:
    def test_every_option_has_the_price_a_request_for_it_would_get(self) -> None:
        answer = price(quantity=30)

        assert [(option.id, option.days) for option in answer.lead_times] == [
            ("economy", 15),
            ("standard", 10),
            ("express", 6),
        ]
        for option in answer.lead_times:
            asked = price(quantity=30, lead_time=option.id)
            assert (asked.total_price, asked.lead_time_days) == (option.total_price, option.days)

    def test_haste_is_a_line_of_its_own(self) -> None:
        answer = price(lead_time="express")

        rush = next(line for line in answer.lines if line.code == "rush")
        assert rush.amount > 0
        assert answer.used["lead_time"].model_dump() == {"value": "express", "assumed": False}

    def test_patience_makes_the_work_cheaper(self) -> None:
        assert price(lead_time="economy").total_price < price().total_price


class TestBreaks:
    def test_tell_the_totals_that_a_request_for_them_would_get(self) -> None:
        answer = price(quantity=95)

        for one in answer.breaks:
            again = price(quantity=one.quantity)
            assert (again.total_price, again.unit_price) == (one.total_price, one.unit_price)

    def test_are_exactly_the_asked_ones(self) -> None:
        assert [one.quantity for one in price(quantities=[30, 2, 30]).breaks] == [2, 30]


class TestMachines:
    def test_say_why_the_part_does_not_fit(self) -> None:
        answer = price(
            dimensions={"length_mm": 900, "width_mm": 900, "height_mm": 500}, material_form="sheet"
        )

        fits = {machine.id: machine.fits for machine in answer.machines}
        assert fits == {
            "machine_101": True,
            "machine_102": False,
            "machine_103": False,
            "machine_104": True,
        }
        assert answer.machines[1].reason == "500 mm is more than the 420 mm of the working space"

    def test_a_missing_extent_is_no_limit(self) -> None:
        of_any_length = CATALOG.without({("figure", "cnc-lathe/turned_length_ratio_most")})
        wish = make_price_request(
            service_id="cnc-lathe",
            dimensions={"diameter_mm": 20, "length_mm": 2500},
            location_id="location_2",
        )
        answer = quote(wish, of_any_length)

        assert [machine.id for machine in answer.machines if machine.fits] == ["machine_217", "machine_218"]


class TestFindings:
    def test_tell_that_a_larger_quantity_costs_the_same(self) -> None:
        answer = price(quantity=500)

        more = [(one.code, one.limit) for one in answer.findings if one.code != "lead-time-too-short"]
        assert more == [("more-for-the-same-price", 501)]

    def test_tell_what_the_process_says_about_the_part(self) -> None:
        deep = make_facts(features=[make_hole(1, diameter_mm=2, depth_mm=25)])

        answer = price(facts=deep)

        said = [(one.code, one.feature_id) for one in answer.findings if one.severity == "error"]
        assert said == [("hole-too-deep", "hole-1")]
        assert [reason.code for reason in answer.reasons] == ["hole-too-deep"]

    @pytest.mark.parametrize(("quantity", "severity"), [(5, None), (500, "warning"), (1_000_000, "error")])
    def test_tell_that_the_work_needs_more_days_than_the_rule_promises(
        self, quantity: int, severity: str | None
    ) -> None:
        answer = price(quantity=quantity)

        said = [one.severity for one in answer.findings if one.code == "lead-time-too-short"]
        assert said == ([severity] if severity else [])
        assert answer.review is (severity == "error")


class TestHash:
    def test_is_the_same_for_the_same_wish_however_it_is_written(self) -> None:
        short = price(cover_ids=["galvanic", "painting"])
        long = price(
            cover_ids=["painting", "galvanic", "painting"],
            tolerance_id="IT10",
            dimensions={"length_mm": "100.0", "width_mm": "50.00", "height_mm": 25},
        )

        assert short.quote_hash == long.quote_hash
        assert short.total_price == long.total_price

    def test_is_the_same_however_a_parameter_is_written(self) -> None:
        hashes = {price(params={"k_type": written}).quote_hash for written in (1, 1.0, "1.00")}

        assert hashes == {price().quote_hash}

    def test_does_not_depend_on_how_long_the_analysis_took(self) -> None:
        quick, slow = (price(facts=make_facts(seconds=seconds)) for seconds in (0.1, 9.0))

        assert quick.quote_hash == slow.quote_hash

    @pytest.mark.parametrize(
        "changes",
        [
            {"quantity": 2},
            {"material_form": "sheet"},
            {"finish_id": "Ra1.6"},
            {"location_id": "location_2"},
            {"params": {"n_dimensions": 2}},
            {"dimensions": {"length_mm": 100, "width_mm": 50, "height_mm": 26}},
        ],
        ids=str,
    )
    def test_is_another_for_another_wish(self, changes: dict[str, Any]) -> None:
        assert price(**changes).quote_hash != price().quote_hash

    def test_is_another_with_other_rates(self) -> None:
        location = CATALOG.locations["location_1"]
        dearer = CATALOG.with_rows([location.model_copy(update={"price_of_hour": Decimal(900)})])

        answer = quote(make_price_request(), dearer)

        assert answer.quote_hash != price().quote_hash
        assert answer.total_price > price().total_price


class TestPublicCatalog:
    def test_shows_no_rates_factors_or_purchase_prices(self) -> None:
        text = public_catalog(CATALOG).model_dump_json()

        assert not any(
            secret in text for secret in ("874.57", "847.62", "factor", "price_per_kg", "insurance")
        )

    def test_describes_the_parameters_of_every_automatic_process(self) -> None:
        public = public_catalog(CATALOG)

        automatic = {service.id for service in public.services if service.pricing == "automatic"}
        schemas = {process.id: process.params for process in public.processes}
        assert (
            automatic
            == schemas.keys()
            == {
                *("printing", "cnc-milling", "cnc-lathe", "laser-cutting", "bending"),
                *("painting", "electroplating", "heating", "grinding"),
            }
        )
        assert schemas["cnc-milling"]["properties"]["n_dimensions"]["default"] == 1
        assert public.version == CATALOG.version

    def test_refuses_a_catalogue_that_lacks_a_figure(self) -> None:
        rows = [row for row in CATALOG.rows if not (isinstance(row, Figure) and row.id == "clearance_mm")]

        with pytest.raises(CatalogError, match="printing/clearance_mm"):
            public_catalog(type(CATALOG)(tuple(rows)))
