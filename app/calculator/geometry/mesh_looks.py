"""Names and colours of a mesh made of pieces, found again after its triangles were set right."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from app.calculator.geometry.looks import Colours, Looks
from app.calculator.geometry.mesh_hash import Floats
from app.calculator.geometry.part import MeshPart, Triangles
from app.calculator.geometry.surface import FaceIds, Surface

SILENT = (np.nan, np.nan, np.nan)

Colour = tuple[float, float, float]


@dataclass(frozen=True)
class Piece:
    """So many triangles in the order of the part, what they are called and their colour (sRGB, 0 to 1)."""

    triangles: int
    name: str | None = None
    colour: Colour | None = None


def piece_of(pieces: Sequence[Piece]) -> FaceIds:
    """The number of its piece for every triangle of the part."""
    return np.repeat(np.arange(len(pieces), dtype=np.int32), [piece.triangles for piece in pieces])


def looks_of(surface: Surface, part: MeshPart, pieces: Sequence[Piece]) -> Looks:
    """The looks of bodies and faces of the surface: those of the piece their first triangle came from.

    A surface that was not divided has looks when all pieces have the same.
    """
    if surface.bodies == 1 and len({(piece.name, piece.colour) for piece in pieces}) > 1:
        return Looks()
    if not any(piece.name or piece.colour for piece in pieces):
        return Looks()
    bodies, faces = (np.unique(group, return_index=True)[1] for group in (surface.body_of, surface.face_of))
    first = np.concatenate((bodies, faces))
    found = _found_again(surface.triangles[first], part.triangles, piece_of(pieces)).tolist()
    known = [pieces[number] if number >= 0 else Piece(0) for number in found]
    names = tuple(piece.name for piece in known[: len(bodies)])
    return Looks(names, colours_of(known[len(bodies) :]))


def colours_of(pieces: Sequence[Piece]) -> Colours | None:
    """A row per piece; ``None`` when none has a colour."""
    if not any(piece.colour for piece in pieces):
        return None
    return np.array([piece.colour or SILENT for piece in pieces], dtype=np.float32)


def _found_again(wanted: Triangles, triangles: Triangles, owners: FaceIds) -> FaceIds:
    """The owner of the triangle with the same corners, whichever way round; -1 where there is none."""
    sums = np.concatenate((_sums(triangles), _sums(wanted)))
    rows = np.unique(sums, axis=0, return_inverse=True)[1].reshape(-1)
    owner = np.full(len(sums), -1, dtype=np.int32)
    owner[rows[: len(triangles)][::-1]] = owners[::-1]
    found: FaceIds = owner[rows[len(triangles) :]]
    return found


def _sums(triangles: Triangles) -> Floats:
    """The sum of the corners, which double precision holds to the last digit; zero has one sign."""
    found: Floats = triangles.astype(np.float64).sum(axis=1) + 0.0
    return found
