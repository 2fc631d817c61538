"""Stages about the body as a whole: its hull and moments, how it is printed, what is hollow in it."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from app.calculator.analysis.build_direction import overhangs
from app.calculator.analysis.hollow import hollow_space, voids_of_mesh, voids_of_solids
from app.calculator.analysis.moments import mesh_moments
from app.calculator.analysis.overhang import Facets
from app.calculator.geometry.part import MeshPart, SolidPart
from app.calculator.pipeline.scene import Scene
from app.contract.geometry import PartFacts

Added = Mapping[str, Any]


def measure_hull(scene: Scene, facts: PartFacts) -> Added:
    """The convex hull; one body is never larger than its hull, whose facets cut its round corners off."""
    if not _has_surface(scene) or scene.hull is None:
        return {}
    within = (facts.volume_mm3 or 0.0) if facts.bodies == 1 else 0.0
    return {"hull_volume_mm3": max(scene.hull.volume_mm3, within)}


def measure_moments(scene: Scene, facts: PartFacts) -> Added:
    """Principal moments of a mesh; those of a solid are known since its volume was integrated."""
    part = scene.part
    if not isinstance(part, MeshPart) or facts.volume_mm3 is None:
        return {}
    centroid = np.array(facts.centroid_mm) - part.origin_mm
    return {"principal_moments_mm5": mesh_moments(part.triangles, centroid, facts.volume_mm3)}


def measure_overhangs(scene: Scene, facts: PartFacts) -> Added:
    """Printing as drawn, and in the best direction."""
    del facts
    if not _has_surface(scene) or scene.hull is None:
        return {}
    return {"overhangs": overhangs(Facets(scene.surface), scene.rays, scene.hull)}


def measure_hollow(scene: Scene, facts: PartFacts) -> Added:
    """Cavities and the ways out of them; only where it is sure what is inside."""
    part = scene.part
    if not _has_surface(scene) or facts.volume_mm3 is None or scene.hull is None:
        return {}
    if isinstance(part, SolidPart):
        voids = voids_of_solids(part.shape, scene.surface.face_of)
    else:
        voids = voids_of_mesh(scene.surface, facts.bodies)
    free = 1 - facts.volume_mm3 / scene.hull.volume_mm3
    return {"hollow": hollow_space(scene.surface, scene.rays, voids, free)}


def _has_surface(scene: Scene) -> bool:
    return isinstance(scene.part, MeshPart | SolidPart)
