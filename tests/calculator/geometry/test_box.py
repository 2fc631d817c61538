import numpy as np

from app.calculator.geometry.box import bounds, diagonal_of


def test_bounds_are_the_lowest_and_the_highest_of_every_coordinate() -> None:
    points = np.array([(3, -1, 0), (0, 5, 2), (1, 1, 14)], dtype=np.float32)

    low, high = bounds(points)

    assert low.tolist() == [0, -1, 0]
    assert high.tolist() == [3, 5, 14]


def test_the_diagonal_goes_from_corner_to_corner() -> None:
    assert diagonal_of(np.array([(1, 2, 3), (3, 8, 12)], dtype=np.float32)) == 11
