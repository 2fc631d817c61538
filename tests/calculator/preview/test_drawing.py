import numpy as np
import numpy.typing as npt

from app.calculator.geometry.curves import Stroke
from app.calculator.geometry.part import DrawingPart
from app.calculator.preview.drawing import draw_drawing
from app.contract.pictures import PreviewQuery
from tests.calculator.preview.subjects import Pixels, pixels


def square(side_mm: float, at_mm: float = 0.0) -> Stroke:
    corners = np.array([[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]], dtype=np.float64) * side_mm + at_mm
    return Stroke(corners, 4 * side_mm)


def line(*points: tuple[float, float]) -> Stroke:
    corners: npt.NDArray[np.float64] = np.array(points, dtype=np.float64)
    return Stroke(corners, float(np.linalg.norm(np.diff(corners, axis=0), axis=1).sum()))


def shown(*strokes: Stroke) -> Pixels:
    part = DrawingPart("dxf", strokes, "mm", unit_stated=True)
    return pixels(draw_drawing(part, PreviewQuery(size=100, views=("iso", "top"))))


def test_the_plate_is_filled_and_its_window_is_not() -> None:
    picture = shown(square(100), square(50, at_mm=25))

    assert picture.shape == (100, 100, 4)
    assert picture[50, 10, 3] == 255
    assert picture[50, 50, 3] == 0


def test_an_island_in_a_window_is_filled() -> None:
    picture = shown(square(100), square(60, at_mm=20), square(20, at_mm=40))

    assert [int(picture[50, column, 3]) for column in (10, 30, 50)] == [255, 0, 255]


def test_open_lines_are_drawn_and_enclose_nothing() -> None:
    picture = shown(line((0, 0), (100, 0), (100, 100)))

    assert picture[..., 3].any()
    assert picture[30, 30, 3] == 0


def test_y_is_up() -> None:
    picture = shown(line((0, 0), (100, 0), (100, 100)))

    assert picture[80:, :, 3].sum() > picture[:20, :, 3].sum()


def test_a_drawing_of_one_line_has_a_picture() -> None:
    assert shown(line((0, 0), (0, 10)))[..., 3].any()
