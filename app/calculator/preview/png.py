"""Pixels become a PNG. Equal pixels, equal bytes."""

import io

import numpy as np
import numpy.typing as npt
from PIL import Image

from app.contract.pictures import Background

Pixels = npt.NDArray[np.uint8]
"""(row, column, channel): red, green, blue and opacity."""

_LEVEL = 3
"""Of compression: what more of it saves is not worth its time."""
_OPAQUE = 255


def encode(pixels: Pixels, background: Background) -> bytes:
    """The file; on white without opacity."""
    if background == "white":
        opacity = pixels[..., 3:].astype(np.float32) / _OPAQUE
        pixels = np.rint(pixels[..., :3] * opacity + _OPAQUE * (1 - opacity)).astype(np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG", compress_level=_LEVEL)
    return file.getvalue()
