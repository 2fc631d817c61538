"""Round holes of a flat part: inner contours whose corners all lie on one circle."""

from collections.abc import Sequence
from math import pi

import numpy as np

from app.calculator.analysis.drawing_contours import Contour
from app.calculator.features import MOST_FEATURES
from app.calculator.features.found import Found, figure, numbered
from app.calculator.features.threads import thread_for
from app.calculator.geometry.curves import Floats
from app.contract.geometry import Feature

KIND = "hole"
ROUND_RELATIVE = 1e-3
"""Corners may miss the circle by this share of its radius: few decimals were written."""
FEWEST_CORNERS = 16
"""A polygon with fewer corners was meant as a polygon."""
TRUE_ARC_RELATIVE = 1e-6
DRAWN_ROUND, DRAWN_IN_PIECES = 1.0, 0.9


def find_round_holes(inner: Sequence[Contour]) -> tuple[Feature, ...]:
    """Circles that are cut out, as through holes: a drawing knows no depth and no faces."""
    found: list[Found] = []
    for contour in inner:
        circle = _circle(contour.ring)
        if circle is None:
            continue
        centre, radius_mm = circle
        exact = abs(contour.area_mm2 / (pi * radius_mm * radius_mm) - 1) < TRUE_ARC_RELATIVE
        found.append(_hole(centre, radius_mm, DRAWN_ROUND if exact else DRAWN_IN_PIECES))
    return numbered(found[:MOST_FEATURES])


def _hole(centre: Floats, radius_mm: float, confidence: float) -> Found:
    thread = thread_for(2 * radius_mm)
    figures = {
        "type": "through",
        "diameter_mm": figure(2 * radius_mm),
        "depth_mm": None,
        "axis": [0.0, 0.0, 1.0],
        "thread_candidate": thread.designation if thread else None,
        "through": True,
        "breaks_out": False,
    }
    return Found(KIND, frozenset(), np.append(centre, 0.0), confidence, figures)


def _circle(ring: Floats) -> tuple[Floats, float] | None:
    """Centre and radius of the circle through the corners (least squares, Kåsa 1976), if there is one."""
    if len(ring) < FEWEST_CORNERS:
        return None
    middle = (ring.min(axis=0) + ring.max(axis=0)) / 2
    points = ring - middle
    rows = np.column_stack((points, np.ones(len(points))))
    solved, *_ = np.linalg.lstsq(rows, (points**2).sum(axis=1), rcond=None)
    centre = solved[:2] / 2
    radii = np.linalg.norm(points - centre, axis=1)
    radius_mm = float(radii.mean())
    if not np.abs(radii - radius_mm).max() <= ROUND_RELATIVE * radius_mm:
        return None
    around = np.linalg.norm(np.roll(ring, -1, axis=0) - ring, axis=1)
    if around.max() > 4 * pi * radius_mm / FEWEST_CORNERS:
        return None
    return centre + middle, radius_mm
