"""The narrow waist: what geometry says to pricing, plain numbers in millimetres."""

from typing import Any, Literal

from pydantic import ConfigDict

from app.contract.base import Finite, Message

FACTS_VERSION = 3
"""Goes up with every change after which the same part has other facts: stored ones are measured again."""

Severity = Literal["info", "warning", "error"]
PartFormat = Literal["step", "stl", "obj", "3mf", "dxf"]
Direction = tuple[Finite, Finite, Finite]
"""A unit vector."""


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


class FaceAreas(Message):
    """The surface in mm2 by the kind of surface the B-rep faces lie on."""

    plane: Finite = 0.0
    cylinder: Finite = 0.0
    cone: Finite = 0.0
    sphere: Finite = 0.0
    torus: Finite = 0.0
    other: Finite = 0.0


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
    """Wall thickness in millimetres over the surface of the part, and where it is least."""

    min: Finite
    p5: Finite
    median: Finite
    thinnest_place: Vector | None = None
    thinnest_face_ids: tuple[int, ...] = ()


class Gap(Message):
    """The smallest opening between two walls of the part, in millimetres, and where it is."""

    width_mm: Finite
    place: Vector
    face_ids: tuple[int, ...] = ()


class Reach(Message):
    """What a tool coming from one direction reaches; the direction points from the part to the tool."""

    direction: Direction
    area_share: Finite
    face_ids: tuple[int, ...] = ()


class Access(Message):
    """From where a machine with a tool in line with its axis must come to reach the whole surface.

    ``setups`` are the directions chosen one after the other, each with what it adds; what none of the
    directions tried reaches is ``unreached_share`` of the area and ``unreached_face_ids``.
    """

    setups: tuple[Reach, ...]
    directions_tried: int
    unreached_share: Finite
    unreached_face_ids: tuple[int, ...] = ()


class Overhang(Message):
    """Printing the part with ``up`` pointing away from the plate.

    ``area_mm2`` hangs over by more than 45° (from the vertical) and needs support of ``support_volume_mm3``
    down to the plate or to the part below; ``contact_mm2`` lies on the plate. ``wall_mm2`` is the surface as
    far as it stands upright (area times the sine of its slope), ``roof_mm2`` what is seen of it from above.
    """

    up: Direction
    area_mm2: Finite
    support_volume_mm3: Finite
    contact_mm2: Finite
    height_mm: Finite
    wall_mm2: Finite
    roof_mm2: Finite


class Hollow(Message):
    """Space inside the part that powder or resin cannot leave, and the ways out of the rest.

    ``trapped`` cavities have no opening at all; ``narrow_mm`` is the diameter of the widest way out of the
    cavity whose way out is the narrowest, ``None`` where there is no such cavity.
    """

    trapped: int
    trapped_volume_mm3: Finite
    trapped_place: Vector | None = None
    escape_holes: int = 0
    narrow_mm: Finite | None = None
    narrow_place: Vector | None = None


class Slenderness(Message):
    """The tallest thin thing that stands up from the part: its height over its width, and where."""

    ratio: Finite
    height_mm: Finite
    width_mm: Finite
    place: Vector
    face_ids: tuple[int, ...] = ()


class MeshQuality(Message):
    """What is wrong with a mesh, counted as it was in the file; ``repairs`` names what was set right."""

    open_edges: int = 0
    nonmanifold_edges: int = 0
    flipped_triangles: int = 0
    degenerate_triangles: int = 0
    duplicate_triangles: int = 0
    shells: int = 1
    contradicting_shells: int = 0
    repairs: tuple[str, ...] = ()


class FlatDrawing(Message):
    """A flat part drawn as contours: what a laser follows.

    ``area_mm2`` is the material between outer and inner contours; ``cut_length_mm`` the length of all of
    them; ``contours`` are closed, ``open_contours`` are not and enclose nothing.
    """

    area_mm2: Finite
    cut_length_mm: Finite
    contours: int
    inner_contours: int
    open_contours: int


class PartFacts(Message):
    """Everything pricing may know about a part; measured once per content.

    ``unit`` is the unit the file was written in; every figure here is already converted.
    ``volume_mm3`` is ``None`` when the part encloses no sure volume (open or contradictory mesh, drawing);
    ``complete`` is ``False`` when the time was up before everything was measured.
    ``oriented_box_mm`` is the smallest box found in any orientation, extents in falling order.
    ``principal_moments_mm5`` are those of the volume about its centroid, the smallest first.
    ``overhangs`` begins with the part as drawn (z up), the best build direction comes next.
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
    face_areas_mm2: FaceAreas | None = None
    features: tuple[Feature, ...] = ()
    thickness_mm: Thickness | None = None
    hull_volume_mm3: Finite | None = None
    principal_moments_mm5: tuple[Finite, Finite, Finite] | None = None
    smallest_gap: Gap | None = None
    access: Access | None = None
    overhangs: tuple[Overhang, ...] = ()
    hollow: Hollow | None = None
    slenderness: Slenderness | None = None
    mesh: MeshQuality | None = None
    drawing: FlatDrawing | None = None
    findings: tuple[Finding, ...] = ()
    seconds: Finite
