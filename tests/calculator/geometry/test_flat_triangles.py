import numpy as np
import pytest

from app.calculator.geometry.flat_triangles import Indices, Points, triangles_between


def ring(corners: list[tuple[float, float]], first: int = 0) -> tuple[Points, Indices]:
    numbers = np.arange(len(corners)) + first
    return np.array(corners, dtype=np.float64), np.column_stack((numbers, np.roll(numbers, -1)))


def together(*rings: list[tuple[float, float]]) -> tuple[Points, Indices]:
    """Several closed lines as one set of points and pieces."""
    points, lines, first = [], [], 0
    for corners in rings:
        some, pieces = ring(corners, first)
        points.append(some)
        lines.append(pieces)
        first += len(some)
    return np.concatenate(points), np.concatenate(lines)


def areas(points: Points, triangles: Indices) -> Points:
    first, second, third = (points[triangles[:, corner]] for corner in range(3))
    (x, y), (u, v) = (second - first).T, (third - first).T
    return np.asarray((x * v - y * u) / 2)


def circle(x: float, y: float, radius: float, corners: int = 24) -> list[tuple[float, float]]:
    """Turning right, as a hole does."""
    angles = -np.linspace(0, 2 * np.pi, corners, endpoint=False)
    return [(x + radius * float(np.cos(angle)), y + radius * float(np.sin(angle))) for angle in angles]


SQUARE = [(0.0, 0.0), (40.0, 0.0), (40.0, 40.0), (0.0, 40.0)]


def test_what_is_enclosed_is_covered_once_and_holes_stay_open() -> None:
    holes = [circle(x, y, 3) for x in (10, 20, 30) for y in (10, 20, 30)]
    points, lines = together(SQUARE, *holes)

    triangles = triangles_between(points, lines)

    assert triangles is not None
    pieces = areas(points, triangles)
    assert pieces.min() > 0
    assert pieces.sum() == pytest.approx(1600 - 9 * 24 / 2 * 9 * np.sin(2 * np.pi / 24))
    assert len(triangles) == len(points) + 2 * 9 - 2


def test_a_notch_in_the_outline_stays_open() -> None:
    points, lines = ring([(0, 0), (30, 0), (30, 20), (20, 20), (20, 10), (10, 10), (10, 20), (0, 20)])

    triangles = triangles_between(points, lines)

    assert triangles is not None
    assert areas(points, triangles).sum() == pytest.approx(500)


def test_corners_on_a_straight_line_are_all_used() -> None:
    points, lines = ring([(0, 0), (1, 0), (2, 0), (3, 0), (3, 3), (0, 3), (0, 2)])

    triangles = triangles_between(points, lines)

    assert triangles is not None
    assert np.unique(triangles).tolist() == list(range(7))
    assert areas(points, triangles).sum() == pytest.approx(9)


def test_a_long_piece_crowded_from_both_sides_is_left_to_others() -> None:
    slot = [(5.0, 20.0), (5.0, 22.0), (35.0, 22.0), (35.0, 20.0)]
    points, lines = together(SQUARE, slot, circle(20, 17, 2))

    assert triangles_between(points, lines) is None


@pytest.mark.parametrize(
    "lines",
    [
        [(0, 1), (1, 2), (2, 3)],
        [(0, 1), (1, 2), (2, 0), (3, 1)],
    ],
    ids=["open", "meeting in a corner"],
)
def test_lines_that_are_no_rings_enclose_nothing(lines: list[tuple[int, int]]) -> None:
    assert triangles_between(np.array(SQUARE), np.array(lines)) is None


def test_corners_on_one_line_enclose_nothing() -> None:
    points, lines = ring([(0, 0), (1, 0), (2, 0)])

    assert triangles_between(points, lines) is None
