import numpy as np
import pytest

from app.calculator.geometry.mesh_hash import Floats
from app.calculator.geometry.mesh_noise import noise_mm
from app.calculator.geometry.part import MeshPart
from tests.calculator.bodies import torus

SHELL = torus(30, 10).astype(np.float64) + 0.123456789


def noise(places: Floats, origin_mm: tuple[float, float, float] = (0.0, 0.0, 0.0)) -> float:
    return noise_mm(MeshPart("stl", places.astype(np.float32), origin_mm))


def test_of_single_precision_is_a_millionth_of_the_size() -> None:
    assert noise(SHELL) == pytest.approx(1.2e-4, rel=0.5)


def test_of_coordinates_written_with_three_decimals_is_half_a_thousandth() -> None:
    assert noise(np.round(SHELL, 3)) == pytest.approx(5e-4)


@pytest.mark.parametrize(("away_mm", "wanted_mm"), [(0, 5e-5), (90, 5e-4), (300, 5e-4), (2000, 5e-3)])
def test_of_six_written_digits_is_that_of_the_largest_numbers(away_mm: float, wanted_mm: float) -> None:
    far = SHELL + away_mm
    written = np.array([float(f"{value:.6g}") for value in far.ravel()]).reshape(far.shape)

    assert noise(written) == pytest.approx(wanted_mm)


def test_grows_with_the_distance_from_the_origin() -> None:
    assert noise(SHELL, (50_000.0, 0.0, 0.0)) > 20 * noise(SHELL)
