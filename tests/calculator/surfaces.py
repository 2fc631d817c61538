"""Surfaces of drawn parts, ready to be asked."""

from typing import Any

import numpy as np

from app.calculator.analysis.samples import Probe, probes
from app.calculator.geometry.rays import Rays
from app.calculator.geometry.surface import Surface
from app.calculator.geometry.tessellation import tessellate
from tests.calculator.bodies import Mesh


def surface_of_mesh(mesh: Mesh) -> Surface:
    """One body, one face."""
    nothing = np.zeros(len(mesh), dtype=np.int32)
    return Surface(mesh, (0.0, 0.0, 0.0), nothing, nothing)


def probes_of(part: Any) -> list[Probe]:
    """Of a cadquery workplane or shape, a mesh or a surface."""
    if isinstance(part, np.ndarray):
        part = surface_of_mesh(part)
    if not isinstance(part, Surface):
        part = tessellate((part.val() if hasattr(part, "val") else part).wrapped)
    return list(probes(part, Rays(part)))
