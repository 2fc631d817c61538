"""Laser cutting against published speeds, and what of a sheet a piece takes."""

from decimal import Decimal
from math import pi
from pathlib import Path
from typing import Any

import cadquery as cq
import pytest

from app.calculator.catalog.laser_rows import LaserSpeed
from app.calculator.catalog.loader import load
from app.calculator.catalog.references import broken_references
from app.calculator.errors import MaterialNotAllowed, PartOutsideLimits, ValidationFailed
from app.calculator.pipeline.analyse import analyse
from app.calculator.pipeline.quote import quote
from app.calculator.processes.laser_work import energy_balance_m_min, pierce_seconds, speed_at
from app.contract.geometry import PartFacts
from app.contract.pricing import CostLine, Price
from tests.calculator.drawings import dxf, lines, measured, rectangle
from tests.calculator.solids import write_step
from tests.factories.parts import make_drawing, make_facts, make_price_request, make_sheet

CATALOG = load()
STEEL = CATALOG.lasers["steel-mild"]
MILD = Decimal(7850)

PUBLISHED = {
    3: {1: (30, 40), 2: (4.8, 7.5), 3: (3.3, 5), 4: (3, 4.2), 5: (2.6, 3.5), 6: (2.3, 3.2), 8: (1.8, 2.6)},
    6: {1: (35, 42), 2: (6, 8), 3: (3.8, 6.5), 4: (3.5, 5), 5: (3.3, 4.2), 6: (2.8, 4), 10: (1.8, 2.5)},
}
"""Metres per minute in mild steel by power (kW) and thickness (mm): machinemfg.com, laser cutting chart."""
MELTED = {
    "steel-stainless": {
        3: {1: (30, 35), 2: (13, 21), 3: (6, 10), 5: (3, 5), 8: (1.5, 2), 10: (0.6, 0.8), 12: (0.5, 0.8)},
        6: {1: (45, 55), 2: (20, 35), 3: (15, 24), 5: (8, 12), 8: (4, 5), 10: (1.2, 1.8), 12: (1.2, 1.8)},
    },
    "aluminium-wrought": {
        3: {1: (25, 38), 2: (13, 25), 3: (6.5, 8), 4: (3.5, 5), 5: (1.5, 2.5), 6: (0.9, 1.6), 10: (0.4, 0.7)},
        6: {
            1: (45, 55),
            2: (20, 30),
            3: (10, 12),
            4: (5, 9),
            5: (4.5, 8),
            6: (2, 4),
            8: (1.2, 2),
            10: (0.8, 1.4),
        },
    },
}
"""The same in stainless steel and aluminium, cut with nitrogen."""


def price(**changes: Any) -> Price:
    wish = {"service_id": "laser-cutting", "material_id": "steel_St3", **changes}
    return quote(make_price_request(**wish), CATALOG)


def box(length: float, width: float, height: float) -> dict[str, float]:
    return {"length_mm": length, "width_mm": width, "height_mm": height}


def cuts(answer: Price) -> list[CostLine]:
    """The lines of the contours."""
    (top,) = (line for line in answer.lines if line.code == "machining")
    return list(top.children or (top,))


def refusal(**changes: Any) -> list[str]:
    with pytest.raises(PartOutsideLimits) as caught:
        price(**changes)
    return [finding.code for finding in caught.value.findings]


