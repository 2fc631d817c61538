"""A part becomes binary glTF 2.0: metres, y up, a mesh per body, faces that can be told apart.

Every vertex carries the id of its face as ``_FACE_ID`` (a float, as shaders read it), every primitive the
range of indices of each of its faces in ``extras.faces``: pick by the one, colour by the other. Triangles
of meshes bring no normals: glTF has viewers shade them flat, which is what they are.
"""

import json
import struct
from itertools import groupby
from typing import BinaryIO

import numpy as np

from app.calculator.errors import CadTooComplex
from app.calculator.preview.gltf import Document, faces_table
from app.calculator.preview.primitives import Arranged, arrange
from app.calculator.preview.subject import Subject
from app.calculator.preview.vertices import Singles, Vertices, share, smooth_normals

METRES_PER_MM = 0.001
_HEADER = struct.Struct("<4sII")
_CHUNK = struct.Struct("<I4s")
_ALIGNED_BYTES = 4


def write_glb(subject: Subject, file: BinaryIO, most_bytes: int) -> None:
    """Write the model. Raises ``CadTooComplex`` when it would be larger than allowed."""
    arranged = arrange(subject.surface, subject.looks.colours)
    vertices = share(arranged.triangles, arranged.face_of, arranged.body_of)
    document = Document.of(arranged.materials)
    document.add(
        "POSITION", _y_up(arranged.triangles.reshape(-1, 3)[vertices.corners]) * np.float32(METRES_PER_MM)
    )
    document.add("_FACE_ID", np.repeat(arranged.face_of, 3)[vertices.corners].astype(np.float32))
    if subject.has_faces:
        document.add("NORMAL", _y_up(smooth_normals(arranged.triangles, vertices)))
    _add_bodies(document, arranged, vertices, subject)
    _write(document, file, most_bytes)


def _add_bodies(document: Document, arranged: Arranged, vertices: Vertices, subject: Subject) -> None:
    indices = vertices.indices.copy()
    x, y, z = (coordinate * METRES_PER_MM for coordinate in subject.surface.origin_mm)
    for body, primitives in groupby(arranged.primitives, lambda primitive: primitive.body):
        described = []
        for primitive in primitives:
            low, high = vertices.brought_by(primitive.first, primitive.last)
            indices[3 * primitive.first : 3 * primitive.last] -= np.uint32(low)
            faces = faces_table(arranged.face_of[primitive.first : primitive.last])
            described.append(
                document.primitive(
                    primitive.material, (low, high), (3 * primitive.first, 3 * primitive.last), faces
                )
            )
        document.add_body(_name(subject.looks.names, body), described, (x, z, -y))
    document.add_indices(indices)


def _name(names: tuple[str | None, ...], body: int) -> str:
    return (names[body] if body < len(names) else None) or f"Body {body + 1}"


def _y_up(vectors: Singles) -> Singles:
    """From z up, as CAD programs have it."""
    turned: Singles = np.stack((vectors[:, 0], vectors[:, 2], -vectors[:, 1]), axis=1)
    return turned


def _write(document: Document, file: BinaryIO, most_bytes: int) -> None:
    text = json.dumps(document.described(), separators=(",", ":"), allow_nan=False).encode()
    text += b" " * (-len(text) % _ALIGNED_BYTES)
    size_bytes = _HEADER.size + 2 * _CHUNK.size + len(text) + document.data_bytes
    if size_bytes > most_bytes:
        message = f"the model would take {size_bytes} bytes, {most_bytes} are the most"
        raise CadTooComplex(message)
    file.write(_HEADER.pack(b"glTF", 2, size_bytes))
    file.write(_CHUNK.pack(len(text), b"JSON") + text)
    file.write(_CHUNK.pack(document.data_bytes, b"BIN\0"))
    file.writelines(document.arrays)
