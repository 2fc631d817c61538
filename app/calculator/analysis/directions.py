"""Directions a tool may come from, read off the faces of a part."""

from typing import Any

import numpy as np
import numpy.typing as npt

from app.calculator.analysis.samples import Samples
from app.calculator.geometry.rays import Floats

FLAT = 1e-4
"""Normals that spread by less than this (mean square) point one way, or stay within one plane."""
SAME = float(np.cos(np.radians(1)))
MOST_AXES = 16
ASIDE = 0.5
"""An axis is another one in the frame of a part when it leans out of those before it by thirty degrees."""
KNOWN_SHARE = 0.5
"""With less of its area on faces that have an axis, a part is looked at from all around."""

_STEPS = (-1.0, 0.0, 1.0)
_GRID = np.array([(x, y, z) for x in _STEPS for y in _STEPS for z in _STEPS if (x, y, z) != (0, 0, 0)])
_AROUND = _GRID / np.linalg.norm(_GRID, axis=1)[:, None]


def candidate_directions(samples: Samples) -> Floats:
    """Unit vectors from the part to the tool, both ways along every axis.

    The axes are those of the faces, the largest area first: the normal of a flat face, the axis of a cylinder
    or cone. Where these do not see the part from all sides, axes square to them are added, and to a free-form
    part the diagonals between. The axes of the file play no role: a part that is turned in it is the same.
    """
    axes, areas_mm2 = _face_axes(samples)
    chosen = _distinct(axes, areas_mm2)
    frame = _frame(chosen, samples)
    for axis in frame:
        chosen = _with(chosen, axis)
    both: Floats = np.concatenate((chosen, -chosen))
    if areas_mm2.sum() < KNOWN_SHARE * samples.areas_mm2.sum():
        around = _AROUND @ frame
        both = np.concatenate((both, around[np.abs(around @ both.T).max(axis=1) < SAME]))
    return both + 0.0


def _frame(axes: Floats, samples: Samples) -> Floats:
    """Three axes square to each other: the first of these and, as far as they leave it open, of the shape."""
    apart = samples.points - np.average(samples.points, axis=0, weights=samples.areas_mm2)
    longest = np.linalg.eigh((apart * samples.areas_mm2[:, None]).T @ apart)[1].T[::-1]
    frame: Floats = np.zeros((0, 3))
    for axis in np.concatenate((axes, longest)):
        rest = axis - frame.T @ (frame @ axis)
        length = float(np.linalg.norm(rest))
        if length > ASIDE:
            frame = np.concatenate((frame, rest[None] / length))
    return frame


def _with(chosen: Floats, axis: Floats) -> Floats:
    """These axes and one more, unless it is among them."""
    return chosen if np.abs(chosen @ axis).max(initial=0.0) >= SAME else np.concatenate((chosen, axis[None]))


def _face_axes(samples: Samples) -> tuple[Floats, Floats]:
    """The axis of every face that has one, and the area of that face.

    The normals of a flat face are all the same, those of a cylinder or a cone lie in one plane: the spread
    of the normals about their mean says which.
    """
    _, found = np.unique(samples.faces, return_inverse=True)
    face = found.ravel()
    area: Floats = np.bincount(face, weights=samples.areas_mm2).astype(np.float64)
    mean = _mean(face, samples.normals, samples.areas_mm2, area)
    apart = samples.normals - mean[face]
    products = (apart[:, :, None] * apart[:, None, :]).reshape(-1, 9)
    spreads: Any = _mean(face, products, samples.areas_mm2, area).reshape(-1, 3, 3)
    spread, vectors = np.linalg.eigh(spreads)
    axis: Floats = vectors[:, :, 0]
    is_flat = spread[:, 2] < FLAT
    axis[is_flat] = mean[is_flat]
    known = spread[:, 0] < FLAT
    lengths = np.linalg.norm(axis[known], axis=1)
    return axis[known] / lengths[:, None], area[known]


def _mean(face: npt.NDArray[np.intp], values: Floats, weights: Floats, area: Floats) -> Floats:
    sums = [np.bincount(face, weights=weights * column) for column in values.T]
    means: Floats = np.stack(sums, axis=1) / area[:, None]
    return means


def _distinct(axes: Floats, areas_mm2: Floats) -> Floats:
    """Those of the largest area, each once."""
    signs = np.sign(axes[np.arange(len(axes)), np.abs(axes).argmax(axis=1)])
    upright = axes * signs[:, None]
    groups, group = np.unique(np.round(upright, 2), axis=0, return_inverse=True)
    total = np.bincount(group.ravel(), weights=areas_mm2, minlength=len(groups))
    largest = np.lexsort((areas_mm2, group.ravel()))[np.cumsum(np.bincount(group.ravel())) - 1]
    chosen: Floats = np.zeros((0, 3))
    for number in np.argsort(-np.round(total, 6), kind="stable"):
        if len(chosen) < MOST_AXES:
            chosen = _with(chosen, upright[largest[number]])
    return chosen
