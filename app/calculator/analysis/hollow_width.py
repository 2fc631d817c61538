"""How wide an opening is around a place in it: the shortest way across, from the middle."""

import numpy as np

from app.calculator.geometry.mesh_hash import Floats
from app.calculator.geometry.rays import Rays

AXES = 96
ROUNDS = 6
_ABOUT = 1.3
"""Ways across that are at most this much longer than the shortest tell where the middle is."""
_GOLDEN_ANGLE = np.pi * (3 - np.sqrt(5))
_OFFSETS = (-0.5, -0.25, 0.25, 0.5)
"""In cells: a thin wall may lie beside the middle of the cell."""
SLACK_CELLS = 3
"""The grid is off by at most this much."""


def width_across(rays: Rays, place: Floats, about_mm: float, cell_mm: float) -> float | None:
    """The diameter of the opening around a place that a grid of such cells has found.

    ``None`` where no place nearby is between walls about as far apart as the grid says.
    """
    steps = [offset * cell_mm * axis for offset in _OFFSETS for axis in np.eye(3)]
    widths = _widths(rays, np.array([place, *(place + step for step in steps)]))
    fits = widths[np.abs(widths - about_mm) <= SLACK_CELLS * cell_mm]
    return float(np.median(fits)) if len(fits) else None


def _widths(rays: Rays, places: Floats) -> Floats:
    """The shortest line across every place, which moves to the middle of its opening meanwhile."""
    axes = _half_sphere()
    along = np.tile(axes, (len(places), 1))
    least = np.full(len(places), np.inf)
    for _ in range(ROUNDS):
        origins = np.repeat(places, len(axes), axis=0)
        ahead = rays.first_hits(origins, along)[0].reshape(len(places), -1)
        behind = rays.first_hits(origins, -along)[0].reshape(len(places), -1)
        across = ahead + behind
        least = across.min(axis=1)
        near = (across <= _ABOUT * least[:, None]) & np.isfinite(across)
        pull = np.where(near, (np.where(near, ahead, 0.0) - np.where(near, behind, 0.0)) / 2, 0.0)
        places = places + (pull @ axes) / np.maximum(near.sum(axis=1), 1)[:, None]
    return least


def _half_sphere() -> Floats:
    """Directions all over a half sphere, evenly (Fibonacci lattice)."""
    steps = np.arange(AXES)
    z = (steps + 0.5) / AXES
    around = steps * _GOLDEN_ANGLE
    axes: Floats = np.stack(
        (np.sqrt(1 - z * z) * np.cos(around), np.sqrt(1 - z * z) * np.sin(around), z), axis=1
    )
    return axes
