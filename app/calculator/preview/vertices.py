"""Triangles share their corners: the vertices of a mesh and how triangles refer to them."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from app.calculator.geometry.mesh_hash import Hashes, corner_hashes, planes_of
from app.calculator.geometry.mesh_identity import number
from app.calculator.geometry.part import Triangles
from app.calculator.geometry.surface import FaceIds

Singles = npt.NDArray[np.float32]
Indices = npt.NDArray[np.uint32]

_FACE_KEY = np.uint64(0xD1B54A32D192ED03)


@dataclass(frozen=True)
class Vertices:
    """In the order in which triangles first name them; a place belongs to as many as there are faces at it.

    ``corners`` holds the corner, counted through all triangles, that named a vertex first.
    """

    indices: Indices
    corners: npt.NDArray[np.intp]

    def brought_by(self, first: int, last: int) -> tuple[int, int]:
        """The vertices that the triangles from first to last (excluded) are the first to name."""
        low, high = np.searchsorted(self.corners, (3 * first, 3 * last))
        return int(low), int(high)


def share(triangles: Triangles, face_of: FaceIds, body_of: FaceIds) -> Vertices:
    """Equal corners of the same face and body become one vertex. Linear."""
    keys: Hashes = corner_hashes(planes_of(triangles))
    keys += (face_of.astype(np.uint64) + (body_of.astype(np.uint64) << np.uint64(32))) * _FACE_KEY
    names, count = number(np.ascontiguousarray(keys.T).ravel())
    order = np.arange(len(names))
    first = np.zeros(count, dtype=np.intp)
    first[names[::-1]] = order[::-1]
    is_first = first[names] == order
    rank = np.cumsum(is_first) - 1
    return Vertices(rank[first[names]].astype(np.uint32), np.flatnonzero(is_first))


def smooth_normals(triangles: Triangles, vertices: Vertices) -> Singles:
    """(vertex, axis): the mean direction of the triangles at a vertex, larger ones counting for more."""
    u, v = triangles[:, 1] - triangles[:, 0], triangles[:, 2] - triangles[:, 0]
    areas = np.cross(u, v)
    count = len(vertices.corners)
    sums = [np.bincount(vertices.indices, np.repeat(areas[:, axis], 3), count) for axis in range(3)]
    normals = np.stack(sums, axis=1)
    lengths = np.linalg.norm(normals, axis=1)
    normals[lengths == 0] = (0.0, 0.0, 1.0)
    unit: Singles = (normals / np.where(lengths > 0, lengths, 1.0)[:, None]).astype(np.float32)
    return unit
