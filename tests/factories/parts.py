"""Parts and price requests for the calculator, as plain messages."""

from typing import Any

from app.contract.geometry import PartFacts
from app.contract.pricing import PriceRequest


def make_facts(extents: tuple[float, float, float] = (100, 50, 25), **changes: Any) -> PartFacts:
    """A milled block with a volume of 72 % of its box, unless told otherwise."""
    x, y, z = extents
    box = {"x": x, "y": y, "z": z}
    facts = {
        "format": "step",
        "unit": "mm",
        "complete": True,
        "bodies": 1,
        "volume_mm3": 0.72 * x * y * z,
        "area_mm2": 2.2 * (x * y + y * z + x * z),
        "bounding_box_mm": box,
        "oriented_box_mm": box,
        "centroid_mm": (0, 0, 0),
        "watertight": True,
        "triangles": None,
        "faces": {"plane": 12, "cylinder": 4},
        "seconds": 0.1,
    }
    return PartFacts.model_validate({**facts, **changes})


def make_hole(
    number: int, diameter_mm: float = 6, depth_mm: float = 25, axis: tuple[float, float, float] = (0, 0, 1)
) -> dict[str, Any]:
    """A hole as recognition reports it."""
    return {
        "id": f"hole-{number}",
        "kind": "hole",
        "face_ids": [number],
        "place": {"x": 0, "y": 0, "z": 0},
        "confidence": 1,
        "type": "through",
        "diameter_mm": diameter_mm,
        "depth_mm": depth_mm,
        "axis": list(axis),
        "thread_candidate": None,
    }


def make_price_request(**changes: Any) -> PriceRequest:
    """A milled aluminium block from dimensions; ``facts`` replaces the dimensions."""
    wish: dict[str, Any] = {"service_id": "cnc-milling", "material_id": "alum_D16", **changes}
    if wish.get("facts") is None and "dimensions" not in wish:
        wish["dimensions"] = {"length_mm": 100, "width_mm": 50, "height_mm": 25}
    return PriceRequest.model_validate({name: value for name, value in wish.items() if value is not None})
