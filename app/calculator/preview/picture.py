"""A part becomes a PNG."""

from dataclasses import dataclass
from functools import reduce

import numpy as np

from app.calculator.geometry.looks import Colours
from app.calculator.preview.camera import Seen, frame, look
from app.calculator.preview.lines import find_lines, widen
from app.calculator.preview.paint import (
    METAL,
    known_colours,
    line_colours,
    line_samples,
    samples_per_pixel,
    visible,
)
from app.calculator.preview.png import Pixels, encode
from app.calculator.preview.raster import rasterise
from app.calculator.preview.shading import Shades, shade
from app.calculator.preview.subject import Subject
from app.calculator.preview.view import Marks, Singles, View, view_of
from app.contract.pictures import PreviewQuery

_BAND_PIXELS = 32


def draw(subject: Subject, query: PreviewQuery) -> bytes:
    """The PNG asked for: views of the part side by side, all to one scale. Equal parts, equal bytes."""
    columns = 1 if len(query.views) == 1 else 2
    rows = -(-len(query.views) // columns)
    side = query.size // columns
    picture = np.zeros((rows * side, columns * side, 4), dtype=np.uint8)
    triangles = subject.surface.triangles
    extent_mm = max(look(triangles, view).extent_mm for view in query.views)
    for index, view in enumerate(query.views):
        row, column = divmod(index, columns)
        place = picture[row * side : (row + 1) * side, column * side : (column + 1) * side]
        place[:] = _drawn(look(triangles, view), extent_mm, subject, side)
    return encode(picture, query.background)


def _drawn(part: Seen, extent_mm: float, subject: Subject, side: int) -> Pixels:
    fine = samples_per_pixel(side)
    place = frame(part, extent_mm, side * fine)
    view = view_of(rasterise(part.planes, place), part.planes, subject.surface.face_of, place)
    lines = widen(find_lines(view, creases=not subject.has_faces), max(0, round(line_samples(side) / 2 - 1)))
    paint = _Paint.of(view, subject.looks.colours)
    shades = shade(view, creases=not subject.has_faces)
    pixels = np.zeros((side, side, 4), dtype=np.uint8)
    for top in range(0, side, _BAND_PIXELS):
        bottom = min(top + _BAND_PIXELS, side)
        pixels[top:bottom] = _band(view, shades, lines, paint, slice(top * fine, bottom * fine), fine)
    return pixels


@dataclass(frozen=True)
class _Paint:
    """Colours of surfaces and of lines on them, (channel, triangle seen); one of each where all are alike."""

    surface: Colours
    line: Colours

    @classmethod
    def of(cls, view: View, colours: Colours | None) -> "_Paint":
        if colours is None:
            return cls(METAL[:, None], line_colours(METAL)[:, None])
        known = visible(known_colours(np.append(colours, METAL[None], axis=0)))
        return cls(known.T[:, view.faces], line_colours(known).T[:, view.faces])


def _band(view: View, shades: Shades, lines: Marks, paint: _Paint, rows: slice, fine: int) -> Pixels:
    """The mean of the samples of every pixel, over those that show the part."""
    samples = view.frame.samples
    seen = view.seen[rows.start * samples : rows.stop * samples]
    drawn = lines[rows].ravel() & (seen != view.background)
    light = shades.over(seen, rows.start, samples)
    light[drawn] = 0
    cover = _sums((seen != view.background).astype(np.float32), samples, fine)
    pixels = np.zeros((*cover.shape, 4), dtype=np.float32)
    if paint.surface.shape[1] == 1:
        lit, dark = _sums(light, samples, fine), _sums(drawn.astype(np.float32), samples, fine)
        for channel in range(3):
            pixels[..., channel] = lit * paint.surface[channel] + dark * paint.line[channel]
    else:
        for channel in range(3):
            colour = light * np.take(paint.surface[channel], seen)
            colour[drawn] = np.take(paint.line[channel], seen[drawn])
            pixels[..., channel] = _sums(colour, samples, fine)
    pixels[..., :3] *= (255 / np.maximum(cover, 1))[..., None]
    pixels[..., 3] = cover * (255 / (fine * fine))
    return np.rint(pixels).clip(0, 255).astype(np.uint8)


def _sums(values: Singles, samples: int, fine: int) -> Singles:
    """Samples become pixels."""
    rows = values.reshape(-1, fine, samples)
    tall = reduce(np.add, (rows[:, row] for row in range(fine)))
    sums: Singles = reduce(np.add, (tall[:, column::fine] for column in range(fine)))
    return sums
