"""A file becomes a picture or a model for a viewer. Runs in a child of its own, as analyses do."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from app.calculator.analysis.size import judge_size
from app.calculator.geometry.box import Box
from app.calculator.geometry.looks import Looks
from app.calculator.geometry.part import Part, SolidPart
from app.calculator.geometry.surface import Surface
from app.calculator.pipeline.reading import READERS, known_format
from app.calculator.pipeline.scene import Scene
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
    subject = _subject(path, ReadLimits(max_triangles, max_entities))
    return {"size_bytes": output.write_bytes(draw(subject, PreviewQuery.model_validate(query)))}


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
    subject = _subject(path, ReadLimits(max_triangles, max_entities))
    with output.open("wb") as file:
        write_glb(subject, file, most_bytes)
        return {"size_bytes": file.tell()}


def _subject(path: Path, limits: ReadLimits) -> Subject:
    part, looks = _read(path, limits)
    surface = Scene(part).surface
    _check(surface)
    return Subject(surface, looks, has_faces=isinstance(part, SolidPart))


def _read(path: Path, limits: ReadLimits) -> tuple[Part, Looks]:
    kind = known_format(path)
    if kind == "step":
        return read_step_with_looks(path, limits)
    return READERS[kind](path, limits), Looks()


def _check(surface: Surface) -> None:
    """Refuse what an analysis refuses by its size: what is flat, endless or nowhere."""
    corners = surface.triangles.reshape(-1, 3)
    low, high = corners.min(axis=0).tolist(), corners.max(axis=0).tolist()
    judge_size(Box((low[0], low[1], low[2]), (high[0], high[1], high[2])), unit_stated=True)
