"""The stage that names what a machinist would: on the faces of a solid, on the smooth regions of a mesh."""

from collections.abc import Callable, Mapping
from typing import Any

from app.calculator.analysis.missing import failed
from app.calculator.features import MOST_FEATURES, recognise
from app.calculator.features.mesh_features import recognise_mesh
from app.calculator.geometry.mesh_surface import MOST_TRIANGLES
from app.calculator.geometry.part import MeshPart, SolidPart
from app.calculator.pipeline.scene import Scene
from app.contract.geometry import Feature, Finding, PartFacts


def recognise_features(scene: Scene, facts: PartFacts) -> Mapping[str, Any]:
    """Holes, pockets and whatever else a machinist calls by name."""
    del facts
    if isinstance(scene.part, MeshPart) and scene.regions is None:
        return {"findings": (_too_fine(len(scene.part.triangles)),)}
    faults: list[str] = []
    features = _recognised(scene, faults.append)
    remarks = [failed("features")] if faults else []
    if len(features) >= MOST_FEATURES:
        remarks.append(_many())
    return {"features": features, "findings": tuple(remarks)}


def _recognised(scene: Scene, tell: Callable[[str], None]) -> tuple[Feature, ...]:
    if isinstance(scene.part, SolidPart):
        return recognise(scene.part.shape, tell)
    if isinstance(scene.part, MeshPart) and scene.regions is not None:
        return recognise_mesh(scene.regions, scene.part.origin_mm, tell)
    return ()


def _too_fine(triangles: int) -> Finding:
    return Finding(
        code="mesh-features-skipped",
        severity="info",
        message=f"The mesh has {triangles} triangles; features are looked for up to {MOST_TRIANGLES}.",
        fix="Export the mesh with a coarser tolerance, or send the part as STEP.",
        value=triangles,
        limit=MOST_TRIANGLES,
        unit="triangles",
    )


def _many() -> Finding:
    return Finding(
        code="features-many",
        severity="warning",
        message=f"Only the first {MOST_FEATURES} features are listed.",
        fix="Have the machining time checked by a person.",
        value=MOST_FEATURES,
        limit=MOST_FEATURES,
        unit="features",
    )
