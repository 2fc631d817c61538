"""Hollow space inside a part: what is shut in, and through how wide a hole powder or resin could leave."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from OCP.BRepGProp import BRepGProp
from OCP.GProp import GProp_GProps
from OCP.TopAbs import TopAbs_ShapeEnum

from app.calculator.analysis.hollow_exits import PROBES_MM, Exits, has_hidden_rooms, narrowest_exits
from app.calculator.analysis.hollow_grid import divide
from app.calculator.analysis.hollow_width import width_across
from app.calculator.analysis.solid_shape import explore, solids_of
from app.calculator.geometry.mesh_hash import Floats
from app.calculator.geometry.mesh_identity import shells, vertex_hashes
from app.calculator.geometry.part import Triangles
from app.calculator.geometry.rays import Rays
from app.calculator.geometry.surface import Surface
from app.calculator.geometry.tolerance import INTEGRATION_RELATIVE
from app.contract.geometry import Hollow, Vector

LOOKED_AT, MEASURED = 64, 96
"""Cells along the longest extent: to see whether there are rooms inside, and to find the ways out of them."""

CONVEX = 0.02
"""A part that lacks less than this share of its hull has no room inside."""

MOST_TRIANGLES = 300_000
"""Larger meshes are not searched for separate shells."""


@dataclass(frozen=True)
class Voids:
    """Cavities without any opening; ``walls`` are the triangles around them."""

    count: int
    volume_mm3: float
    centre_mm: Floats | None
    walls: npt.NDArray[np.bool_]


def hollow_space(surface: Surface, rays: Rays, voids: Voids, free_share: float) -> Hollow:
    """What is hollow in a closed part; ``free_share`` of its convex hull is not material."""
    exits = None if free_share < CONVEX else _exits(surface.triangles[~voids.walls], rays)
    place = None if exits is None else _vector(exits.place + surface.origin_mm)
    return Hollow(
        trapped=voids.count,
        trapped_volume_mm3=voids.volume_mm3,
        trapped_place=None if voids.centre_mm is None else _vector(voids.centre_mm),
        escape_holes=0 if exits is None else exits.count,
        narrow_mm=None if exits is None else exits.width_mm,
        narrow_place=place,
    )


def _exits(triangles: Triangles, rays: Rays) -> Exits | None:
    """Two looks: most parts have no rooms with narrow exits, which a coarse grid tells soon."""
    coarse = divide(triangles, LOOKED_AT)
    if coarse is None or not has_hidden_rooms(coarse) or narrowest_exits(coarse) is None:
        return None
    grid = divide(triangles, MEASURED) or coarse
    exits = narrowest_exits(grid)
    if exits is not None and exits.count:
        width = width_across(rays, exits.place, exits.width_mm, grid.cell_mm)
        exits = exits if width is None else Exits(width, exits.place, exits.count)
    return None if exits is None or exits.width_mm > max(PROBES_MM) else exits


def voids_of_solids(shape: Any, faces: npt.NDArray[np.int32]) -> Voids:  # noqa: ANN401 - OCP has no types
    """Inner shells of the solids; ``faces`` is the face of every triangle, in the order of the file."""
    total, moment, count, number = 0.0, np.zeros(3), 0, 0
    inner: list[int] = []
    for solid in solids_of(shape):
        found = list(explore(solid, TopAbs_ShapeEnum.TopAbs_SHELL))
        for shell in found:
            own = sum(1 for _ in explore(shell, TopAbs_ShapeEnum.TopAbs_FACE))
            volume, centre = _enclosed(shell) if len(found) > 1 else (0.0, moment)
            if volume < 0:
                count, total, moment = count + 1, total - volume, moment - volume * centre
                inner += range(number, number + own)
            number += own
    centre_mm = moment / total if total else None
    return Voids(count, total, centre_mm, np.isin(faces, inner))


def _enclosed(shell: Any) -> tuple[float, Floats]:  # noqa: ANN401 - OCP has no types
    """The volume inside a shell, negative when its material is outside, and its middle."""
    properties = GProp_GProps()
    BRepGProp.VolumeProperties_s(shell, properties, INTEGRATION_RELATIVE, False, False)
    centre = properties.CentreOfMass()
    return float(properties.Mass()), np.array([centre.X(), centre.Y(), centre.Z()])


def voids_of_mesh(surface: Surface, bodies: int) -> Voids:
    """Shells of a closed mesh that are wound the other way round."""
    triangles = surface.triangles
    nothing = Voids(0, 0.0, None, np.zeros(len(triangles), dtype=np.bool_))
    if bodies == 1 or len(triangles) > MOST_TRIANGLES:
        return nothing
    shell_of = shells(vertex_hashes(triangles))
    corners = triangles.astype(np.float64)
    six_volumes = np.einsum("ij,ij->i", corners[:, 0], np.cross(corners[:, 1], corners[:, 2]))
    volumes = np.bincount(shell_of, weights=six_volumes) / 6
    volumes *= np.sign(volumes.sum())
    inner = np.flatnonzero(volumes < 0)
    if not len(inner):
        return nothing
    moments = six_volumes[:, None] * corners.sum(axis=1) / 24
    walls = np.isin(shell_of, inner)
    total = float(-volumes[inner].sum())
    sign = np.sign(six_volumes[walls].sum())
    centre = sign * moments[walls].sum(axis=0) / total + surface.origin_mm
    return Voids(len(inner), total, centre, walls)


def _vector(place: Floats) -> Vector:
    x, y, z = place.tolist()
    return Vector(x=x, y=y, z=z)
