"""Pockets one by one: the tool that fits the width, then the one that fits the corners."""

from dataclasses import replace
from decimal import Decimal

import pytest

from app.calculator.processes.base import ONE
from app.calculator.processes.end_mill import EndMills
from app.calculator.processes.pockets import Pocket, Pocketing
from tests.factories.cutting import make_job

POCKET = Pocket("pocket-1", Decimal(60), Decimal(30), Decimal(15), Decimal(5), has_floor=True)


def pocketing() -> Pocketing:
    job = make_job()
    return Pocketing(job, EndMills(job))


def with_radius(radius_mm: str | None) -> Pocket:
    return replace(POCKET, radius_mm=None if radius_mm is None else Decimal(radius_mm))


class TestTools:
    @pytest.mark.parametrize(
        ("pocket", "wide", "corner"),
        [
            (POCKET, 16, 10),
            (replace(POCKET, width_mm=Decimal(12)), 9, 9),
            (with_radius("2"), 16, 4),
            (with_radius("0"), 16, 1.25),
            (with_radius(None), 16, 16),
        ],
        ids=["usual", "narrow", "small corners", "sharp corners", "no corners"],
    )
    def test_fit_the_width_and_twice_the_radius(self, pocket: Pocket, wide: float, corner: float) -> None:
        found = pocketing().tools_mm(pocket)

        assert [float(size) for size in found] == [wide, corner]

    def test_no_tool_reaches_further_than_it_can(self) -> None:
        deep = replace(with_radius("1"), depth_mm=Decimal(60))

        assert pocketing().tools_mm(deep)[1] == 5


class TestMinutes:
    def test_wider_corners_take_less_time(self) -> None:
        worked = pocketing()

        minutes = [worked.minutes(with_radius(radius)) for radius in ("1", "2", "3", "5", "8")]

        assert minutes == sorted(minutes, reverse=True)
        assert minutes[0] > minutes[2]

    def test_what_was_not_there_takes_no_clearing(self) -> None:
        worked = pocketing()

        assert worked.minutes(POCKET, ONE / 2) < worked.minutes(POCKET)

    def test_a_window_has_no_floor_to_finish(self) -> None:
        worked = pocketing()

        assert worked.minutes(replace(POCKET, has_floor=False)) < worked.minutes(POCKET)

    def test_the_formula_names_both_tools(self) -> None:
        formulas = [step.formula for step in pocketing().steps([POCKET, with_radius(None)], ONE)]

        both = "tools to their places + clearing, floor and walls with a tool of 16.0 mm"
        assert formulas == [
            f"({both} + corners with one of 10.0 mm) x actual over cutting time x pieces",
            f"({both}) x actual over cutting time x pieces",
        ]
