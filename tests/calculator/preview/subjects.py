"""Parts to be drawn, and what a drawn one shows."""

import io
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from app.calculator.geometry.looks import Looks
from app.calculator.geometry.surface import Surface
from app.calculator.preview.picture import draw
from app.calculator.preview.subject import Subject
from app.contract.pictures import PreviewQuery
from tests.calculator.bodies import Mesh

Pixels = npt.NDArray[np.uint8]


def mesh_subject(mesh: Mesh, origin_mm: tuple[float, float, float] = (0.0, 0.0, 0.0)) -> Subject:
    """Triangles whose faces nobody tells apart."""
    nothing = np.zeros(len(mesh), dtype=np.int32)
    return Subject(Surface(mesh, origin_mm, nothing, nothing), Looks(), has_faces=False)


def box_subject(mesh: Mesh, looks: Looks | None = None) -> Subject:
    """Boxes as a CAD system tells them: two triangles a face, six faces a body."""
    triangles = np.arange(len(mesh), dtype=np.int32)
    return Subject(
        Surface(mesh, (0.0, 0.0, 0.0), triangles // 2, triangles // 12), looks or Looks(), has_faces=True
    )


def pixels(png: bytes) -> Pixels:
    return np.asarray(Image.open(io.BytesIO(png)))


def shown(subject: Subject, **wanted: Any) -> Pixels:
    return pixels(draw(subject, PreviewQuery(**{"size": 128, **wanted})))


def is_covered(picture: Pixels) -> npt.NDArray[np.bool_]:
    """Where a transparent picture shows the part alone."""
    return np.asarray(picture[..., 3] == 255)


def brightness(picture: Pixels) -> npt.NDArray[np.float64]:
    return np.asarray(picture[..., :3].mean(axis=-1), dtype=np.float64)
