"""A flat drawing becomes a PNG: the plate between its contours, and its lines."""

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageChops, ImageDraw

from app.calculator.analysis.drawing_contours import link
from app.calculator.analysis.drawing_nesting import are_inner
from app.calculator.geometry.curves import Floats
from app.calculator.geometry.part import DrawingPart
from app.calculator.geometry.rings import Rings
from app.calculator.preview.camera import MARGIN
from app.calculator.preview.paint import METAL, line_colours, line_samples, samples_per_pixel
from app.calculator.preview.png import Pixels, encode
from app.contract.pictures import PreviewQuery

_FULL = 255


def draw_drawing(part: DrawingPart, query: PreviewQuery) -> bytes:
    """The drawing seen from above; it has no other views."""
    points = np.concatenate([stroke.points for stroke in part.strokes])
    low, high = points.min(axis=0), points.max(axis=0)
    fine = samples_per_pixel(query.size)
    sheet = _Sheet.around(low, high, query.size * fine)
    rings = [contour.ring for contour in link(part.strokes, float(np.linalg.norm(high - low))).contours]
    plate = _plate(rings, sheet)
    lines = _lines([stroke.points for stroke in part.strokes], sheet, round(line_samples(query.size)))
    return encode(_coloured(plate, lines, fine), query.background)


@dataclass(frozen=True)
class _Sheet:
    samples: int
    scale: float
    middle: Floats

    @classmethod
    def around(cls, low: Floats, high: Floats, samples: int) -> "_Sheet":
        return cls(samples, samples * (1 - 2 * MARGIN) / float((high - low).max()), (low + high) / 2)

    def blank(self) -> Image.Image:
        return Image.new("L", (self.samples, self.samples))

    def place(self, points: Floats) -> list[float]:
        """X and y in turn, y down."""
        placed = (points - self.middle) * (self.scale, -self.scale) + self.samples / 2
        flat: list[float] = placed.ravel().tolist()
        return flat


def _plate(rings: list[Floats], sheet: _Sheet) -> Image.Image:
    """The largest contours first, so that every one lies on the one around it."""
    plate = sheet.blank()
    if rings:
        pen = ImageDraw.Draw(plate)
        inner = are_inner(Rings.of(rings))
        sizes = np.array([float(np.ptp(ring, axis=0).prod()) for ring in rings])
        for index in np.argsort(-sizes, kind="stable").tolist():
            pen.polygon(sheet.place(rings[index]), fill=0 if inner[index] else _FULL)
    return plate


def _lines(strokes: list[Floats], sheet: _Sheet, width: int) -> Image.Image:
    lines = sheet.blank()
    pen = ImageDraw.Draw(lines)
    for points in strokes:
        pen.line(sheet.place(points), fill=_FULL, width=width, joint="curve" if width > 1 else None)
    return lines


def _coloured(plate: Image.Image, lines: Image.Image, fine: int) -> Pixels:
    """Samples become pixels; a line covers the plate."""
    visible = ImageChops.subtract(plate, lines)
    plate_share, line_share = (
        np.asarray(mask.reduce(fine), dtype=np.float32) / _FULL for mask in (visible, lines)
    )
    cover = plate_share + line_share
    pixels = np.zeros((*cover.shape, 4), dtype=np.float32)
    painted = plate_share[..., None] * METAL + line_share[..., None] * line_colours(METAL)
    pixels[..., :3] = painted / np.maximum(cover, np.float32(1 / _FULL))[..., None]
    pixels[..., 3] = cover
    finished: Pixels = np.rint(pixels * _FULL).clip(0, _FULL).astype(np.uint8)
    return finished
