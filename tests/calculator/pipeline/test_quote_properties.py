"""What holds for every part, process, material and quantity."""

from collections.abc import Iterator
from contextlib import suppress
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.calculator.catalog.loader import load
from app.calculator.errors import PartOutsideLimits
from app.calculator.pipeline.quote import quote
from app.calculator.processes import PROCESSES
from app.contract.pricing import CostLine, Price
from tests.factories.parts import make_drawing, make_facts, make_hole, make_price_request, make_sheet

CATALOG = load()
MATERIALS = {
    key: sorted(
        row.id
        for row in CATALOG.materials.values()
        if row.unpriced is None and any(key in form.processes for form in row.forms)
    )
    for key in sorted(PROCESSES)
}
FROM_SHEET = ("laser-cutting", "bending")
TREATMENTS = ("electroplating", "grinding", "heating", "painting")
SIZES = st.decimals(min_value=1, max_value=250, places=2)
SMALL_SIZES = st.decimals(min_value=1, max_value=110, places=2)
"""Every printer holds them."""
SLENDER = int(CATALOG.figures["cnc-lathe"]["turned_length_ratio_most"])
"""A longer part is not turned."""
OPTIONS = {
    "tolerance_id": st.sampled_from(sorted(CATALOG.tolerances)),
    "finish_id": st.sampled_from(sorted(CATALOG.finishes)),
    "control_id": st.sampled_from(sorted(CATALOG.controls)),
    "cover_ids": st.lists(st.sampled_from(sorted(CATALOG.covers)), max_size=4),
    "certificate_ids": st.lists(st.sampled_from(sorted(CATALOG.certificates)), max_size=4),
    "lead_time": st.sampled_from(sorted(CATALOG.lead_times)),
}


@st.composite
def parts(draw: st.DrawFn, service_id: str) -> dict[str, Any]:
    """Dimensions or facts of a part that the process can make."""
    if service_id in FROM_SHEET:
        return draw(sheets(service_id))
    sizes = SMALL_SIZES if service_id == "printing" else SIZES
    length, width, height = draw(sizes), draw(sizes), draw(sizes)
    turned = service_id == "cnc-lathe"
    if draw(st.booleans()):
        if turned:
            return {"dimensions": {"diameter_mm": width, "length_mm": min(length, width * SLENDER)}}
        return {"dimensions": {"length_mm": length, "width_mm": width, "height_mm": height}}
    fill = draw(st.floats(min_value=0.05, max_value=0.78))
    extents = (float(length), float(width), float(width if turned else height))
    holes = [make_hole(number) for number in range(draw(st.integers(0, 4)))]
    volume = max(0.01, fill * extents[0] * extents[1] * extents[2])
    return {"facts": make_facts(extents, volume_mm3=volume, features=holes)}


@st.composite
def sheets(draw: st.DrawFn, service_id: str) -> dict[str, Any]:
    """A sheet as dimensions, as a drawing or as a solid, bent where it is to be bent."""
    sides = st.integers(min_value=200, max_value=900)
    length, width = draw(sides), draw(sides)
    thickness = draw(st.sampled_from([0.5, 0.9, 1, 1.5, 2, 2.6, 3, 4, 5]))
    given = draw(st.sampled_from(["dimensions", "drawing", "solid"]))
    bends = draw(st.integers(1, 4)) if service_id == "bending" else 0
    counted = {"bends": bends} if bends else {}
    if given == "solid":
        return {"facts": make_sheet(length, width, thickness, bends)}
    if given == "drawing":
        return {"facts": make_drawing(length, width), "params": {**counted, "thickness_mm": str(thickness)}}
    dimensions = {"length_mm": length, "width_mm": width, "height_mm": thickness}
    return {"dimensions": dimensions, "params": counted}


@st.composite
def wishes(draw: st.DrawFn) -> dict[str, Any]:
    service_id = draw(st.sampled_from(sorted(MATERIALS)))
    return {
        "service_id": service_id,
        "material_id": draw(st.sampled_from(MATERIALS[service_id])),
        **draw(parts(service_id)),
        **draw(st.fixed_dictionaries({}, optional=OPTIONS)),
    }


def price(**wish: Any) -> Price:
    return quote(make_price_request(**wish), CATALOG)


