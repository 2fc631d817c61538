"""Parts and price requests for the calculator, as plain messages."""

from math import pi
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


def make_sheet(
    length: float = 200, width: float = 100, thickness: float = 2, bends: int = 0, **changes: Any
) -> PartFacts:
    """A rectangular sheet with one round hole of 20 mm; every bend folds 30 mm of its length up."""
    hole = pi * 10**2
    allowance = pi / 2 * (thickness + 0.325 * thickness)
    flat = length * width - hole
    sheet = {
        "thickness_mm": thickness,
        "bends": bends,
        "flat_area_mm2": flat,
        "cut_length_mm": 2 * (length + width) + pi * 20,
        "inner_contours": 1,
    }
    bend = {
        "radius_mm": thickness,
        "angle_deg": 90,
        "length_mm": width,
        "thickness_mm": thickness,
        "allowance_mm": allowance,
        "flange_mm": 30,
        "axis": [0, 1, 0],
    }
    features = [_feature("sheet-1", "sheet", **sheet), make_hole(1, 20, thickness)]
    features += [_feature(f"bend-{number}", "bend", **bend) for number in range(bends)]
    extents = (length - 30 * bends, width, 30) if bends else (length, width, thickness)
    figures = {"volume_mm3": flat * thickness, "area_mm2": 2 * flat, "features": features}
    return make_facts(extents, **{**figures, **changes})


def make_drawing(length: float = 200, width: float = 100, **changes: Any) -> PartFacts:
    """A rectangle with one round hole of 20 mm, as a DXF file shows it."""
    box = {"x": length, "y": width, "z": 0}
    hole = {**make_hole(1, 20), "depth_mm": None}
    drawing = {
        "area_mm2": length * width - pi * 10**2,
        "cut_length_mm": 2 * (length + width) + pi * 20,
        "contours": 2,
        "inner_contours": 1,
        "open_contours": 0,
    }
    facts = {
        "format": "dxf",
        "volume_mm3": None,
        "area_mm2": drawing["area_mm2"],
        "bounding_box_mm": box,
        "oriented_box_mm": box,
        "faces": None,
        "features": [hole],
        "drawing": {**drawing, **changes.pop("drawing", {})},
    }
    return make_facts(**{**facts, **changes})


def _feature(name: str, kind: str, **figures: Any) -> dict[str, Any]:
    place = {"x": 0, "y": 0, "z": 0}
    return {"id": name, "kind": kind, "face_ids": [1], "place": place, "confidence": 0.95, **figures}


def make_price_request(**changes: Any) -> PriceRequest:
    """A milled aluminium block from dimensions; ``facts`` replaces the dimensions."""
    wish: dict[str, Any] = {"service_id": "cnc-milling", "material_id": "alum_D16", **changes}
    if wish.get("facts") is None and "dimensions" not in wish:
        wish["dimensions"] = {"length_mm": 100, "width_mm": 50, "height_mm": 25}
    return PriceRequest.model_validate({name: value for name, value in wish.items() if value is not None})
