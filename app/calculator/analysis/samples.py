"""Places all over a surface, the same ones for the same surface, and the rays to be cast from them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from app.calculator.geometry.rays import Floats, Numbers, Rays, Truths
from app.calculator.geometry.surface import Surface
from app.contract.geometry import Vector

BY_AREA = 4_000
"""Samples shared out among the faces by their area."""
BY_FACE = 20_000
"""Samples shared out equally, so that small faces are seen too."""
MOST_PER_FACE = 12
"""A face gets no more than this out of the equal share; twelve see a cylinder every thirty degrees."""
SLOW_SHARE = 4
"""Where rays are slow there are this many times fewer samples."""
MOST_BODIES = 64
"""More bodies are looked at together, as if they were one."""
_STEPS = (0.7548776662466927, 0.5698402909980532)
"""The plastic number's inverse and its square: the plane is filled evenly (Roberts 2018)."""
_DIGITS = 4

Chosen = npt.NDArray[np.intp] | Truths


@dataclass(frozen=True)
class Samples:
    """Points with outward normals, the triangle and the face they lie on, and the area each stands for."""

    points: Floats
    normals: Floats
    triangles: Numbers
    faces: Numbers
    areas_mm2: Floats

    def __len__(self) -> int:
        return len(self.points)

    def __getitem__(self, chosen: Chosen) -> "Samples":
        return Samples(
            self.points[chosen],
            self.normals[chosen],
            self.triangles[chosen],
            self.faces[chosen],
            self.areas_mm2[chosen],
        )


@dataclass(frozen=True)
class Probe:
    """A body, ready to be asked: its triangles with their normals, samples of its surface, and its rays."""

    surface: Surface
    normals: Floats
    samples: Samples
    rays: Rays

    def place(self, point: Floats) -> Vector:
        """A point of the surface in the coordinates of the file."""
        x_mm, y_mm, z_mm = (round(value, _DIGITS) for value in (point + self.surface.origin_mm).tolist())
        return Vector(x=x_mm, y=y_mm, z=z_mm)


def probes(surface: Surface, rays: Rays) -> Iterator[Probe]:
    """The bodies of the surface one by one, so that none stands in the way of another.

    ``rays`` are those of the whole surface. Normals point out of the material, whichever way the triangles
    run; this is decided for the surface as a whole.
    """
    normals, areas_mm2 = normals_and_areas(surface)
    if _is_inside_out(surface, normals, areas_mm2):
        normals = -normals
    samples = sample(surface, normals, areas_mm2, 1 if rays.is_quick else SLOW_SHARE)
    if not 1 < surface.bodies <= MOST_BODIES:
        yield Probe(surface, normals, samples, rays)
        return
    for body in range(surface.bodies):
        own = surface.body_of == body
        alone = Surface(surface.triangles[own], surface.origin_mm, surface.face_of[own], surface.body_of[own])
        yield Probe(alone, normals[own], _within(samples, own), Rays(alone))


def joined(several: Sequence[Samples]) -> Samples:
    """The samples of several bodies; numbers of triangles are those of each body."""
    return Samples(
        np.concatenate([one.points for one in several]),
        np.concatenate([one.normals for one in several]),
        np.concatenate([one.triangles for one in several]),
        np.concatenate([one.faces for one in several]),
        np.concatenate([one.areas_mm2 for one in several]),
    )


def normals_and_areas(surface: Surface) -> tuple[Floats, Floats]:
    """Unit normals, zero for triangles without area, and areas in square millimetres."""
    corners = surface.triangles.astype(np.float64)
    across = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    lengths = np.linalg.norm(across, axis=1)
    normals: Floats = across / np.where(lengths > 0, lengths, 1.0)[:, None]
    return normals, lengths / 2


def _is_inside_out(surface: Surface, normals: Floats, areas_mm2: Floats) -> bool:
    """Whether the volume the triangles enclose counts as negative (divergence theorem)."""
    corner = surface.triangles[:, 0].astype(np.float64)
    return float(((corner - corner.mean(axis=0)) * normals).sum(axis=1) @ areas_mm2) < 0


def sample(surface: Surface, normals: Floats, areas_mm2: Floats, thinned: int = 1) -> Samples:
    """Samples of the surface, at least one on every face; within a face they are spread evenly.

    ``thinned`` divides their number.
    """
    order = np.argsort(surface.face_of, kind="stable")
    face_areas: Floats = np.bincount(surface.face_of, weights=areas_mm2).astype(np.float64)
    counts = _counts(face_areas, thinned)
    face = np.repeat(np.arange(len(counts), dtype=np.int32), counts)
    nth = np.arange(len(face)) - np.repeat(np.cumsum(counts) - counts, counts)
    begins = np.cumsum(face_areas) - face_areas
    reached = begins[face] + (nth + 0.5) / counts[face] * face_areas[face]
    row = np.searchsorted(np.cumsum(areas_mm2[order]), reached)
    triangle = order[np.minimum(row, len(order) - 1)]
    return Samples(
        points=_places(surface.triangles[triangle].astype(np.float64), nth),
        normals=normals[triangle],
        triangles=triangle.astype(np.int32),
        faces=surface.face_of[triangle],
        areas_mm2=face_areas[face] / counts[face],
    )


def _counts(face_areas: Floats, thinned: int) -> npt.NDArray[np.intp]:
    """How many samples each face gets; one without area gets none."""
    total, present = float(face_areas.sum()), int((face_areas > 0).sum())
    least = min(MOST_PER_FACE, max(1, BY_FACE // thinned // max(present, 1)))
    by_area = np.ceil(BY_AREA // thinned * face_areas / (total or 1.0)).astype(np.intp)
    return np.where(face_areas > 0, np.maximum(by_area, least), 0)


def _places(corners: Floats, nth: npt.NDArray[np.intp]) -> Floats:
    """A point within each triangle; the ``nth`` of its face lies where no earlier one lay."""
    u, v = (np.modf(0.5 + step * (nth + 1))[0][:, None] for step in _STEPS)
    outside = u + v > 1
    u, v = np.where(outside, 1 - u, u), np.where(outside, 1 - v, v)
    first, second, third = corners[:, 0], corners[:, 1], corners[:, 2]
    points: Floats = first + u * (second - first) + v * (third - first)
    return points


def _within(samples: Samples, own: Truths) -> Samples:
    """The samples on the triangles that are kept, which are numbered anew."""
    kept = samples[own[samples.triangles]]
    anew = (np.cumsum(own) - 1).astype(np.int32)
    return Samples(kept.points, kept.normals, anew[kept.triangles], kept.faces, kept.areas_mm2)
