"""How true the coordinates of a mesh are: single precision, or as many decimals as the program wrote."""

from collections.abc import Iterator
from math import floor, log10

import numpy as np

from app.calculator.geometry.box import diagonal_of
from app.calculator.geometry.mesh_hash import Floats
from app.calculator.geometry.part import MeshPart

NOISE_RELATIVE = 1e-6
"""Coordinates are seldom truer than this share of the diagonal."""

DECIMALS = (3, 4)
"""Fewer decimals are not told from a part drawn in round figures; more are as good as single precision."""

DIGITS = 6
"""As many does a program write that leaves it to the language (``%g``, a stream of C++)."""

FEWEST_WRITTEN = 24
"""So many coordinates must have six digits and no more: a few have so by chance."""

_LARGE = 0.1
"""Decimals are looked at in the largest numbers only: those above this share of it."""

_CLEARLY = 8.0

_EPS = float(np.finfo(np.float32).eps)


def noise_mm(part: MeshPart) -> float:
    """By how much a coordinate may differ from the drawn one."""
    places = part.triangles.reshape(-1, 3).astype(np.float64) + np.array(part.origin_mm)
    sizes = np.abs(places).ravel()
    largest = float(sizes.max())
    plain = NOISE_RELATIVE * diagonal_of(places) + _EPS * largest
    return next((step / 2 for step in _steps(sizes, largest)), plain)


def _steps(sizes: Floats, largest: float) -> Iterator[float]:
    """What all large coordinates are multiples of, where that is seen through single precision."""
    large = sizes[sizes >= _LARGE * largest]
    tried = [(10.0**-decimals, large) for decimals in DECIMALS]
    if largest > 0:
        decade = floor(log10(largest))
        longest = sizes[sizes >= 10.0**decade]
        tried += [(10.0 ** (decade + 1 - DIGITS), longest)] if len(longest) >= FEWEST_WRITTEN else []
    for step, values in tried:
        off = np.abs(values / step - np.round(values / step)) * step
        if step > _CLEARLY * _EPS * largest and float(off.max()) <= 2 * _EPS * largest:
            yield step
