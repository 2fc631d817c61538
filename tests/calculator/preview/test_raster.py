import numpy as np
import numpy.typing as npt
import pytest

from app.calculator.preview.camera import Frame, Planes
from app.calculator.preview.depth import NOTHING
from app.calculator.preview.raster import rasterise

SAMPLES = 96
FRAME = Frame(SAMPLES, 1.0, np.array([SAMPLES / 2, SAMPLES / 2, 0.0]), 200.0)
"""A millimetre is a sample, the corner of the picture the origin."""

NOWHERE = -1e9


def planes(corners: npt.NDArray[np.floating]) -> Planes:
    return np.ascontiguousarray(corners.transpose(2, 1, 0)).astype(np.float32)


def drawn(corners: npt.NDArray[np.floating]) -> npt.NDArray[np.int64]:
    """The triangle of every sample."""
    return rasterise(planes(corners), FRAME).triangle().reshape(SAMPLES, SAMPLES)


def searched(corners: npt.NDArray[np.float64]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """The same by asking every triangle about every sample; and where the answer is a matter of rounding."""
    middles = np.arange(SAMPLES) + 0.5
    x, y = middles[None, :, None], middles[:, None, None]
    (ax, ay, az), (bx, by, bz), (cx, cy, cz) = (corners[:, corner].T for corner in range(3))
    turn = (bx - ax) * (cy - ay) - (cx - ax) * (by - ay)
    second = ((x - ax) * (cy - ay) - (cx - ax) * (y - ay)) / turn
    third = ((bx - ax) * (y - ay) - (x - ax) * (by - ay)) / turn
    least = np.minimum(np.minimum(second, third), 1 - second - third)
    depth = np.where(least >= 0, az + second * (bz - az) + third * (cz - az), NOWHERE)
    first_two = np.sort(depth, axis=2)[..., -2:]
    unsure = (np.abs(least) < 0.02).any(axis=2) | (np.diff(first_two, axis=2)[..., 0] < 0.05)
    return np.where(first_two[..., -1] > NOWHERE, depth.argmax(axis=2), NOTHING), unsure


@pytest.mark.parametrize("size", [2.0, 5.0, 12.0, 80.0])
def test_every_sample_shows_the_nearest_triangle_over_it(size: float) -> None:
    chance = np.random.default_rng(7)
    middles = chance.uniform(size / 2, SAMPLES - size / 2, (60, 1, 3))
    corners = middles + chance.uniform(-size / 2, size / 2, (60, 3, 3))

    found, unsure = searched(corners)

    shown = drawn(corners)
    assert (shown[~unsure] == found[~unsure]).all()
    assert (shown != NOTHING).any()


@pytest.mark.parametrize("across", [3, 17, 60])
def test_neighbours_leave_no_gap_between_them(across: int) -> None:
    chance = np.random.default_rng(across)
    edge = np.linspace(0, SAMPLES, across + 1)
    points = np.stack(np.meshgrid(edge, edge, indexing="ij"), axis=-1)
    points[1:-1, 1:-1] += chance.uniform(-0.3, 0.3, points[1:-1, 1:-1].shape) * (SAMPLES / across)
    points = np.concatenate((points, np.zeros((*points.shape[:2], 1))), axis=-1)
    a, b, c, d = points[:-1, :-1], points[1:, :-1], points[1:, 1:], points[:-1, 1:]
    corners = np.concatenate([np.stack(half, axis=2).reshape(-1, 3, 3) for half in ((a, b, c), (a, c, d))])

    assert (drawn(corners) != NOTHING).all()


def test_slivers_are_drawn_along_their_whole_length() -> None:
    sliver = np.array([[[0.0, 0.0, 0.0], [SAMPLES, SAMPLES, 0.0], [SAMPLES, SAMPLES - 1.5, 0.0]]])

    shown = drawn(sliver) == 0

    assert SAMPLES / 2 < shown.sum() < 2 * SAMPLES
    assert shown.any(axis=1).sum() > 0.9 * SAMPLES


@pytest.mark.parametrize("turned", [False, True])
def test_both_sides_are_drawn_and_the_nearer_one_is_seen(turned: bool) -> None:  # noqa: FBT001 - a case
    near = np.array([[0.0, 0.0, 5.0], [SAMPLES, 0.0, 5.0], [0.0, SAMPLES, 5.0]])
    far = near[::-1] - (0, 0, 10)

    shown = drawn(np.stack((far, near) if turned else (near, far)))

    assert set(np.unique(shown).tolist()) == {NOTHING, int(turned)}


def test_what_covers_no_sample_is_left_out() -> None:
    dust = np.array([[[5.0, 5.0, 0.0], [5.1, 5.0, 0.0], [5.0, 5.1, 0.0]]])
    line = np.array([[[5.0, 5.0, 0.0], [50.0, 50.0, 0.0], [90.0, 90.0, 0.0]]])

    assert (drawn(np.concatenate((dust, line))) == NOTHING).all()
