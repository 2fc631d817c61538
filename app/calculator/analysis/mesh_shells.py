"""Do the shells of a closed mesh agree on what is inside? Winding along lines through doubtful places.

Along a line through sound shells the number of surfaces entered and not yet left is 0 or 1; a cavity
takes one away and gives it back. Anything else means that shells overlap or one of them is inside out.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from app.calculator.geometry.mesh_hash import Floats
from app.calculator.geometry.mesh_identity import Ids
from app.calculator.geometry.part import Triangles

TOLERATED_SHARE = 1e-3
"""Bodies of an assembly drawn with a slight press fit may share this much of the whole volume."""

LINES_PER_SIDE = 7
"""Lines through an overlap of two boxes form a square grid of this side, slightly off the regular places."""

MOST_PAIRS = 40
"""Doubtful pairs looked at, largest overlap first."""

MOST_COMPARED = 1_500
"""More shells than this are not compared pair by pair."""

_OVERLAP_RELATIVE = 1e-4
_AXES = ((0, 1, 2), (1, 2, 0), (2, 0, 1))


@dataclass(frozen=True)
class ShellCheck:
    """``sure`` is false when the shells contradict each other or were too many to compare.

    ``excess_share`` is the estimated part of the volume that is counted twice or counted as hollow twice,
    ``contradicting`` the number of shells that take part in it or are inside out.
    """

    sure: bool
    compared: bool
    excess_share: float = 0.0
    contradicting: int = 0


def check_shells(triangles: Triangles, shell_of: Ids, count: int, sign: float) -> ShellCheck:
    """``sign`` is -1 for a mesh that is inside out as a whole."""
    if count > MOST_COMPARED:
        return ShellCheck(sure=False, compared=False)
    order = np.argsort(shell_of, kind="stable")
    corners = triangles[order].astype(np.float64)
    starts = np.searchsorted(shell_of[order], np.arange(count))
    bounds = _boxes(corners)
    low = np.minimum.reduceat(bounds[0], starts)
    high = np.maximum.reduceat(bounds[1], starts)
    volumes = sign * np.add.reduceat(_six_volumes(corners), starts)
    first, second = _overlapping(low, high)
    alone = np.ones(count, dtype=np.bool_)
    alone[first] = alone[second] = False
    inside_out = int(np.count_nonzero(volumes[alone] <= 0))
    if inside_out:
        return ShellCheck(sure=False, compared=True, contradicting=inside_out)
    excess_mm3 = 0.0
    contradicting: set[int] = set()
    for one, other in zip(first.tolist(), second.tolist(), strict=True):
        span = (np.maximum(low[one], low[other]), np.minimum(high[one], high[other]))
        shared_mm3 = _excess(corners, bounds, span, sign)
        excess_mm3 += shared_mm3
        if shared_mm3 > TOLERATED_SHARE * abs(min(volumes[one], volumes[other], key=abs)) / 6:
            contradicting |= {one, other}
    share = excess_mm3 / abs(float(volumes.sum()) / 6)
    sure = share <= TOLERATED_SHARE
    return ShellCheck(
        sure, compared=True, excess_share=share, contradicting=0 if sure else len(contradicting)
    )


def _boxes(corners: Floats) -> tuple[Floats, Floats]:
    """Lowest and highest coordinates of every triangle; numpy reduces a short axis by the element."""
    first, second, third = corners[:, 0], corners[:, 1], corners[:, 2]
    low = np.minimum(np.minimum(first, second), third)
    return low, np.maximum(np.maximum(first, second), third)


def _six_volumes(corners: Floats) -> Floats:
    local = corners - corners[0, 0]
    volumes: Floats = np.einsum("ij,ij->i", local[:, 0], np.cross(local[:, 1], local[:, 2]))
    return volumes


def _overlapping(low: Floats, high: Floats) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Pairs of shells whose boxes share more than a sliver, largest share first."""
    shared = np.minimum(high[:, None], high[None]) - np.maximum(low[:, None], low[None])
    size = (high - low).max(axis=1)
    least = _OVERLAP_RELATIVE * np.minimum(size[:, None], size[None])
    doubtful = np.triu((shared > least[..., None]).all(axis=2), 1)
    first, second = np.nonzero(doubtful)
    largest = np.argsort(-shared[first, second].prod(axis=1))[:MOST_PAIRS]
    return first[largest], second[largest]