def assert_sums(lines: tuple[CostLine, ...], total: Decimal) -> None:
    assert sum(line.amount for line in lines) == total
    for line in lines:
        assert line.amount >= 0
        assert line.amount == line.amount.quantize(Decimal("0.01"))
        if line.children:
            assert_sums(line.children, line.amount)


def ends(lines: tuple[CostLine, ...]) -> Iterator[CostLine]:
    for line in lines:
        yield from ends(line.children) if line.children else (line,)


class TestEveryPrice:
    @given(wish=wishes(), quantity=st.integers(1, 700))
    @settings(max_examples=120, deadline=None)
    def test_sums_exactly_at_every_level(self, wish: dict[str, Any], quantity: int) -> None:
        answer = price(**wish, quantity=quantity)

        assert_sums(answer.lines, answer.total_price)
        assert sum(line.share for line in answer.lines) == pytest.approx(1, abs=1e-4)

    @given(wish=wishes(), quantity=st.integers(1, 700))
    @settings(max_examples=80, deadline=None)
    def test_sums_to_the_same_total_for_the_shop_and_for_the_customer(
        self, wish: dict[str, Any], quantity: int
    ) -> None:
        answer = price(**wish, quantity=quantity, costs=True)

        assert_sums(answer.cost_lines, answer.total_price)
        amounts = [[(line.code, line.amount) for line in view] for view in (answer.lines, answer.cost_lines)]
        assert amounts[0] == amounts[1]

    @given(wish=wishes(), quantity=st.integers(1, 700))
    @settings(max_examples=80, deadline=None)
    def test_sums_by_feature_as_it_does_by_category(self, wish: dict[str, Any], quantity: int) -> None:
        answer = price(**wish, quantity=quantity)

        assert sum(share.amount for share in answer.by_feature) == answer.total_price
        told = {share.feature_id: share.amount for share in answer.by_feature}
        for feature_id in told.keys() - {None}:
            assert told[feature_id] == sum(
                line.amount for line in ends(answer.lines) if line.feature_id == feature_id
            )

    @given(wish=wishes())
    @settings(max_examples=12, deadline=None)
    def test_never_falls_in_total_when_the_quantity_rises(self, wish: dict[str, Any]) -> None:
        first = price(**wish, quantities=list(range(1, 101)))
        rest = [price(**wish, quantities=list(range(start, start + 100))) for start in range(101, 601, 100)]

        totals = [one.total_price for answer in (first, *rest) for one in answer.breaks]
        assert totals == sorted(totals)

    @given(wish=wishes(), quantities=st.tuples(st.integers(1, 600), st.integers(1, 600)))
    @settings(max_examples=60, deadline=None)
    def test_never_falls_between_two_requests(
        self, wish: dict[str, Any], quantities: tuple[int, int]
    ) -> None:
        few, many = (price(**wish, quantity=count) for count in sorted(quantities))

        assert few.total_price <= many.total_price
        assert few.material.form == many.material.form

    @given(wish=wishes(), quantity=st.integers(1, 600))
    @settings(max_examples=40, deadline=None)
    def test_is_the_same_twice(self, wish: dict[str, Any], quantity: int) -> None:
        once, again = (price(**wish, quantity=quantity) for _ in range(2))

        without = {"calculator_seconds"}
        assert once.model_dump(exclude=without) == again.model_dump(exclude=without)

    @given(wish=wishes(), quantity=st.integers(1, 700))
    @settings(max_examples=60, deadline=None)
    def test_is_what_its_messages_allow(self, wish: dict[str, Any], quantity: int) -> None:
        text = price(**wish, quantity=quantity, costs=True).model_dump_json()

        assert Price.model_validate_json(text).model_dump_json() == text


