import numpy as np
import pytest

from app.calculator.geometry.frames import smallest_frame
from tests.calculator.bodies import box, turned

UPRIGHT = np.eye(3)


def test_a_turned_box_is_found_when_one_of_its_directions_is_offered() -> None:
    points = turned(box(40, 30, 20), 30, (0, 0, 1)).reshape(-1, 3).astype(np.float64)

    frame, volume = smallest_frame(points, UPRIGHT)

    assert volume == pytest.approx(24_000, rel=1e-5)
    assert np.sort(np.ptp(points @ frame.T, axis=0)) == pytest.approx([20, 30, 40], rel=1e-5)


def test_an_upright_box_keeps_its_frame() -> None:
    frame, volume = smallest_frame(box(4, 3, 2).reshape(-1, 3).astype(np.float64), UPRIGHT)

    assert np.array_equal(frame, UPRIGHT)
    assert volume == pytest.approx(24)


def test_points_on_a_line_make_an_empty_box_instead_of_an_error() -> None:
    points = np.array([[0.0, 0, 0], [1, 0, 0], [2, 0, 0]])

    assert smallest_frame(points, UPRIGHT)[1] == 0


def test_directions_without_length_are_passed_over() -> None:
    points = box(1, 1, 1).reshape(-1, 3).astype(np.float64)

    assert smallest_frame(points, np.zeros((3, 3)))[1] == pytest.approx(1)
