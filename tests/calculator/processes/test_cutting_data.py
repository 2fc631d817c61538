"""Published figures that the times of cutting follow from."""

from decimal import Decimal

import pytest

from app.calculator.processes.end_mill import EndMills, rpm
from app.calculator.processes.roughing import power_limit_cm3_min, rate_of
from tests.factories.cutting import CATALOG, make_job
from tests.factories.parts import make_facts

SFM = 0.3048
INCH_MM = 25.4
WIDE = make_facts((700, 500, 200))


class TestPowerCeiling:
    @pytest.mark.parametrize(
        ("kc_mpa", "cm3_min_per_kw"),
        [
            (480, 100),
            (600, 80),
            (840, 57),
            (950, 51),
            (1400, 34),
            (1950, 25),
            (1800, 27),
            (1970, 24),
            (1775, 27),
        ],
        ids=["Al-Mg", "Al-Si", "Al-Zn", "brass", "grey iron", "mild", "medium", "stainless", "tool steel"],
    )
    def test_is_that_of_the_power_formula_of_mitsubishi_materials(
        self, kc_mpa: int, cm3_min_per_kw: int
    ) -> None:
        job = make_job()

        limit = power_limit_cm3_min(job, Decimal(kc_mpa)) / job.figures["spindle_power_kw"]

        assert float(limit) == pytest.approx(cm3_min_per_kw, abs=0.6)

    def test_a_machine_of_recorded_power_has_its_own(self) -> None:
        job = make_job()
        strong = job.machines[0].model_copy(update={"power_kw": Decimal(30)})
        changed = make_job(catalog=CATALOG.with_rows([strong]))

        ratio = power_limit_cm3_min(changed, Decimal(1000)) / power_limit_cm3_min(job, Decimal(1000))

        assert float(ratio) == pytest.approx(30 / 7.5)


class TestTool:
    @pytest.mark.parametrize(
        ("group", "sfm", "inch_per_tooth", "inch_deep"),
        [
            ("aluminium-wrought", 600, 0.006, 0.5),
            ("steel-stainless", 220, 0.0024, 0.25),
            ("steel-tool", 250, None, None),
            ("titanium", 90, 0.0018, None),
        ],
    )
    def test_cuts_as_the_published_tables_say(
        self, group: str, sfm: float, inch_per_tooth: float | None, inch_deep: float | None
    ) -> None:
        row = CATALOG.machinability[group]

        assert float(row.milling_speed_m_min) == pytest.approx(sfm * SFM, abs=0.06)
        if inch_per_tooth is not None:
            assert float(row.milling_feed_mm) == pytest.approx(inch_per_tooth * INCH_MM, abs=1e-4)
        if inch_deep is not None:
            assert float(row.milling_depth_mm) == pytest.approx(inch_deep * INCH_MM)

    def test_removes_depth_times_width_times_feed(self) -> None:
        mills = EndMills(make_job())

        turns = 1000 * 182.9 / (3.14159 * 12.7)
        feed = turns * 3 * 0.1524
        assert float(mills.removal_cm3_min(Decimal("12.7"))) == pytest.approx(
            12.7 * 0.4 * 12.7 * feed / 1000, rel=1e-5
        )

    def test_removes_by_the_square_of_its_diameter_until_the_spindle_turns_no_faster(self) -> None:
        mills = EndMills(make_job(material_id="steel_45"))

        large, half, small, smaller = (mills.removal_cm3_min(Decimal(size)) for size in (12, 6, 2, 1))

        assert float(large / half) == pytest.approx(4)
        assert float(small / smaller) == pytest.approx(8)

    def test_turns_no_faster_than_the_spindle(self) -> None:
        assert rpm(Decimal(180), Decimal(2), Decimal(10_000)) == 10_000

    @pytest.mark.parametrize(("depth", "factors"), [(40, 0), (41, 1), (80, 1), (81, 2)])
    def test_takes_longer_the_further_it_reaches(self, depth: int, factors: int) -> None:
        mills = EndMills(make_job())

        factor = mills.data.deep_factor**factors
        assert mills.reach_factor(Decimal(depth), Decimal(10)) == factor

    def test_rates_lie_within_the_published_spread(self) -> None:
        aluminium = EndMills(make_job(facts=WIDE)).removal_cm3_min(Decimal(16))

        assert 3 < aluminium < 800


class TestBounds:
    @pytest.mark.parametrize(
        ("facts", "removed_cm3", "bound"),
        [
            (make_facts(), 10_000, "the tool"),
            (WIDE, 10_000, "the spindle power"),
            (WIDE, 1, "the size of the part"),
        ],
        ids=["narrow part", "wide part", "little to remove"],
    )
    def test_the_least_of_power_tool_and_part_is_named(
        self, facts: object, removed_cm3: int, bound: str
    ) -> None:
        job = make_job(facts=facts)

        assert rate_of(job, EndMills(job), Decimal(removed_cm3)).bound_by == bound
