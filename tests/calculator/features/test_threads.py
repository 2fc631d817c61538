import pytest

from app.calculator.features.threads import thread_for


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
    thread = thread_for(diameter_mm)

    assert thread is not None
    assert thread.designation == designation


@pytest.mark.parametrize("diameter_mm", [3.0, 4.5, 6.6, 11.0, 13.0, 100.0])
def test_other_diameters_tell_none(diameter_mm: float) -> None:
    assert thread_for(diameter_mm) is None