class TestSpeed:
    @pytest.mark.parametrize(
        ("power", "thickness"), [(power, thick) for power, row in PUBLISHED.items() for thick in row]
    )
    def test_is_the_middle_of_the_published_range(self, power: int, thickness: int) -> None:
        speed = speed_at(STEEL, Decimal(power), Decimal(thickness), MILD)

        low, high = PUBLISHED[power][thickness]
        assert speed is not None
        assert float(speed.m_min) == pytest.approx((low + high) / 2)
        assert speed.rows == (f"laser_speed/mild-steel/{power}kW/{thickness}mm",)

    @pytest.mark.parametrize("group", sorted(MELTED))
    @pytest.mark.parametrize("power", [3, 6])
    def test_is_the_published_one_of_metals_that_are_melted_too(self, group: str, power: int) -> None:
        data, published = CATALOG.lasers[group], MELTED[group][power]

        speeds = [speed_at(data, Decimal(power), Decimal(thick), Decimal(2700)) for thick in published]

        assert [float(speed.m_min) for speed in speeds if speed] == pytest.approx(
            [(low + high) / 2 for low, high in published.values()]
        )

    @pytest.mark.parametrize("group", ["steel-mild", *sorted(MELTED)])
    def test_never_rises_with_the_thickness_nor_falls_with_the_power(self, group: str) -> None:
        data, steps = CATALOG.lasers[group], [Decimal(step) / 4 for step in range(2, 40)]
        weak, strong = (
            [speed.m_min for thick in steps if (speed := speed_at(data, Decimal(power), thick, MILD))]
            for power in (3, 6)
        )

        assert weak == sorted(weak, reverse=True)
        assert strong == sorted(strong, reverse=True)
        assert all(one <= other for one, other in zip(weak, strong, strict=False))

    def test_between_two_thicknesses_the_time_of_a_metre_is_interpolated(self) -> None:
        speed = speed_at(STEEL, Decimal(3), Decimal("2.5"), MILD)

        assert speed is not None
        assert float(1 / speed.m_min) == pytest.approx((1 / 6.15 + 1 / 4.15) / 2)
        assert len(speed.rows) == 2

    def test_a_laser_of_unrecorded_power_is_as_fast_as_the_next_weaker_one(self) -> None:
        speeds = [speed_at(STEEL, Decimal(power), Decimal(3), MILD) for power in (3, 4)]

        assert speeds[0] == speeds[1]

    def test_beyond_the_thickest_row_nothing_is_cut(self) -> None:
        assert speed_at(STEEL, Decimal(3), Decimal(23), MILD) is None
        assert speed_at(STEEL, Decimal(6), Decimal(25), MILD) is not None

    def test_without_rows_it_follows_from_the_balance_of_energy(self) -> None:
        """v = e P / (density x enthalpy x kerf x thickness), novasolver.jp, in SI units."""
        titanium = CATALOG.lasers["titanium"]

        speed = speed_at(titanium, Decimal(3), Decimal(3), Decimal(4430))

        by_hand = 0.1 * 3000 / (4430 * 1_280_000 * 0.2e-3 * 3e-3) * 60
        assert speed is not None
        assert float(speed.m_min) == pytest.approx(by_hand)
        assert 2 < by_hand < 6

    def test_the_balance_comes_near_the_published_speeds_of_three_kilowatts(self) -> None:
        """At 1 mm the published speed is twice as high, and more power brings less than it should."""
        rows = [row for row in STEEL.speeds if row.power_kw == 3 and row.thickness_mm >= 2]

        ratios = [
            energy_balance_m_min(STEEL, row.power_kw, row.thickness_mm, MILD)
            / ((row.low_m_min + row.high_m_min) / 2)
            for row in rows
        ]

        assert len(ratios) == 13
        assert Decimal(1) < min(ratios) < max(ratios) < Decimal("1.7")


class TestPiercing:
    @pytest.mark.parametrize(
        ("thickness", "seconds"), [("1", 0.5), ("3", 0.5), ("8", 1.5), ("20", 4), ("25", 5)]
    )
    def test_takes_the_recorded_seconds(self, thickness: str, seconds: float) -> None:
        found, rows = pierce_seconds(STEEL.pierces, Decimal(thickness))

        assert float(found) == pytest.approx(seconds)
        assert all(row.startswith("laser_pierce/") for row in rows)


class TestTime:
    def test_is_that_of_contours_and_piercings(self) -> None:
        answer = price(facts=make_sheet(thickness=3))

        contour, hole = cuts(answer)
        assert hole.feature_id == "hole-1"
        assert contour.inputs["cut_length_per_piece"].value == pytest.approx(600)
        assert hole.inputs["cut_length_per_piece"].value == pytest.approx(pi * 20, rel=1e-4)
        assert [line.inputs["pierces_per_piece"].value for line in (contour, hole)] == [1, 1]
        seconds = 600 / (5.15 * 1000 / 60) + 0.5 + 0.7
        assert contour.inputs["time"].value == pytest.approx(1.15 * seconds / 3600, abs=5e-5)

    def test_the_strongest_laser_that_holds_the_part_cuts_it(self) -> None:
        small, long = (price(facts=make_sheet(length=length, thickness=6)) for length in (200, 3500))

        assert [[one.fits for one in answer.machines] for answer in (small, long)] == [
            [True, True],
            [False, True],
        ]
        with_rows = price(facts=make_sheet(thickness=6), costs=True)
        assert "laser_speed/mild-steel/6kW/6mm" in cuts_of_the_shop(with_rows)[0].rows

    def test_a_hundred_holes_are_told_one_by_one_as_far_as_they_are_read(self) -> None:
        facts = make_sheet(500, 400)
        sheet, hole = facts.features[:2]
        holes = [hole.model_copy(update={"id": f"hole-{number}"}) for number in range(100)]
        figures = {**sheet.model_dump(), "cut_length_mm": 1800 + 100 * pi * 20, "inner_contours": 100}
        many = facts.model_copy(update={"features": (type(sheet).model_validate(figures), *holes)})

        answer = price(facts=many)

        lines_of = cuts(answer)
        assert sum(line.feature_id is not None for line in lines_of) == 50
        assert sum(line.inputs["pierces_per_piece"].value for line in lines_of) == 101
        cut = sum(line.inputs["cut_length_per_piece"].value for line in lines_of)
        assert cut == pytest.approx(1800 + 100 * pi * 20, rel=1e-5)


