import pytest

from app.calculator.features.threads import drawn_thread_for, thread_for


@pytest.mark.parametrize(
    ("diameter_mm", "designation"),
    [
        (2.5, "M3"),
        (5.0, "M6"),
        (6.8, "M8"),
        (6.647, "M8"),
        (8.5, "M10"),
        (8.8, "M10x1.25"),
        (10.2, "M12"),
        (10.8, "M12x1.25"),
        (43.0, "M48"),
    ],
)
def test_a_tap_drill_or_minor_diameter_tells_its_thread(diameter_mm: float, designation: str) -> None:
    thread = thread_for(diameter_mm, through=True)

    assert thread is not None
    assert thread.designation == designation


@pytest.mark.parametrize("diameter_mm", [3.0, 4.5, 6.6, 11.0, 13.0, 100.0])
def test_other_diameters_tell_none(diameter_mm: float) -> None:
    assert thread_for(diameter_mm, through=False) is None


@pytest.mark.parametrize(("diameter_mm", "designation"), [(7.0, "M8x1"), (9.0, "M10x1"), (35.0, "M39")])
def test_a_through_hole_for_a_screw_is_no_tap_drill_of_a_rare_thread(
    diameter_mm: float, designation: str
) -> None:
    blind = thread_for(diameter_mm, through=False)

    assert thread_for(diameter_mm, through=True) is None
    assert blind is not None
    assert blind.designation == designation


@pytest.mark.parametrize(("diameter_mm", "designation"), [(2.53, "M3"), (5.1, "M6"), (7.1, "M8x1")])
def test_the_crests_of_a_drawn_thread_may_lie_within_its_tolerance(
    diameter_mm: float, designation: str
) -> None:
    thread = drawn_thread_for(diameter_mm)

    assert thread is not None
    assert thread.designation == designation


def test_crests_too_far_apart_for_any_thread_tell_none() -> None:
    assert drawn_thread_for(7.5) is None
