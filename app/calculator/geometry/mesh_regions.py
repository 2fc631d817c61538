"""The smooth regions of a mesh, numbered by their first triangle: faces, as far as triangles tell them."""

from dataclasses import dataclass

import numpy as np

from app.calculator.geometry.mesh_align import aligned
from app.calculator.geometry.mesh_facets import Facets, facets_of
from app.calculator.geometry.mesh_fit import MOST_NOISES, Flat, Round
from app.calculator.geometry.mesh_identity import Ids, compact
from app.calculator.geometry.mesh_repair import RepairedMesh
from app.calculator.geometry.mesh_rings import join_rings
from app.calculator.geometry.mesh_rounds import Rounds, together
from app.calculator.geometry.mesh_tangent import tangent


@dataclass(frozen=True)
class Regions:
    """``region_of`` is the region of every triangle of the repaired mesh; one surface per region.

    The surface is ``None`` where nothing simple goes through the vertices.
    """

    facets: Facets
    region_of_facet: Ids
    region_of: Ids
    surfaces: tuple[Flat | Round | None, ...]


def regions_of(mesh: RepairedMesh, noise_mm: float) -> Regions:
    """The regions of a mesh whose coordinates are true to ``noise_mm``."""
    facets = facets_of(mesh, noise_mm)
    rounds = Rounds(facets)
    rounds.search()
    owner, walls = join_rings(rounds)
    region_of_facet = _numbered(facets, owner, together(facets, owner))
    surfaces = aligned(facets, region_of_facet, _surfaces(facets, owner, walls, region_of_facet))
    return Regions(
        facets=facets,
        region_of_facet=region_of_facet,
        region_of=region_of_facet[facets.facet_of],
        surfaces=tangent(facets, region_of_facet, surfaces),
    )


def _numbered(facets: Facets, owner: Ids, rest: Ids) -> Ids:
    """One number per region, rising with the first triangle of each."""
    groups = np.where(owner >= 0, owner + rest.max(initial=0) + 1, rest).astype(np.int32)
    labels, count = compact(groups)
    first = np.full(count, len(facets.facet_of), dtype=np.int64)
    np.minimum.at(first, labels[facets.facet_of], np.arange(len(facets.facet_of)))
    rank = np.zeros(count, dtype=np.int32)
    rank[np.argsort(first, kind="stable")] = np.arange(count, dtype=np.int32)
    return rank[labels]


def _surfaces(
    facets: Facets, owner: Ids, walls: list[Round], region_of_facet: Ids
) -> tuple[Flat | Round | None, ...]:
    found: list[Flat | Round | None] = [None] * (int(region_of_facet.max()) + 1)
    sizes = np.bincount(region_of_facet)
    flat = _is_flat(facets)
    for facet, (region, wall) in enumerate(zip(region_of_facet.tolist(), owner.tolist(), strict=True)):
        if wall >= 0:
            found[region] = walls[wall]
        elif sizes[region] == 1 and flat[facet]:
            found[region] = Flat(facets.centres[facet], facets.normals[facet])
        elif sizes[region] == 1 and facets.normals[facet].any():
            found[region] = _fitted(facets, facet)
    return tuple(found)


def _fitted(facets: Facets, facet: int) -> Flat | None:
    """The plane through the vertices: where triangles are small, their normals together tell it worse."""
    vertices = facets.mesh.vertices[facets.vertices(np.array([facet]))]
    middle = vertices.mean(axis=0)
    normal = np.linalg.svd(vertices - middle, full_matrices=False)[2][2]
    if np.abs((vertices - middle) @ normal).max() > MOST_NOISES * facets.noise_mm:
        return None
    return Flat(middle, normal if normal @ facets.normals[facet] > 0 else -normal)


def _is_flat(facets: Facets) -> Ids:
    """Facets whose vertices all lie in the plane of their mean normal; small angles may add up to a bend.

    What has no area has no plane.
    """
    corners = facets.mesh.vertices[facets.mesh.corners] - facets.centres[facets.facet_of]
    off = np.abs(np.einsum("cij,ij->ci", corners, facets.normals[facets.facet_of])).max(axis=0)
    worst = np.zeros(facets.count)
    np.maximum.at(worst, facets.facet_of, off)
    has_plane = facets.normals.any(axis=1)
    return np.asarray(has_plane & (worst <= MOST_NOISES * facets.noise_mm), dtype=np.int32)
