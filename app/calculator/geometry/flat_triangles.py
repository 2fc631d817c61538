"""Triangles between closed lines in a plane, in time nearly in proportion to their corners."""

from typing import Any

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import Delaunay, QhullError

Points = np.ndarray[Any, np.dtype[np.float64]]
"""(n, 2) places in the plane."""
Indices = np.ndarray[Any, np.dtype[np.int64]]
Flags = np.ndarray[Any, np.dtype[np.bool_]]

AREA_RELATIVE = 1e-9
"""So far may the area of the triangles be from what the lines enclose: only by rounding."""
SHAKEN_RELATIVE = 1e-8
"""Corners on one circle can be joined in many ways; moved by this share of the extent, in one only."""


def triangles_between(points: Points, lines: Indices) -> Indices | None:
    """(k, 3) corners, turning left, of what lies to the left of the lines; no corner is added.

    ``lines`` are (m, 2) straight pieces from one point to the next. ``None`` when they are not closed, touch
    one another, or one of them is no edge of the Delaunay triangulation of their corners: a long piece
    crowded from both sides.
    """
    if not _closed(lines, len(points)):
        return None
    shaken = points + np.random.default_rng(0).uniform(-1, 1, points.shape) * SHAKEN_RELATIVE * np.ptp(points)
    try:
        corners = _turning_left(shaken, Delaunay(shaken - shaken.mean(axis=0)).simplices.astype(np.int64))
    except QhullError:
        return None
    left = _left_of(corners, lines, len(points))
    if left is None:
        return None
    kept = corners[left]
    enclosed = float(_cross(points[lines[:, 0]], points[lines[:, 1]]).sum()) / 2
    area = float(np.abs(_doubled_area(points, kept)).sum()) / 2
    return kept if enclosed > 0 and abs(area - enclosed) <= AREA_RELATIVE * _extent(points) else None


def _closed(lines: Indices, count: int) -> bool:
    """Whether one line comes to every point and one leaves it."""
    return len(lines) == count and all(
        (np.bincount(lines[:, end], minlength=count) == 1).all() for end in (0, 1)
    )


def _turning_left(points: Points, corners: Indices) -> Indices:
    turned = _doubled_area(points, corners) < 0
    corners[turned] = corners[turned][:, ::-1]
    return corners


def _left_of(corners: Indices, lines: Indices, count: int) -> Flags | None:
    """Which triangles can be reached from the left side of a line without crossing one."""
    starts, ends = corners.ravel(), np.roll(corners, -1, axis=1).ravel()
    next_of = np.zeros(count, dtype=np.int64)
    next_of[lines[:, 0]] = lines[:, 1]
    on_left, on_right = next_of[starts] == ends, next_of[ends] == starts
    if np.bincount(np.concatenate((starts[on_left], ends[on_right])), minlength=count).min() == 0:
        return None
    triangle = np.repeat(np.arange(len(corners)), 3)
    part = _parts(starts * count + ends, ends * count + starts, triangle, on_left | on_right)
    inside, outside = np.zeros((2, len(corners)), dtype=bool)
    inside[part[triangle[on_left]]] = outside[part[triangle[on_right]]] = True
    return None if (inside & outside).any() else inside[part]


def _parts(forward: Indices, backward: Indices, triangle: Indices, bordering: Flags) -> Indices:
    """A number for every triangle, the same where they meet in an edge that is no border."""
    order = np.argsort(forward)
    place = order[np.minimum(np.searchsorted(forward, backward, sorter=order), len(order) - 1)]
    joined = (forward[place] == backward) & ~bordering
    pairs = (triangle[joined], triangle[place[joined]])
    count = int(triangle[-1]) + 1
    graph = coo_array((np.ones(len(pairs[0]), dtype=bool), pairs), shape=(count, count))
    return np.asarray(connected_components(graph, directed=False)[1], dtype=np.int64)


def _doubled_area(points: Points, corners: Indices) -> Points:
    origin = points[corners[:, 0]]
    return _cross(points[corners[:, 1]] - origin, points[corners[:, 2]] - origin)


def _cross(first: Points, second: Points) -> Points:
    return first[:, 0] * second[:, 1] - first[:, 1] * second[:, 0]


def _extent(points: Points) -> float:
    """The area of the box round the points."""
    return float(np.prod(np.ptp(points, axis=0)))
