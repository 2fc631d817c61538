"""Stages that look at a part along rays: thickness, gaps, access, slender regions.

Only of a part whose material has a sure side: without a volume the normals of a mesh mean nothing.
"""

from collections.abc import Mapping
from typing import Any

from app.calculator.analysis.access import access_of
from app.calculator.analysis.gaps import smallest_gap
from app.calculator.analysis.slender import slenderness_of
from app.calculator.analysis.thickness import thickness_of
from app.calculator.pipeline.scene import Scene
from app.contract.geometry import Finding, PartFacts

MOST_TRIANGLES = 500_000
"""Rays through more would take longer than everything else together."""


def measure_thickness(scene: Scene, facts: PartFacts) -> Mapping[str, Any]:
    """The thickness of walls; says so when the mesh is too fine for this and the stages after it."""
    if facts.volume_mm3 is None:
        return {}
    if _is_too_fine(scene):
        return {"findings": (_too_fine(len(scene.surface.triangles)),)}
    return {"thickness_mm": thickness_of(scene.walls)}


def measure_gap(scene: Scene, facts: PartFacts) -> Mapping[str, Any]:
    """The smallest opening between walls."""
    if facts.volume_mm3 is None or _is_too_fine(scene):
        return {}
    return {"smallest_gap": smallest_gap(scene.probes, facts.features)}


def measure_access(scene: Scene, facts: PartFacts) -> Mapping[str, Any]:
    """Set-ups, and what no tool reaches."""
    if facts.volume_mm3 is None or _is_too_fine(scene):
        return {}
    return {"access": access_of(scene.probes)}


def measure_slenderness(scene: Scene, facts: PartFacts) -> Mapping[str, Any]:
    """The tallest thin thing."""
    if facts.volume_mm3 is None or _is_too_fine(scene):
        return {}
    return {"slenderness": slenderness_of(scene.walls, facts.features, facts.access)}


def _is_too_fine(scene: Scene) -> bool:
    return len(scene.surface.triangles) > MOST_TRIANGLES


def _too_fine(triangles: int) -> Finding:
    return Finding(
        code="mesh-too-fine",
        severity="warning",
        message=(
            f"The surface has {triangles} triangles; wall thickness, gaps, tool access and slender regions "
            f"are measured up to {MOST_TRIANGLES}."
        ),
        fix="Export the mesh with a coarser tolerance, or send the part as STEP.",
        value=triangles,
        limit=MOST_TRIANGLES,
        unit="triangles",
    )
