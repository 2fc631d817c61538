"""Which contours lie inside others: along a line across each contour, the borders on its left are counted."""

import numpy as np
import numpy.typing as npt

from app.calculator.geometry.curves import Floats
from app.calculator.geometry.rings import Numbers, Rings

MOST_BINS = 4_096
_OFF_THE_MIDDLE = 0.5137
"""Lines across miss corners that stand on round numbers."""

Flags = npt.NDArray[np.bool_]


def are_inner(rings: Rings) -> Flags:
    """Whether each ring is the border of a hole: an odd number of others runs round it.

    Time grows with the number of edges met by lines across the rings, one for all of the same height.
    """
    inner = np.zeros(len(rings), dtype=np.bool_)
    if len(rings) < 2:  # noqa: PLR2004 - nothing to lie in
        return inner
    edges = _Edges(rings)
    y = rings.corners[:, 1]
    heights = _heights(-rings.highest(-y), rings.highest(y))
    order = np.argsort(heights, kind="stable")
    _, first = np.unique(heights[order], return_index=True)
    for wanted in np.split(order, first[1:]):
        owners, before = edges.met_at(float(heights[wanted[0]]))
        at = np.searchsorted(owners, wanted)
        inner[wanted] = before[at] % 2 == 1
    return inner


def _heights(low: Floats, high: Floats) -> Floats:
    """Near the middle, on a grid: rings in a row share one line across."""
    step = 2.0 ** np.floor(np.log2((high - low) / 4))
    heights: Floats = (np.floor((low + high) / 2 / step) + _OFF_THE_MIDDLE) * step
    return heights


class _Edges:
    """The edges of all rings, in bins by height."""

    def __init__(self, rings: Rings) -> None:
        start, end = rings.corners, rings.ends
        self._owner = rings.owner
        upward = (start[:, 1] <= end[:, 1])[:, None]
        self._low, self._high = np.where(upward, start, end), np.where(upward, end, start)
        self._base = float(self._low[:, 1].min())
        rises = self._high[:, 1] - self._low[:, 1]
        self._bin_mm = max(float(self._high[:, 1].max()) - self._base, 0.0) / MOST_BINS
        self._bin_mm = max(self._bin_mm, float(rises.mean()))
        first, last = self._bin_of(self._low[:, 1]), self._bin_of(self._high[:, 1])
        counts = last - first + 1
        edge = np.repeat(np.arange(len(first)), counts)
        bins = first[edge] + np.arange(len(edge)) - np.repeat(np.cumsum(counts) - counts, counts)
        order = np.argsort(bins, kind="stable")
        self._in_bins, self._starts = edge[order], np.searchsorted(bins[order], np.arange(bins.max() + 2))

    def met_at(self, height: float) -> tuple[Numbers, Numbers]:
        """The rings met at this height, in order, and how many borders lie left of the first one of each."""
        here = int(self._bin_of(np.array([height]))[0])
        edges = self._in_bins[self._starts[here] : self._starts[here + 1]]
        low, high = self._low[edges], self._high[edges]
        met = (low[:, 1] <= height) & (height < high[:, 1])
        edges, low, high = edges[met], low[met], high[met]
        x = low[:, 0] + (height - low[:, 1]) * (high[:, 0] - low[:, 0]) / (high[:, 1] - low[:, 1])
        owners, before = np.unique(self._owner[edges][np.argsort(x, kind="stable")], return_index=True)
        return owners, before

    def _bin_of(self, heights: Floats) -> Numbers:
        return np.floor((heights - self._base) / self._bin_mm).astype(np.int64)
