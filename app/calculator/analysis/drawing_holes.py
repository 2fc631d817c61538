"""Round holes of a flat part: inner contours whose corners all lie on one circle."""

from collections.abc import Sequence
from math import pi

import numpy as np

from app.calculator.analysis.drawing_contours import Contour
from app.calculator.analysis.drawing_nesting import Flags
from app.calculator.features import MOST_FEATURES
from app.calculator.features.found import Found, figure, numbered
from app.calculator.features.threads import thread_for
from app.calculator.geometry.curves import Floats
from app.calculator.geometry.rings import Rings
from app.contract.geometry import Feature

KIND = "hole"
ROUND_RELATIVE = 1e-3
"""Corners may miss the circle by this share of its radius: few decimals were written."""
FEWEST_CORNERS = 16
"""A polygon with fewer corners was meant as a polygon."""
TRUE_ARC_RELATIVE = 1e-6
DRAWN_ROUND, DRAWN_IN_PIECES = 1.0, 0.9


def find_round_holes(contours: Sequence[Contour], rings: Rings, inner: Flags) -> tuple[Feature, ...]:
    """Circles that are cut out, as through holes: a drawing knows no depth and no faces."""
    centres, radii = _circles(rings)
    found: list[Found] = []
    for index in np.flatnonzero(inner & (radii > 0)).tolist()[:MOST_FEATURES]:
        radius_mm = float(radii[index])
        exact = abs(contours[index].area_mm2 / (pi * radius_mm * radius_mm) - 1) < TRUE_ARC_RELATIVE
        found.append(_hole(centres[index], radius_mm, DRAWN_ROUND if exact else DRAWN_IN_PIECES))
    return numbered(found)


def _hole(centre: Floats, radius_mm: float, confidence: float) -> Found:
    thread = thread_for(2 * radius_mm, through=True)
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


def _circles(rings: Rings) -> tuple[Floats, Floats]:
    """Centre and radius of the circle through the corners of each ring; no radius where there is none.

    Least squares of Kåsa (1976) about the mean of the corners, which makes it two equations.
    """
    if not len(rings):
        return np.zeros((0, 2)), np.zeros(0)
    counts = rings.counts().astype(np.float64)
    means = rings.summed(rings.corners) / counts[:, None]
    points = rings.corners - means[rings.owner]
    x, y = points.T
    squares = x * x + y * y
    xx, xy, yy, xz, yz = rings.summed(np.stack((x * x, x * y, y * y, x * squares, y * squares), axis=1)).T
    determinant = np.maximum(xx * yy - xy * xy, np.finfo(np.float64).tiny)
    centres = np.stack((xz * yy - yz * xy, yz * xx - xz * xy), axis=1) / (2 * determinant[:, None])
    distances = np.linalg.norm(points - centres[rings.owner], axis=1)
    radii = rings.summed(distances) / counts
    misses = rings.highest(np.abs(distances - radii[rings.owner]))
    steps = rings.highest(np.linalg.norm(rings.ends - rings.corners, axis=1))
    is_round = (misses <= ROUND_RELATIVE * radii) & (steps <= 4 * pi * radii / FEWEST_CORNERS)
    return centres + means, np.where(is_round & (counts >= FEWEST_CORNERS), radii, 0.0)
