"""The narrow waist: what geometry says to pricing, plain numbers in millimetres."""

from typing import Any, Literal

from pydantic import ConfigDict

from app.contract.base import Finite, Message

Severity = Literal["info", "warning", "error"]
PartFormat = Literal["step", "stl"]


class Vector(Message):
    """A place or an extent in millimetres."""

    x: Finite
    y: Finite
    z: Finite


class FaceCounts(Message):
    """How many B-rep faces lie on a surface of each kind."""

    plane: int = 0
    cylinder: int = 0
    cone: int = 0
    sphere: int = 0
    torus: int = 0
    other: int = 0


class Finding(Message):
    """Something about the part a person should know, with its figure, its limit and a remedy.

    ``value`` and ``limit`` are in ``unit``; ``place`` is in millimetres in the coordinates of the file.
    """

    code: str
    severity: Severity
    message: str
    fix: str
    value: Finite | None = None
    limit: Finite | None = None
    unit: str | None = None
    place: Vector | None = None
    face_ids: tuple[int, ...] = ()
    feature_id: str | None = None
    price_effect: str | None = None


class Feature(Message):
    """A recognised feature; figures beyond the common ones depend on ``kind``."""

    model_config = ConfigDict(extra="allow", frozen=True)

    id: str
    kind: str
    face_ids: tuple[int, ...]
    place: Vector
    confidence: Finite
    __pydantic_extra__: dict[str, Any]


class Thickness(Message):
    """Wall thickness in millimetres over the surface of the part."""

    min: Finite
    p5: Finite
    median: Finite


class PartFacts(Message):
    """Everything pricing may know about a part; measured once per content.

    ``unit`` is the unit the file was written in; every figure here is already converted.
    ``volume_mm3`` is ``None`` when the part encloses no sure volume (open or contradictory mesh);
    ``complete`` is ``False`` when the time was up before everything was measured.
    ``oriented_box_mm`` is the smallest box found in any orientation, extents in falling order.
    """

    format: PartFormat
    unit: str
    complete: bool
    bodies: int
    volume_mm3: Finite | None
    area_mm2: Finite
    bounding_box_mm: Vector
    oriented_box_mm: Vector
    centroid_mm: tuple[Finite, Finite, Finite]
    watertight: bool
    triangles: int | None
    faces: FaceCounts | None
    features: tuple[Feature, ...] = ()
    thickness_mm: Thickness | None = None
    findings: tuple[Finding, ...] = ()
    seconds: Finite
