"""What surfaces and lines are coloured in."""

import numpy as np

from app.calculator.geometry.looks import Colours

METAL = np.array([0.80, 0.84, 0.89], dtype=np.float32)
"""A face whose colour the file does not name."""
LINE_PX, LINE_GROWTH = 0.6, 0.0008
"""The width of lines in an empty picture, and how it grows with every pixel of its side."""
SMALL_PX = 256
FINE, USUAL = 4, 2
"""Samples along a side of a pixel, in small pictures and in others."""

_DARK = 0.35
_GLIMMER = 0.22
"""What black reflects in a picture, where shape must show."""
_LINE_SHARE, _LIFT = 0.20, 0.45
"""Lines have this share of a colour's brightness; dark colours are lifted instead, to show them at all."""


def line_colours(colours: Colours) -> Colours:
    """The colour of lines on surfaces of these colours."""
    is_bright = colours.max(axis=-1, keepdims=True) > _DARK
    lines: Colours = np.where(is_bright, colours * np.float32(_LINE_SHARE), colours + np.float32(_LIFT))
    return lines


def known_colours(colours: Colours) -> Colours:
    """The same with metal where the file is silent."""
    known: Colours = np.where(np.isnan(colours), METAL, colours)
    return known


def visible(colours: Colours) -> Colours:
    """Dark colours a little lighter."""
    lifted: Colours = colours + np.float32(_GLIMMER) * (1 - colours.max(axis=-1, keepdims=True))
    return lifted


def samples_per_pixel(side_px: int) -> int:
    """Along a side; small pictures need more to be read."""
    return FINE if side_px <= SMALL_PX else USUAL


def line_samples(side_px: int) -> float:
    """How wide a line is, in samples."""
    return (LINE_PX + LINE_GROWTH * side_px) * samples_per_pixel(side_px)
