"""Lines of a picture: outlines, borders of faces, creases.

They are found between neighbouring samples, so that nothing hidden shows.
"""

import math

import numpy as np

from app.calculator.preview.projected import Ints
from app.calculator.preview.view import Marks, Singles, View

CREASE_COSINE = math.cos(math.radians(30))
"""Triangles of a mesh that meet at a sharper angle meet in an edge."""
_STEP = 2.0
"""Samples by which one surface must lie behind another to be outlined against it."""
_TOLERANCE = 1.5
_BLOCK_SAMPLES = 2**18


def find_lines(view: View, *, creases: bool) -> Marks:
    """The samples on either side of a line, both of an outline's on the part; the picture has a margin.

    ``creases``: also where triangles bend sharply, since faces do not say where edges are.
    """
    marks = np.zeros(len(view.seen), dtype=np.bool_)
    for axis, step in enumerate((1, view.frame.samples)):
        for start in range(0, len(marks) - step, _BLOCK_SAMPLES):
            stop = min(start + _BLOCK_SAMPLES, len(marks) - step)
            differs = view.seen[start:stop] != view.seen[start + step : stop + step]
            where = np.flatnonzero(differs) + start
            where = where[_is_line(view, where, axis, step, creases=creases)]
            marks[where] = True
            marks[where + step] = True
            marks[where[view.seen[where] == view.background] + 2 * step] = True
            marks[where[view.seen[where + step] == view.background] - step] = True
    marks &= view.seen != view.background
    return marks.reshape(view.frame.samples, view.frame.samples)


def widen(marks: Marks, samples: int) -> Marks:
    """Lines that are wider by so many samples on either side."""
    for _ in range(samples):
        wide = marks.copy()
        wide[1:] |= marks[:-1]
        wide[:-1] |= marks[1:]
        wide[:, 1:] |= marks[:, :-1]
        wide[:, :-1] |= marks[:, 1:]
        marks = wide
    return marks


def _is_line(view: View, where: Ints, axis: int, step: int, *, creases: bool) -> Marks:
    """Whether a line runs between these samples and the next ones along the axis."""
    these, others = view.seen[where], view.seen[where + step]
    found: Marks = view.faces[these] != view.faces[others]
    same_face = np.flatnonzero(~found)
    these, others, where = these[same_face], others[same_face], where[same_face]
    slopes = view.slopes(axis)
    rise = np.maximum(slopes[these], slopes[others])
    steps = np.abs(view.depth(where) - view.depth(where + step)) > rise * _TOLERANCE + _STEP
    if creases:
        steps |= _cosines(view, these, others) < CREASE_COSINE
    found[same_face[steps]] = True
    return found


def _cosines(view: View, these: Ints, others: Ints) -> Singles:
    cosines: Singles = np.zeros(len(these), dtype=np.float32)
    for plane in view.normals:
        cosines += plane[these] * plane[others]
    return cosines
