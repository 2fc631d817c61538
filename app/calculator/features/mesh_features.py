"""Features of a mesh: those of its regions, told with the confidence that fitted surfaces deserve."""

from collections.abc import Callable
from typing import Any

from app.calculator.features import recognise_in
from app.calculator.features.mesh_graph import MeshGraph
from app.calculator.geometry.mesh_regions import Regions
from app.contract.geometry import Feature, Vector

MOST_CONFIDENCE = 0.7
"""Nothing that was fitted to triangles is surer; what a file says itself may reach 1."""

_DIGITS = 4
"""A tenth of a micrometre; further digits come from the rounding of coordinates in the file."""


def recognise_mesh(
    regions: Regions, origin_mm: tuple[float, float, float], failed: Callable[[str], None] | None = None
) -> tuple[Feature, ...]:
    """The features of a mesh, in millimetres; see ``recognise_in`` for ``failed``."""
    return tuple(map(_told, recognise_in(MeshGraph(regions, origin_mm), failed)))


def _told(feature: Feature) -> Feature:
    figures = {name: _rounded(value) for name, value in (feature.__pydantic_extra__ or {}).items()}
    place = Vector.model_validate(_rounded(feature.place.model_dump()))
    confidence = round(MOST_CONFIDENCE * feature.confidence, 3)
    return feature.model_copy(update={**figures, "place": place, "confidence": confidence})


def _rounded(value: Any) -> Any:  # noqa: ANN401 - figures of a feature are plain JSON
    if isinstance(value, float):
        return round(value, _DIGITS) + 0.0
    if isinstance(value, dict):
        return {name: _rounded(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_rounded(inner) for inner in value]
    return value
