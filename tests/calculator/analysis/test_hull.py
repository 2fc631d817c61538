import numpy as np
import pytest

from app.calculator.analysis.hull import MOST_CORNERS, convex_hull
from tests.calculator.bodies import box, torus, turned

TORUS_HULL_MM3 = 2 * 10 * np.pi * 30**2 + np.pi**2 * 30 * 10**2 + 4 / 3 * np.pi * 10**3
"""Ring 30, tube 10: a cylinder between the tops, and the outer half of the tube around it."""


def test_a_box_is_its_own_hull() -> None:
    hull = convex_hull(turned(box(10, 20, 30), 33, (1, 2, 3)))

    assert hull is not None
    assert hull.volume_mm3 == pytest.approx(6000, rel=1e-6)
    assert hull.areas_mm2 == pytest.approx([600, 600, 300, 300, 200, 200], rel=1e-5)


def test_what_lies_inside_changes_nothing() -> None:
    hull = convex_hull(np.concatenate((box(10, 20, 30), box(1, 1, 1, at=(4, 4, 4)))))

    assert hull is not None
    assert hull.volume_mm3 == pytest.approx(6000)


@pytest.mark.parametrize(("around", "across", "share"), [(60, 30, 1e-2), (300, 150, 2.5e-3)])
def test_a_ring_is_filled_up_also_when_its_corners_are_thinned_out(
    around: int, across: int, share: float
) -> None:
    mesh = torus(30, 10, around, across)

    hull = convex_hull(mesh)

    assert (3 * len(mesh) > MOST_CORNERS) == (around == 300)
    assert hull is not None
    assert hull.volume_mm3 == pytest.approx(TORUS_HULL_MM3, rel=share)
    assert hull.volume_mm3 < TORUS_HULL_MM3


def test_the_corners_of_a_fine_box_are_never_thinned_out() -> None:
    inner = (torus(3, 1, 200, 100) + 5).astype(np.float32)

    hull = convex_hull(np.concatenate((box(10, 10, 10), inner)))

    assert hull is not None
    assert hull.volume_mm3 == pytest.approx(1000)


def test_what_is_flat_has_no_hull() -> None:
    assert convex_hull(box(10, 20, 0)) is None
    assert convex_hull(np.zeros((4, 3, 3), dtype=np.float32)) is None
