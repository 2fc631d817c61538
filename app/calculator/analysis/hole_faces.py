"""Which faces are the wall of a hole."""

from collections.abc import Sequence

import numpy as np

from app.calculator.geometry.rays import Numbers
from app.calculator.geometry.surface import Surface
from app.contract.geometry import Feature

HOLE = "hole"


def hole_of_face(surface: Surface, features: Sequence[Feature]) -> Numbers:
    """For every face id the number of the hole it belongs to, or -1."""
    holes = np.full(int(surface.face_of.max(initial=0)) + 1, -1, dtype=np.int32)
    for number, feature in enumerate(features):
        if feature.kind == HOLE:
            faces = np.array(feature.face_ids, dtype=np.intp)
            holes[faces[faces < len(holes)]] = number
    return holes
