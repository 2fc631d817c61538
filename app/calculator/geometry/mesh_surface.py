"""The surface of a mesh: its triangles set right, with the region and the body each belongs to."""

import numpy as np

from app.calculator.geometry.box import diagonal_of
from app.calculator.geometry.mesh_clean import clean
from app.calculator.geometry.mesh_noise import noise_mm
from app.calculator.geometry.mesh_regions import Regions, regions_of
from app.calculator.geometry.mesh_repair import repair
from app.calculator.geometry.part import MeshPart
from app.calculator.geometry.surface import Surface

MOST_TRIANGLES = 300_000
"""A finer mesh is not divided into regions: that would take longer than everything else together."""


def divided(part: MeshPart) -> Regions | None:
    """The repaired mesh in regions; ``None`` where it has too many triangles for that."""
    if len(part.triangles) > MOST_TRIANGLES:
        return None
    mesh = repair(clean(part.triangles, diagonal_of(part.triangles.reshape(-1, 3))))
    return regions_of(mesh, noise_mm(part))


def surface_of_mesh(part: MeshPart, regions: Regions | None) -> Surface:
    """The triangles of the regions; those of the file as one region where it was not divided."""
    if regions is None:
        nothing = np.zeros(len(part.triangles), dtype=np.int32)
        return Surface(part.triangles, part.origin_mm, nothing, nothing)
    mesh = regions.facets.mesh
    triangles = np.ascontiguousarray(mesh.vertices[mesh.corners.T], dtype=np.float32)
    return Surface(triangles, part.origin_mm, regions.region_of, mesh.body_of)
