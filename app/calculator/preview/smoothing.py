"""The normals that light sees at the corners of triangles: smooth across a face, broken at its edges."""

import math

import numpy as np

from app.calculator.geometry.mesh_hash import Hashes, corner_hashes
from app.calculator.geometry.mesh_identity import Ids, number
from app.calculator.preview.lines import CREASE_COSINE
from app.calculator.preview.projected import Ints
from app.calculator.preview.view import Singles, View

_AGREEMENT = math.cos(math.radians(12))
"""Corners of one vertex that lie as near to their mean are all smooth."""
_MOST_CORNERS = 32
"""Of a vertex where they are compared in pairs; beyond, triangles stay flat."""
_FACE_KEY = np.uint64(0x9E3779B97F4A7C15)


def face_normals(view: View) -> Singles:
    """(axis, corner, triangle): the mean over the triangles of the same face that share the corner."""
    keys = _corner_keys(view)
    keys += view.faces[:-1].astype(np.uint64) * _FACE_KEY
    vertex, count = number(keys.ravel())
    areas = _areas(view)
    means = _means(areas, vertex, count)
    return _towards(view, means[:, vertex].reshape(3, 3, -1))


def crease_normals(view: View) -> Singles:
    """The same without faces that say what is smooth: the mean over triangles that bend less than an edge."""
    vertex, count = number(_corner_keys(view).ravel())
    areas = _areas(view)
    means = _means(areas, vertex, count)
    own = np.tile(_unit(areas), 3)
    smooth = means[:, vertex]
    agrees = (smooth * own).sum(axis=0) > _AGREEMENT
    is_creased = np.zeros(count, dtype=np.bool_)
    is_creased[vertex[~agrees]] = True
    creased = np.flatnonzero(is_creased[vertex])
    smooth[:, creased] = own[:, creased]
    _smooth_in_pairs(smooth, own, np.tile(areas, 3), creased, vertex)
    return _towards(view, smooth.reshape(3, 3, -1))


def _smooth_in_pairs(smooth: Singles, own: Singles, areas: Singles, corners: Ints, vertex: Ids) -> None:
    """Compare every corner at a crease with all others of its vertex."""
    corners = corners[np.argsort(vertex[corners], kind="stable")]
    _, starts, sizes = np.unique(vertex[corners], return_index=True, return_counts=True)
    compared = np.where(sizes > _MOST_CORNERS, 0, sizes)
    size, first = np.repeat(compared, sizes), np.repeat(starts, sizes)
    left = np.repeat(np.arange(len(corners)), size)
    right = np.arange(len(left)) + np.repeat(first - (np.cumsum(size) - size), size)
    left, right = corners[left], corners[right]
    near = (own[:, left] * own[:, right]).sum(axis=0) > CREASE_COSINE
    left, right = left[near], right[near]
    for axis in range(3):
        sums = np.bincount(left, weights=areas[axis, right], minlength=smooth.shape[1])
        smooth[axis, left] = sums[left]
    smooth[:, left] = _unit(smooth[:, left])


def _corner_keys(view: View) -> Hashes:
    return corner_hashes(view.planes + np.float32(0))


def _areas(view: View) -> Singles:
    """Vectors as long as the triangle is large, whichever side is seen."""
    u, v = view.planes[:, 1] - view.planes[:, 0], view.planes[:, 2] - view.planes[:, 0]
    areas: Singles = np.stack(
        (u[2] * v[1] - u[1] * v[2], u[0] * v[2] - u[2] * v[0], u[1] * v[0] - u[0] * v[1])
    )
    return areas


def _means(areas: Singles, vertex: Ids, count: int) -> Singles:
    sums = [np.bincount(vertex, weights=np.tile(plane, 3), minlength=count) for plane in areas]
    return _unit(np.stack(sums).astype(np.float32))


def _unit(vectors: Singles) -> Singles:
    lengths = np.linalg.norm(vectors, axis=0)
    unit: Singles = np.divide(vectors, lengths, out=np.zeros_like(vectors), where=lengths > 0)
    return unit


def _towards(view: View, normals: Singles) -> Singles:
    """Turned over where the back of the triangle is seen."""
    turned: Singles = normals * np.where(view.flipped, np.float32(-1), np.float32(1))
    return turned
