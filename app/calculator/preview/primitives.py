"""The runs of triangles that a model consists of: one per body and colour, faces together within them."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from app.calculator.geometry.looks import Colours
from app.calculator.geometry.part import Triangles
from app.calculator.geometry.surface import FaceIds, Surface
from app.calculator.preview.paint import METAL, known_colours


@dataclass(frozen=True)
class Primitive:
    """The triangles from ``first`` to ``last`` (excluded) belong to a body and have one material."""

    body: int
    material: int
    first: int
    last: int


@dataclass(frozen=True)
class Arranged:
    """Triangles in the order of bodies and materials; ``materials`` are colours, (material, channel)."""

    triangles: Triangles
    face_of: FaceIds
    body_of: FaceIds
    materials: Colours
    primitives: tuple[Primitive, ...]


def arrange(surface: Surface, colours: Colours | None) -> Arranged:
    """Bring together what can be drawn together; without colours the surface stays as it is."""
    materials, material_of_face = _materials(colours)
    keys = surface.body_of.astype(np.int64) * len(materials)
    if len(material_of_face):
        keys += material_of_face[surface.face_of]
    triangles, face_of, body_of = surface.triangles, surface.face_of, surface.body_of
    if not _is_sorted(keys, face_of):
        order = np.lexsort((face_of, keys))
        keys, triangles, face_of, body_of = keys[order], triangles[order], face_of[order], body_of[order]
    primitives = tuple(
        Primitive(*divmod(int(keys[first]), len(materials)), first, last) for first, last in runs(keys)
    )
    return Arranged(triangles, face_of, body_of, materials, primitives)


def _is_sorted(keys: npt.NDArray[np.int64], face_of: FaceIds) -> bool:
    steps, face_steps = np.diff(keys), np.diff(face_of)
    return not ((steps < 0) | ((steps == 0) & (face_steps < 0))).any()


def runs(values: npt.NDArray[np.integer]) -> Iterator[tuple[int, int]]:
    """Where each run of equal values begins and ends (excluded)."""
    starts = np.flatnonzero(np.concatenate(([True], values[1:] != values[:-1])))
    yield from zip(starts.tolist(), [*starts[1:].tolist(), len(values)], strict=True)


def _materials(colours: Colours | None) -> tuple[Colours, npt.NDArray[np.int64]]:
    """Different colours, and the number of each face's; no faces when all are alike."""
    if colours is None:
        return METAL[None], np.zeros(0, dtype=np.int64)
    materials, material_of_face = np.unique(known_colours(colours), axis=0, return_inverse=True)
    return materials, material_of_face.ravel()
