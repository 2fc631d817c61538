"""The smooth regions of a mesh as faces, so that the recognisers of solids see them.

The id of a face is the number of its region. A link is a chain of mesh edges between two regions; where both
lie on known surfaces its angle is taken from those, not from the triangles beside it.
"""

from collections.abc import Iterator
from functools import cached_property
from math import atan2

import numpy as np

from app.calculator.features.graph import Face, Graph, Link
from app.calculator.features.mesh_borders import Borders, Chain
from app.calculator.features.surfaces import FULL_TURN, Floats, Surface
from app.calculator.geometry.mesh_edges import Flags, Indices
from app.calculator.geometry.mesh_facets import grouped
from app.calculator.geometry.mesh_fit import Flat, Round, across
from app.calculator.geometry.mesh_nesting import six_volumes
from app.calculator.geometry.mesh_regions import Regions

_TOUCHING_RAD = 1e-6
_OTHER = Surface(kind="other")


class MeshFace(Face):
    """A region of a mesh."""

    __slots__ = ("_area_mm2", "_centre")

    def __init__(self, number: int, solid: int, surface: Surface, area_mm2: float, centre: Floats) -> None:
        super().__init__(number, solid, surface)
        self._area_mm2 = area_mm2
        self._centre = centre

    @property
    def area_mm2(self) -> float:
        """Area of its triangles."""
        return self._area_mm2

    @property
    def centre(self) -> Floats:
        """Centre of the area of its triangles, in millimetres."""
        return self._centre


class MeshGraph(Graph):
    """Every region of a mesh, linked by the edges between them; the first vertices lie at ``origin_mm``."""

    def __init__(self, regions: Regions, origin_mm: tuple[float, float, float]) -> None:
        self._regions = regions
        self._origin = np.array(origin_mm)
        self._places = regions.facets.mesh.vertices + self._origin
        self.faces: list[Face] = list(self._walk())
        self._borders = Borders(regions, self._places)
        self.links = [self._link(chain) for chain in self._borders.chains]
        for link in self.links:
            link.first.links.append(link)
            link.second.links.append(link)

    def loops(self, face: Face) -> list[list[Link]]:
        """See ``Graph``."""
        return [[self.links[number] for number in loop] for loop in self._borders.loops(face.id)] or [[]]

    def volume_mm3(self, solid: int) -> float:
        """Volume between the triangles of the body with this number; a guess where it is not closed."""
        return float(self._volumes[solid])

    @cached_property
    def _volumes(self) -> Floats:
        mesh = self._regions.facets.mesh
        six = np.bincount(mesh.body_of, weights=six_volumes(mesh.vertices, mesh.corners))
        return np.abs(six) / 6

    def _walk(self) -> Iterator[Face]:
        regions, facets = self._regions, self._regions.facets
        count = len(regions.surfaces)
        areas = np.bincount(regions.region_of_facet, weights=facets.areas, minlength=count)
        centres = np.stack(
            [np.bincount(regions.region_of_facet, weights=facets.areas * row) for row in facets.centres.T]
        )
        centres = (centres / np.maximum(areas, np.finfo(np.float64).tiny)).T + self._origin
        triangles = grouped(regions.region_of, count)
        for number, surface in enumerate(regions.surfaces):
            own = triangles.of(number)
            solid = int(facets.mesh.body_of[own[0]])
            described, bulge = _OTHER, 1.0
            if isinstance(surface, Flat):
                described = _flat(surface, self._origin)
            elif isinstance(surface, Round):
                described, bulge = self._round(surface, own)
            yield MeshFace(number, solid, described, bulge * float(areas[number]), centres[number])

    def _round(self, surface: Round, triangles: Indices) -> tuple[Surface, float]:
        """The surface with the range its triangles cover, and by how much it is larger than they are."""
        first, second = across(surface.axis)
        corners = self._regions.facets.mesh.vertices[self._regions.facets.mesh.corners[:, triangles]]
        arms = corners - surface.origin
        along = arms @ surface.axis
        x, y = arms @ first, arms @ second
        on_axis = np.hypot(x, y) <= surface.tolerance_mm
        starts, lengths = _arcs(np.arctan2(y, x), on_axis)
        described = Surface(
            kind=surface.kind,
            outward=-1.0 if surface.concave else 1.0,
            origin=surface.origin + self._origin,
            axis=surface.axis,
            first=first,
            second=second,
            radius_mm=surface.tube_mm if surface.kind == "sphere" else surface.radius_mm,
            tube_mm=surface.tube_mm if surface.kind == "torus" else 0.0,
            half_angle=surface.half_angle,
            turn=_turn(starts, lengths),
            along_mm=(float(along.min()), float(along.max())),
            fitted=True,
        )
        return described, _bulge(corners, lengths) if surface.kind in {"cylinder", "cone"} else 1.0

    def _link(self, chain: Chain) -> Link:
        return Link(
            first=self.faces[chain.first],
            second=self.faces[chain.second],
            angle=self._angle(chain),
            middle=chain.middle,
            tangent=chain.tangent,
            ends=chain.ends,
            straight=chain.straight,
            length_mm=chain.length_mm,
        )

    def _angle(self, chain: Chain) -> float:
        one, two = (self._regions.surfaces[number] for number in (chain.first, chain.second))
        if one is None or two is None:
            return chain.angle
        here, there = (_normal(surface, chain.middle - self._origin) for surface in (one, two))
        (a, b, c), (x, y, z) = here.tolist(), there.tolist()
        p, q, r = chain.tangent.tolist()
        crossed = (b * z - c * y) * p + (c * x - a * z) * q + (a * y - b * x) * r
        return atan2(crossed, a * x + b * y + c * z)


def _normal(surface: Flat | Round, place: Floats) -> Floats:
    if isinstance(surface, Flat):
        return surface.normal
    normal: Floats = surface.normals(place[None])[0]
    return normal


def _flat(surface: Flat, origin: Floats) -> Surface:
    first, second = across(surface.normal)
    return Surface("plane", 1.0, surface.origin + origin, surface.normal, first, second, fitted=True)


def _arcs(angles: Floats, on_axis: Flags) -> tuple[Floats, Floats]:
    """Where around the axis each triangle begins and how far it turns; corners on the axis tell nothing."""
    start = np.where(on_axis[0], angles[1], angles[0])
    spans = (np.where(on_axis, start, angles) - start + FULL_TURN / 2) % FULL_TURN - FULL_TURN / 2
    return (start + spans.min(axis=0)) % FULL_TURN, np.ptp(spans, axis=0)


def _turn(starts: Floats, lengths: Floats) -> tuple[float, float]:
    """What the arcs cover together: all but the widest gap."""
    order = np.argsort(starts, kind="stable")
    low, high = starts[order], starts[order] + lengths[order]
    reached = np.maximum.accumulate(high)
    gaps = np.append(low[1:], low[0] + FULL_TURN) - np.maximum(reached, reached[-1] - FULL_TURN)
    widest = int(gaps.argmax())
    if gaps[widest] <= _TOUCHING_RAD:
        return 0.0, FULL_TURN
    begin = float(low[(widest + 1) % len(low)])
    return begin, begin + FULL_TURN - float(gaps[widest])


def _bulge(corners: Floats, lengths: Floats) -> float:
    """Area of a round wall by that of its triangles: every arc is longer than its chord."""
    areas = np.linalg.norm(np.cross(corners[1] - corners[0], corners[2] - corners[0]), axis=1)
    halves = np.maximum(lengths / 2, _TOUCHING_RAD)
    return float((areas * halves / np.sin(halves)).sum() / areas.sum())
