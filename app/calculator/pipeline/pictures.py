"""A file becomes a picture or a model for a viewer. Runs in a child of its own, as analyses do."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from app.calculator.analysis.size import judge_extents, judge_size
from app.calculator.geometry.box import Box
from app.calculator.geometry.looks import Looks
from app.calculator.geometry.mesh_surface import surface_of_mesh
from app.calculator.geometry.part import DrawingPart, MeshPart, Part, SolidPart
from app.calculator.geometry.surface import Surface
from app.calculator.pipeline.reading import READERS, known_format
from app.calculator.pipeline.scene import Scene
from app.calculator.preview.drawing import draw_drawing
from app.calculator.preview.glb import write_glb
from app.calculator.preview.picture import draw
from app.calculator.preview.subject import Subject
from app.calculator.readers.base import ReadLimits
from app.calculator.readers.step_looks import read_step_with_looks
from app.contract.pictures import PreviewQuery

Report = Callable[[dict[str, Any]], None]


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
        judge_extents(_extents(np.concatenate([stroke.points for stroke in part.strokes])), unit_stated=True)
        png = draw_drawing(part, wanted)
    else:
        png = draw(_subject(part, looks, _as_drawn(part)), wanted)
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
    subject = _subject(part, looks, Scene(part).surface)
    with output.open("wb") as file:
        write_glb(subject, file, most_bytes)
        return {"size_bytes": file.tell()}


def _as_drawn(part: MeshPart | SolidPart) -> Surface:
    """A picture needs no regions of a mesh, and finding them would take longer than drawing it."""
    return surface_of_mesh(part, None) if isinstance(part, MeshPart) else Scene(part).surface


def _subject(part: Part, looks: Looks, surface: Surface) -> Subject:
    """Refuses what an analysis refuses by its size: what is flat, endless or nowhere."""
    x_mm, y_mm, z_mm = _extents(surface.triangles.reshape(-1, 3))
    judge_size(Box((0.0, 0.0, 0.0), (x_mm, y_mm, z_mm)), unit_stated=True)
    return Subject(surface, looks, has_faces=isinstance(part, SolidPart))


def _read(path: Path, limits: ReadLimits) -> tuple[Part, Looks]:
    kind = known_format(path)
    if kind == "step":
        return read_step_with_looks(path, limits)
    return READERS[kind](path, limits), Looks()


def _extents(points: npt.NDArray[np.floating]) -> list[float]:
    """Lengths along the axes, not finite where a coordinate is not."""
    return [float(along.max()) - float(along.min()) for along in points.T]
