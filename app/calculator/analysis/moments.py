"""Principal moments of inertia of a volume of density one, about its centroid, in mm5."""

import numpy as np

from app.calculator.analysis.mesh_sums import facet_normals
from app.calculator.geometry.mesh_hash import BLOCK_TRIANGLES, Floats, planes_of
from app.calculator.geometry.part import Triangles

Moments = tuple[float, float, float]

SAME_VOLUME = 1e-6
"""Two sums over the same triangles agree within this share."""


def principal_moments(inertia: Floats) -> Moments:
    """The eigenvalues of a matrix of inertia, the smallest first."""
    least, middle, most = np.linalg.eigvalsh((inertia + inertia.T) / 2).tolist()
    return least, middle, most


def mesh_moments(triangles: Triangles, centroid: Floats, volume_mm3: float) -> Moments | None:
    """Those of a closed mesh, whichever way it is wound, about its centroid in the mesh's own coordinates.

    ``None`` when the triangles enclose another volume than the sure one: some are there twice.
    Exact: every triangle and the centroid make a tetrahedron of signed volume V, whose second moments are
    V / 20 (s s' + a a' + b b' + c c') with s = a + b + c (Tonon 2004).
    """
    second, six_volume = np.zeros((3, 3)), 0.0
    for start in range(0, len(triangles), BLOCK_TRIANGLES):
        planes = planes_of(triangles[start : start + BLOCK_TRIANGLES]).astype(np.float64)
        planes -= centroid[:, None, None]
        six_volumes = (planes[:, 0] * facet_normals(planes)).sum(axis=0)
        arms = np.concatenate((planes, planes.sum(axis=1, keepdims=True)), axis=1).reshape(3, -1)
        second += (arms * np.tile(six_volumes, 4)) @ arms.T
        six_volume += float(six_volumes.sum())
    if abs(abs(six_volume) / 6 - volume_mm3) > SAME_VOLUME * volume_mm3:
        return None
    second *= np.copysign(1 / 120, six_volume)
    return principal_moments(np.trace(second) * np.eye(3) - second)
