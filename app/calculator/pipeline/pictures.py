"""A file becomes a picture or a model for a viewer. Runs in a child of its own, as analyses do."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from app.calculator.analysis.size import judge_extents, judge_size
from app.calculator.geometry.box import Box
from app.calculator.geometry.looks import Looks
from app.calculator.geometry.mesh_looks import Piece, colours_of, looks_of, piece_of
from app.calculator.geometry.mesh_surface import surface_of_mesh
from app.calculator.geometry.part import DrawingPart, MeshPart, Part, SolidPart, Triangles
from app.calculator.pipeline.reading import READERS, known_format
from app.calculator.pipeline.scene import Scene
from app.calculator.preview.drawing import draw_drawing
from app.calculator.preview.glb import write_glb
from app.calculator.preview.picture import draw
from app.calculator.preview.subject import Subject
from app.calculator.readers.base import ReadLimits
from app.calculator.readers.step_looks import read_step_with_looks
from app.calculator.readers.threemf import read_threemf_with_looks
from app.contract.pictures import PreviewQuery

Report = Callable[[dict[str, Any]], None]

Said = Looks | tuple[Piece, ...]
"""What a file says of the appearance of a part: by face of a solid, by piece of a mesh."""


def preview(
    report: Report,  # noqa: ARG001 - every job may report
    path: Path,
    output: Path,
    *,
    max_triangles: int,
    max_entities: int,
    query: Mapping[str, Any],
) -> dict[str, Any]:
    """Write a PNG of the part. Raises what reading raises, and ``CadInvalid`` for what is no part."""
    wanted = PreviewQuery.model_validate(query)
    part, looks = _read(path, ReadLimits(max_triangles, max_entities))
    if isinstance(part, DrawingPart):
        png = draw_drawing(part, wanted)
    elif isinstance(part, MeshPart):
        png = draw(_undivided(part, looks), wanted)
    else:
        png = draw(_solid(part, looks), wanted)
    return {"size_bytes": output.write_bytes(png)}


def model(
    report: Report,  # noqa: ARG001 - as above
    path: Path,
    output: Path,
    *,
    max_triangles: int,
    max_entities: int,
    most_bytes: int,
) -> dict[str, Any]:
    """Write a binary glTF of the part. Raises ``CadTooComplex`` when it would be too large, and as above."""
    part, looks = _read(path, ReadLimits(max_triangles, max_entities))
    subject = _solid(part, looks) if isinstance(part, SolidPart) else _divided(part, looks)
    with output.open("wb") as file:
        write_glb(subject, file, most_bytes)
        return {"size_bytes": file.tell()}


def _read(path: Path, limits: ReadLimits) -> tuple[Part, Said]:
    """The part, refused where an analysis refuses it by its size: endless, nowhere or, if a mesh, flat."""
    kind = known_format(path)
    if kind == "step":
        return read_step_with_looks(path, limits)
    part, said = read_threemf_with_looks(path, limits) if kind == "3mf" else (READERS[kind](path, limits), ())
    if isinstance(part, MeshPart):
        _judge(part.triangles)
    elif isinstance(part, DrawingPart):
        points = np.concatenate([stroke.points for stroke in part.strokes])
        judge_extents(_extents(points), unit_stated=True)
    return part, said


def _undivided(part: MeshPart, said: Said) -> Subject:
    """The mesh without its regions, which take longer to find than to draw."""
    surface = surface_of_mesh(part, None)
    if isinstance(said, Looks) or not said:
        return Subject(surface, Looks(), has_faces=False)
    return Subject(replace(surface, face_of=piece_of(said)), Looks((), colours_of(said)), has_faces=False)


def _divided(part: Part, said: Said) -> Subject:
    surface = Scene(part).surface
    if isinstance(said, Looks) or not isinstance(part, MeshPart):
        return Subject(surface, Looks(), has_faces=False)
    return Subject(surface, looks_of(surface, part, said), has_faces=False)


def _solid(part: SolidPart, said: Said) -> Subject:
    looks = said if isinstance(said, Looks) else Looks()
    surface = Scene(part).surface
    _judge(surface.triangles)
    return Subject(surface, looks, has_faces=True)


def _judge(triangles: Triangles) -> None:
    x_mm, y_mm, z_mm = _extents(triangles.reshape(-1, 3))
    judge_size(Box((0.0, 0.0, 0.0), (x_mm, y_mm, z_mm)), unit_stated=True)


def _extents(points: npt.NDArray[np.floating]) -> list[float]:
    """Lengths along the axes, not finite where a coordinate is not."""
    return [float(along.max()) - float(along.min()) for along in points.T]
