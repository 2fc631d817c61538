"""How true the coordinates of a mesh are: single precision, or as many decimals as the program wrote."""

import numpy as np

from app.calculator.geometry.box import diagonal_of
from app.calculator.geometry.part import MeshPart

NOISE_RELATIVE = 1e-6
"""Coordinates are seldom truer than this share of the diagonal."""

DECIMALS = (3, 4)
"""Fewer decimals are not told from a part drawn in round figures; more are as good as single precision."""

_LARGE = 0.1
"""Six written digits are three decimals in the largest numbers only: those above this share of it."""

_CLEARLY = 8.0

_EPS = float(np.finfo(np.float32).eps)


def noise_mm(part: MeshPart) -> float:
    """By how much a coordinate may differ from the drawn one."""
    places = part.triangles.reshape(-1, 3).astype(np.float64) + np.array(part.origin_mm)
    sizes = np.abs(places).ravel()
    largest = float(sizes.max())
    diagonal = diagonal_of(places)
    plain = NOISE_RELATIVE * diagonal + _EPS * largest
    large = sizes[sizes >= _LARGE * largest]
    for decimals in DECIMALS:
        step = 10.0**-decimals
        off = np.abs(large / step - np.round(large / step)) * step
        if step > _CLEARLY * _EPS * largest and float(off.max()) <= 2 * _EPS * largest:
            return step / 2
    return plain