class TestMoreIsNeverCheaper:
    @pytest.mark.parametrize(
        ("field", "order"),
        [
            ("tolerance_id", ["IT12", "IT11", "IT10", "IT9", "IT8", "IT7"]),
            ("finish_id", ["Ra12.5", "Ra6.3", "Ra3.2", "Ra1.6", "Ra0.8"]),
            ("cover_ids", [[], ["painting"], ["galvanic"], ["painting", "galvanic"]]),
            ("control_id", ["control-manufacturer", "control-independent", "control-customer"]),
        ],
    )
    @given(wish=wishes(), quantity=st.integers(1, 600))
    @settings(max_examples=15, deadline=None)
    def test_stricter_finer_and_covered(
        self, field: str, order: list[Any], wish: dict[str, Any], quantity: int
    ) -> None:
        totals = [price(**{**wish, field: choice}, quantity=quantity).total_price for choice in order]

        assert totals == sorted(totals)

    @given(sizes=st.tuples(SIZES, SIZES, SIZES), more=st.decimals(min_value=0, max_value=40, places=2))
    @settings(max_examples=40, deadline=None)
    def test_a_bigger_box_is_never_lighter(
        self, sizes: tuple[Decimal, Decimal, Decimal], more: Decimal
    ) -> None:
        length, width, height = sizes
        small = price(dimensions={"length_mm": length, "width_mm": width, "height_mm": height})
        big = price(dimensions={"length_mm": length + more, "width_mm": width, "height_mm": height})

        assert small.material.mass_kg <= big.material.mass_kg

    @pytest.mark.parametrize("service_id", TREATMENTS)
    @given(sizes=st.tuples(SIZES, SIZES, SIZES), more=st.decimals(min_value=0, max_value=40, places=2))
    @settings(max_examples=20, deadline=None)
    def test_a_bigger_part_is_never_treated_for_less(
        self, service_id: str, sizes: tuple[Decimal, Decimal, Decimal], more: Decimal
    ) -> None:
        length, width, height = sizes
        wish = {"service_id": service_id, "material_id": MATERIALS[service_id][-1], "quantity": 30}
        small = price(dimensions={"length_mm": length, "width_mm": width, "height_mm": height}, **wish)
        big = price(dimensions={"length_mm": length + more, "width_mm": width, "height_mm": height}, **wish)

        assert small.material.mass_kg <= big.material.mass_kg
        assert small.total_price <= big.total_price

    @given(
        sizes=st.tuples(st.integers(60, 900), st.integers(60, 900)),
        more=st.integers(0, 400),
        thickness=st.sampled_from([1, 2, 3, 5]),
    )
    @settings(max_examples=40, deadline=None)
    def test_a_larger_blank_never_takes_less_of_a_sheet(
        self, sizes: tuple[int, int], more: int, thickness: int
    ) -> None:
        length, width = sizes
        wish = {"service_id": "laser-cutting", "material_id": "steel_20"}
        small = price(facts=make_sheet(length, width, thickness), **wish)
        big = price(facts=make_sheet(length + more, width, thickness), **wish)

        assert small.material.mass_kg <= big.material.mass_kg
        assert small.total_price <= big.total_price

    @given(
        extents=st.tuples(*[st.floats(min_value=1, max_value=400)] * 3),
        more=st.tuples(*[st.floats(min_value=0, max_value=60)] * 3),
        form=st.sampled_from(["sheet", "rod", "hexagon"]),
    )
    @settings(max_examples=60, deadline=None)
    def test_a_bigger_part_never_takes_less_material(
        self, extents: tuple[float, float, float], more: tuple[float, float, float], form: str
    ) -> None:
        larger = [side + added for side, added in zip(extents, more, strict=True)]
        small, big = (
            price(facts=make_facts((sides[0], sides[1], sides[2])), material_form=form)
            for sides in (extents, larger)
        )

        assert small.material.mass_kg <= big.material.mass_kg

    @given(width=st.floats(min_value=3, max_value=250), longer=st.floats(min_value=0, max_value=200))
    @settings(max_examples=40, deadline=None)
    def test_a_longer_shaft_never_takes_less_material(self, width: float, longer: float) -> None:
        shafts = [make_facts((300 + more, width, width)) for more in (0, longer)]

        masses = [
            price(facts=facts, service_id="cnc-lathe", material_form="rod").material.mass_kg
            for facts in shafts
        ]
        assert masses == sorted(masses)


class TestAnySize:
    @given(
        extents=st.tuples(*[st.floats(min_value=1e-9, max_value=1e12)] * 3),
        volume=st.floats(min_value=-1e18, max_value=1e300),
        service_id=st.sampled_from(sorted(MATERIALS)),
    )
    @settings(max_examples=80, deadline=None)
    def test_is_priced_or_refused_in_words(
        self, extents: tuple[float, float, float], volume: float, service_id: str
    ) -> None:
        facts = make_facts(extents, volume_mm3=volume)

        with suppress(PartOutsideLimits):
            answer = price(service_id=service_id, material_id=MATERIALS[service_id][0], facts=facts)
            assert_sums(answer.lines, answer.total_price)