def cuts_of_the_shop(answer: Price) -> list[CostLine]:
    (top,) = (line for line in answer.cost_lines if line.code == "machining")
    return list(top.children or (top,))


class TestMaterial:
    def test_is_the_share_of_the_sheet_that_gives_most(self) -> None:
        """Gap 5 mm and kerf 0.3 mm, edges of 10 mm: 18 x 14 pieces, turned, on 1500 x 3000 mm."""
        answer = price(dimensions=box(200, 100, 2))

        counts = {
            (sheet_l, sheet_w): max(
                int((sheet_l - 20 + 5.3) // a) * int((sheet_w - 20 + 5.3) // b)
                for a, b in ((205.3, 105.3), (105.3, 205.3))
            )
            for sheet_l, sheet_w in ((2000, 1000), (2500, 1250), (3000, 1500))
        }
        least = min(length * width / count for (length, width), count in counts.items())
        assert answer.material.volume_mm3 == pytest.approx(least * 2, rel=1e-6)
        assert answer.material.mass_kg == pytest.approx(least * 2 * 7850e-9, rel=1e-3)
        assert 0.7 < 200 * 100 / least < 0.95

    @pytest.mark.parametrize("field", ["length", "width"])
    def test_a_larger_blank_is_never_lighter(self, field: str) -> None:
        sizes = [{"length": 300.0, "width": 200.0, field: 200.0 + 37 * step} for step in range(1, 34)]

        masses = [price(facts=make_sheet(**size)).material.mass_kg for size in sizes]  # type: ignore[arg-type]

        assert masses == sorted(masses)

    def test_a_thickness_that_is_not_sold_is_looked_at_by_a_person(self) -> None:
        sold, odd = (price(facts=make_sheet(thickness=thickness)) for thickness in (2.05, 5.5))

        assert [reason.code for reason in sold.reasons] == []
        assert [reason.code for reason in odd.reasons] == ["unusual-stock"]

    def test_waste_is_not_paid_twice_for_dimensions(self) -> None:
        by_dimensions = price(dimensions=box(200, 100, 2)).material
        by_file = price(facts=make_sheet()).material

        assert abs(by_dimensions.cost - by_file.cost) <= Decimal("0.01")


class TestQuantity:
    def test_two_quantities_tell_all_others(self) -> None:
        totals = {
            one.quantity: one.total_price
            for one in price(facts=make_sheet(), quantities=[1, 2, 10, 500]).breaks
        }

        piece = totals[2] - totals[1]
        once = totals[1] - piece
        for count in (10, 500):
            assert float(totals[count]) == pytest.approx(float(once + count * piece), abs=0.02 * count)


class TestDrawing:
    def test_is_priced_as_the_solid_of_the_same_thickness(self) -> None:
        drawn = price(facts=make_drawing(), params={"thickness_mm": "2"})
        solid = price(facts=make_sheet())

        assert drawn.total_price == solid.total_price
        assert [line.feature_id for line in cuts(drawn)] == [None, "hole-1"]

    def test_needs_a_thickness(self) -> None:
        assert refusal(facts=make_drawing()) == ["drawing-without-volume"]

    def test_has_no_other_process(self) -> None:
        codes = refusal(facts=make_drawing(), service_id="cnc-milling", material_id="alum_D16")

        assert codes == ["drawing-without-volume"]

    def test_without_a_closed_contour_is_refused(self) -> None:
        open_lines = make_drawing(drawing={"contours": 0, "area_mm2": 0, "open_contours": 3})

        assert refusal(facts=open_lines, params={"thickness_mm": "2"}) == ["no-sure-area"]

    def test_with_open_lines_beside_closed_ones_is_looked_at_by_a_person(self) -> None:
        facts = make_drawing(drawing={"open_contours": 2}, watertight=False)

        answer = price(facts=facts, params={"thickness_mm": "2"})

        assert {"contour-open", "not-watertight"} <= {reason.code for reason in answer.reasons}

    def test_of_a_real_file_is_priced_by_its_contours(self, tmp_path: Path) -> None:
        def draw(space: Any) -> None:
            lines(space, *rectangle(0, 0, 120, 80))
            space.add_circle((60, 40), 15)

        facts = measured(tmp_path, dxf(draw))

        contour, hole = cuts(price(facts=facts, params={"thickness_mm": 4}))
        assert contour.inputs["cut_length_per_piece"].value == pytest.approx(400, rel=1e-6)
        assert hole.inputs["cut_length_per_piece"].value == pytest.approx(pi * 30, rel=1e-4)


class TestRefusals:
    def test_what_is_no_sheet(self) -> None:
        assert refusal(facts=make_facts()) == ["not-sheet"]

    def test_a_bent_part(self) -> None:
        assert refusal(facts=make_sheet(bends=2)) == ["sheet-is-bent"]

    def test_several_sheets(self) -> None:
        facts = make_sheet()
        twice = facts.model_copy(update={"features": (*facts.features, facts.features[0])})

        assert refusal(facts=twice) == ["not-sheet"]

    def test_a_pattern_that_is_not_the_volume(self) -> None:
        assert refusal(facts=make_sheet(volume_mm3=20_000)) == ["not-sheet"]

    def test_a_block(self) -> None:
        assert refusal(dimensions=box(100, 100, 60)) == ["sheet-too-thick"]

    def test_a_foil(self) -> None:
        assert refusal(dimensions=box(100, 100, 0.2)) == ["sheet-too-thin"]

    def test_a_metal_too_thick_for_its_laser(self) -> None:
        codes = refusal(dimensions=box(100, 100, 16), material_id="steel_304")

        assert codes == ["sheet-too-thick"]

    def test_a_piece_larger_than_any_sheet(self) -> None:
        codes = refusal(dimensions=box(2800, 1480, 2), material_id="brass_C260")

        assert codes == ["larger-than-sheet"]

    def test_a_piece_larger_than_the_bed(self) -> None:
        assert refusal(dimensions=box(6500, 300, 6)) == ["no-machine-fits"]

    def test_another_thickness_than_the_part_has(self) -> None:
        assert refusal(facts=make_sheet(), params={"thickness_mm": 3}) == ["thickness-contradicts"]

    def test_a_bar(self) -> None:
        with pytest.raises(MaterialNotAllowed, match="cannot work steel_45"):
            price(dimensions=box(100, 100, 2), material_id="steel_45")

    @pytest.mark.parametrize("thickness", ["0", "-1", "1e9", "NaN", "2.00005", {}])
    def test_a_thickness_that_is_none(self, thickness: Any) -> None:
        with pytest.raises(ValidationFailed, match=r"params\.thickness_mm"):
            price(facts=make_drawing(), params={"thickness_mm": thickness})


class TestCatalogue:
    def test_a_speed_of_an_unknown_metal_is_refused_by_its_row(self) -> None:
        row = next(row for row in CATALOG.rows if isinstance(row, LaserSpeed))

        broken = list(broken_references(CATALOG.with_rows([row.model_copy(update={"metal": "mithril"})])))

        assert [(one.field, one.message) for one in broken] == [("metal", "no laser metal 'mithril'")]

    def test_every_metal_that_is_cut_has_its_data(self) -> None:
        cut = [
            row
            for row in CATALOG.materials.values()
            if any({"laser-cutting", "bending"} & set(form.processes) for form in row.forms)
        ]

        assert len(cut) > 20
        assert all(row.machinability in CATALOG.lasers for row in cut)


@pytest.mark.cad
def test_a_step_file_is_priced_by_its_flat_pattern(tmp_path: Path) -> None:
    plate = cq.Workplane().box(150, 90, 3).faces(">Z").workplane().rarray(50, 30, 2, 2).hole(12)
    path = write_step(plate.val(), tmp_path / "plate.step")
    facts = PartFacts.model_validate(
        analyse(lambda _told: None, path, max_triangles=100_000, max_entities=100_000)
    )

    answer = price(facts=facts, quantity=4)

    pieces = cuts(answer)
    assert [line.feature_id is not None for line in pieces] == [False, True, True, True, True]
    assert pieces[0].inputs["cut_length_per_piece"].value == pytest.approx(480, rel=1e-4)
    assert all(
        line.inputs["cut_length_per_piece"].value == pytest.approx(pi * 12, rel=1e-4) for line in pieces[1:]
    )
    assert answer.review is False
