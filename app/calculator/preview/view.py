"""What a buffer shows: the triangles that are seen, and for every sample which of them it is."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from app.calculator.geometry.surface import FaceIds
from app.calculator.preview.camera import Floats, Frame, Planes
from app.calculator.preview.depth import NOTHING, Buffer
from app.calculator.preview.projected import DEPTH_STEPS, Ints

Singles = npt.NDArray[np.float32]
Marks = npt.NDArray[np.bool_]

_FLATTEST = 1e-3
"""Steeper than this to the eye, and a surface counts as seen edge-on."""


@dataclass(frozen=True)
class View:
    """``numbers`` are the triangles seen; the last entry of every array stands for the background.

    ``planes`` are their corners and ``normals`` their unit normals, towards the eye, both (axis, …,
    triangle); ``flipped`` says which show their back. ``seen`` is the entry of every sample, row by row.
    """

    frame: Frame
    buffer: Buffer
    numbers: Ints
    planes: Planes
    normals: Singles
    flipped: Marks
    faces: npt.NDArray[np.int32]
    seen: npt.NDArray[np.intp]

    @property
    def background(self) -> int:
        """The entry of samples that show nothing."""
        return len(self.faces) - 1

    def depth(self, samples: Ints) -> Floats:
        """How near these samples are, in samples."""
        samples_per_step = self.frame.depth_mm * self.frame.scale / DEPTH_STEPS
        return self.buffer.depth(samples).astype(np.float64) * samples_per_step

    def slopes(self, axis: int) -> Singles:
        """By how much depth changes per sample along an axis of the picture, for every triangle seen."""
        steepness: Singles = np.abs(self.normals[axis]) / np.maximum(self.normals[2], np.float32(_FLATTEST))
        return steepness


def view_of(buffer: Buffer, planes: Planes, face_of: FaceIds, frame: Frame) -> View:
    """Look up what the buffer holds."""
    count = planes.shape[2]
    shown = buffer.triangle()
    is_seen = np.zeros(count + 1, dtype=np.bool_)
    is_seen[shown] = True
    is_seen[NOTHING] = False
    numbers = np.flatnonzero(is_seen)
    entry = np.zeros(count + 1, dtype=np.intp)
    entry[numbers] = np.arange(len(numbers))
    entry[NOTHING] = len(numbers)
    corners = np.take(planes, numbers, axis=2)
    normals, flipped = _normals(corners)
    faces = np.append(face_of[numbers], np.int32(-1)).astype(np.int32)
    return View(frame, buffer, numbers, corners, normals, flipped, faces, np.take(entry, shown, mode="wrap"))


def _normals(planes: Planes) -> tuple[Singles, Marks]:
    u_x, u_y, u_z = (planes[:, 1] - planes[:, 0]).astype(np.float64)
    v_x, v_y, v_z = (planes[:, 2] - planes[:, 0]).astype(np.float64)
    normals = np.stack((u_z * v_y - u_y * v_z, u_x * v_z - u_z * v_x, u_y * v_x - u_x * v_y))
    lengths = np.sqrt((normals**2).sum(axis=0))
    normals /= np.where(lengths > 0, lengths, 1.0)
    flipped = normals[2] < 0
    normals *= np.where(flipped, -1.0, 1.0)
    return np.append(normals, [[0.0], [0.0], [1.0]], axis=1).astype(np.float32), flipped
