"""Wavefront OBJ: vertices and polygons as text; materials, textures, curves and free forms are not read."""

import re
from pathlib import Path

import numpy as np

from app.calculator.errors import CadInvalid, CadUnreadable
from app.calculator.geometry.part import MeshPart
from app.calculator.geometry.units import unit_name
from app.calculator.readers.base import ReadLimits
from app.calculator.readers.obj_text import blocks
from app.calculator.readers.polygons import triangulate
from app.calculator.readers.triangles import check_count, from_indices
from app.contract.formats import HEAD_BYTES
from app.contract.geometry import Finding

_FEWEST_CORNERS = 3
_NOTED_UNIT = re.compile(rb"#[^\n]*\bunits?\b[ \t]*[:=][ \t]*([A-Za-z]+)", re.IGNORECASE)


def read_obj(path: Path, limits: ReadLimits) -> MeshPart:
    """The faces of every group and object as triangles; the format has no unit, millimetres are assumed."""
    data = path.read_bytes()
    vertices, corners, sizes = [], [], []
    triangles = 0
    for block in blocks(data):
        vertices.append(block.vertices)
        corners.append(block.corners)
        sizes.append(block.sizes)
        if len(block.sizes) and block.sizes.min() < _FEWEST_CORNERS:
            raise CadUnreadable("a face has fewer than three corners")
        triangles += int(block.sizes.sum()) - (_FEWEST_CORNERS - 1) * len(block.sizes)
        if triangles:
            check_count(triangles, limits)
    if not triangles:
        raise CadInvalid("the file holds no faces")
    note = _unit_note(data[:HEAD_BYTES])
    del data
    points, named = np.concatenate(vertices), np.concatenate(corners)
    if named.min() < 0 or named.max() >= len(points):
        message = f"a face names a vertex that is not there; the file has {len(points)}"
        raise CadUnreadable(message)
    mesh, origin_mm = from_indices(points, triangulate(points, named, np.concatenate(sizes)))
    return MeshPart(format="obj", triangles=mesh, origin_mm=origin_mm, findings=(note,))


def _unit_note(head: bytes) -> Finding:
    """A comment may name a unit, which no program is bound to; it is told and not followed."""
    found = _NOTED_UNIT.search(head)
    noted = unit_name(found.group(1).decode("ascii")) if found else "mm"
    if noted == "mm":
        return Finding(
            code="unit-assumed",
            severity="info",
            message="OBJ files have no unit; the numbers were taken as millimetres.",
            fix="Nothing needs to be done if the size of the part is right.",
        )
    return Finding(
        code="unit-suspect",
        severity="warning",
        message=f'A comment in the file names the unit "{noted}"; the numbers were taken as millimetres.',
        fix=f"If the part was drawn in {noted}, export it in millimetres and send it again.",
    )