def _excess(
    corners: Floats, bounds: tuple[Floats, Floats], span: tuple[Floats, Floats], sign: float
) -> float:
    """The contradictory volume within the span, the mean of estimates along the three axes."""
    return sum(_excess_along(corners, bounds, span, sign, axes) for axes in _AXES) / len(_AXES)


def _excess_along(
    corners: Floats,
    bounds: tuple[Floats, Floats],
    span: tuple[Floats, Floats],
    sign: float,
    axes: tuple[int, int, int],
) -> float:
    along, u, v = axes
    plane = [u, v]
    low, high = span[0][plane], span[1][plane]
    meets = ((bounds[0][:, plane] <= high) & (bounds[1][:, plane] >= low)).all(axis=1)
    near, nearest, farthest = corners[meets], bounds[0][meets, u], bounds[1][meets, u]
    limits = (float(span[0][along]), float(span[1][along]))
    total_mm = 0.0
    for row in _places(low, high):
        in_reach = (nearest <= row[:, 0].max()) & (farthest >= row[:, 0].min())
        reached = near[in_reach]
        for place in row:
            total_mm += _wrong_length(reached, place, axes, limits, sign)
    return total_mm / LINES_PER_SIDE**2 * float((high - low).prod())


def _places(low: Floats, high: Floats) -> Floats:
    """Where the lines run, (row, column, coordinate).

    Off the regular places, so that a line seldom runs along an edge.
    """
    steps = (np.arange(LINES_PER_SIDE) + 0.5) / LINES_PER_SIDE
    shifts = (np.arange(LINES_PER_SIDE) + 1) / LINES_PER_SIDE
    shares = np.stack(
        (steps[:, None] + 0.0137 * shifts[None], steps[None] + 0.0173 * shifts[:, None]), axis=-1
    )
    places: Floats = low + shares * (high - low)
    return places


def _wrong_length(
    corners: Floats, place: Floats, axes: tuple[int, int, int], limits: tuple[float, float], sign: float
) -> float:
    """How much of the line between the limits lies inside twice, or outside of nothing."""
    heights, turn = _crossings(corners, place, axes)
    order = np.argsort(heights)
    heights = heights[order].clip(*limits)
    winding = np.cumsum(-sign * np.sign(turn)[order])
    if not len(winding) or winding[-1] != 0:
        return 0.0  # the line ran along an edge: it tells nothing
    wrong = (winding[:-1] < 0) | (winding[:-1] > 1)
    return float(np.diff(heights)[wrong].sum())


def _crossings(corners: Floats, place: Floats, axes: tuple[int, int, int]) -> tuple[Floats, Floats]:
    """Where the line crosses triangles, and twice the signed area each shows to it."""
    along, u, v = axes
    x, y = corners[:, :, u] - place[0], corners[:, :, v] - place[1]
    spans = _around_nought(x) & _around_nought(y)
    x, y, heights = x[spans], y[spans], corners[spans][:, :, along]
    weights = np.stack(
        (
            x[:, 1] * y[:, 2] - x[:, 2] * y[:, 1],
            x[:, 2] * y[:, 0] - x[:, 0] * y[:, 2],
            x[:, 0] * y[:, 1] - x[:, 1] * y[:, 0],
        ),
        axis=1,
    )
    hit = (weights > 0).all(axis=1) | (weights < 0).all(axis=1)
    turn = weights[hit].sum(axis=1)
    return (weights[hit] * heights[hit]).sum(axis=1) / turn, turn


def _around_nought(values: Floats) -> npt.NDArray[np.bool_]:
    """Whether the three values of a row lie on both sides of nought, or one on it."""
    first, second, third = values[:, 0], values[:, 1], values[:, 2]
    above = (first >= 0) | (second >= 0) | (third >= 0)
    return above & ((first <= 0) | (second <= 0) | (third <= 0))
