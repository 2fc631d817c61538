"""Holes one by one: by diameter, depth, mouth and thread."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from app.calculator.processes.drilling import Drilling
from app.calculator.processes.end_mill import EndMills
from app.calculator.processes.shape import Hole, Thread
from tests.factories.cutting import make_job

PLAIN = Hole("hole-1", Decimal(10), Decimal(20))
M6 = Thread(Decimal(6), Decimal(1), is_drawn=True)


def drilling(**changes: Any) -> Drilling:
    job = make_job(**changes)
    return Drilling(job, EndMills(job))


class TestDrilling:
    def test_takes_travel_over_feed_and_the_time_to_get_there(self) -> None:
        feed = 1000 * 106.7 / 3.14159 * 0.012

        minutes = drilling().minutes(PLAIN)

        assert float(minutes) == pytest.approx((6.35 + 20 + 3) / feed + 0.11 + 0.05, rel=1e-4)

    def test_positioning_is_five_to_eight_seconds(self) -> None:
        assert 5 <= drilling().job.figures["hole_minutes"] * 60 <= 8

    def test_a_deep_hole_is_drilled_slower_and_in_pecks(self) -> None:
        drilled = drilling()

        shallow, deep = (drilled.drilled_minutes(Decimal(10), Decimal(depth)) for depth in (40, 41))

        published = 0.65 * 0.7
        assert float(deep) == pytest.approx(
            float(shallow) * (50.35 / 49.35) / published + 41 * 0.002, rel=1e-4
        )

    def test_pecking_is_within_the_published_minutes_per_inch(self) -> None:
        assert 0.03 <= float(drilling().job.figures["peck_minutes_per_mm"]) * 25.4 <= 0.07

    def test_a_wide_hole_is_milled_out(self) -> None:
        words = [step.formula for step in drilling().steps([replace(PLAIN, diameter_mm=Decimal(40))])]

        assert words == ["(positioning + milling out + once round the wall) x pieces"]

    @pytest.mark.parametrize("kind", ["counterbore", "countersink"])
    def test_a_mouth_takes_time_of_its_own(self, kind: str) -> None:
        mouth = replace(PLAIN, kind=kind, mouth_diameter_mm=Decimal(18), mouth_depth_mm=Decimal(6))
        drilled = drilling()

        assert drilled.minutes(mouth) > drilled.minutes(PLAIN) + Decimal("0.11")
        assert kind in drilled.steps([mouth])[0].formula

    def test_a_drill_that_goes_on_into_another_wall_is_positioned_once(self) -> None:
        lugs = [replace(PLAIN, id=f"hole-{number}", stroke=Decimal(1)) for number in (1, 2)]

        first, second = drilling().steps(lugs)

        assert float(first.piece_hours - second.piece_hours) == pytest.approx(0.16 * 1.33 / 60)


class TestThreads:
    def test_a_drawn_thread_is_tapped(self) -> None:
        drilled, threaded = drilling(), replace(PLAIN, thread=M6)

        turns = 1000 * 16.8 / (3.14159 * 6)
        tapping = 0.11 + 2 * 12 / turns + 0.055
        assert float(drilled.minutes(threaded) - drilled.minutes(PLAIN)) == pytest.approx(tapping, rel=1e-4)

    def test_tapping_takes_three_seconds_beside_the_cut(self) -> None:
        assert 3 <= float(drilling().job.figures["tap_minutes"]) * 60 <= 3.5

    def test_a_supposed_thread_is_tapped_where_that_is_asked_for(self) -> None:
        supposed = replace(PLAIN, thread=replace(M6, is_drawn=False))
        careful, asked = drilling(), drilling(params={"threads": "candidates"})

        assert careful.minutes(supposed) == careful.minutes(PLAIN)
        assert asked.minutes(supposed) > asked.minutes(PLAIN)
        assert asked.steps([supposed])[0].formula.endswith("+ tapping) x pieces")

    def test_no_thread_is_cut_deeper_than_it_has_to_be(self) -> None:
        drilled = drilling()
        taps = [
            drilled.tapping_minutes(replace(PLAIN, depth_mm=Decimal(depth), thread=M6))
            for depth in (6, 12, 30)
        ]

        assert taps[0] < taps[1] == taps[2]


def test_equal_holes_take_the_same_tools() -> None:
    holes = [replace(PLAIN, id=f"hole-{number}") for number in range(9)]

    assert drilling().tools(holes) == {"spot drill", "drill 10"}
