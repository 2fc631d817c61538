"""Light on a part: three soft lamps that move with the eye, on smooth or flat triangles."""

from dataclasses import dataclass

import numpy as np

from app.calculator.preview.projected import Ints
from app.calculator.preview.smoothing import crease_normals, face_normals
from app.calculator.preview.view import Singles, View

_AMBIENT = 0.34
_LAMPS = (((-0.50, -0.60, 0.62), 0.52), ((0.70, 0.20, 0.68), 0.16), ((0.0, 0.0, 1.0), 0.18))
"""Directions to the lamps (right, down, towards the eye) and their strengths."""
_WRAP = 0.2
"""How far light reaches round an edge, as a share of a quarter turn, so that nothing is black."""
SMOOTHED_TRIANGLES = 150_000
"""With more of them in a picture they are smaller than the difference."""


@dataclass(frozen=True)
class Shades:
    """Brightness over every triangle seen: at the corner of the picture, and per sample right and down."""

    level: Singles
    across: Singles | None
    down: Singles | None

    def over(self, seen: Ints, first_row: int, samples: int) -> Singles:
        """The brightness, 0 to 1, of what is seen in whole rows of so many samples, the background black."""
        shade = np.take(self.level, seen)
        if self.across is not None and self.down is not None:
            columns = np.arange(samples, dtype=np.float32) + np.float32(0.5)
            rows = np.arange(first_row, first_row + len(seen) // samples, dtype=np.float32) + np.float32(0.5)
            shade += np.take(self.across, seen) * np.tile(columns, len(rows))
            shade += np.take(self.down, seen) * np.repeat(rows, samples)
        return shade.clip(0, 1, out=shade)


def shade(view: View, *, creases: bool) -> Shades:
    """Light the triangles seen; ``creases`` where faces do not say what is smooth."""
    if len(view.numbers) > SMOOTHED_TRIANGLES:
        return Shades(np.append(_light(view.normals[:, :-1]), np.float32(0)), None, None)
    normals = crease_normals(view) if creases else face_normals(view)
    levels = _light(normals).astype(np.float64)
    x, y = (
        (view.planes[axis] - view.frame.middle[axis]) * view.frame.scale + view.frame.samples / 2
        for axis in (0, 1)
    )
    turn = (x[1] - x[0]) * (y[2] - y[0]) - (x[2] - x[0]) * (y[1] - y[0])
    scale = np.where(np.abs(turn) > 1, 1 / np.where(turn == 0, 1, turn), 0.0)
    u, v = levels[1] - levels[0], levels[2] - levels[0]
    across = (u * (y[2] - y[0]) - v * (y[1] - y[0])) * scale
    down = (v * (x[1] - x[0]) - u * (x[2] - x[0])) * scale
    level = levels.mean(axis=0) - across * x.mean(axis=0) - down * y.mean(axis=0)
    return Shades(*(np.append(values, 0).astype(np.float32) for values in (level, across, down)))


def _light(normals: Singles) -> Singles:
    shade = np.full(normals.shape[1:], _AMBIENT, dtype=np.float32)
    for direction, strength in _LAMPS:
        right, down, near = np.array(direction, dtype=np.float32) / np.float32(np.linalg.norm(direction))
        facing = normals[0] * right + normals[1] * down + normals[2] * near
        shade += np.float32(strength) * np.maximum((facing + _WRAP) / np.float32(1 + _WRAP), np.float32(0))
    return shade
