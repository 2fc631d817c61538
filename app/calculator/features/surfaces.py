"""Faces with the figures of the surfaces they lie on."""

from dataclasses import dataclass, field, replace
from math import cos, pi, sin, tan
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from OCP.BRepAdaptor import BRepAdaptor_Surface
from OCP.BRepTools import BRepTools
from OCP.GeomAbs import GeomAbs_SurfaceType
from OCP.gp import gp_Ax1, gp_Ax3
from OCP.TopAbs import TopAbs_Orientation
from OCP.TopoDS import TopoDS

Shape = Any
"""An OCCT object; OCP has no types."""

Floats = npt.NDArray[np.float64]
SurfaceKind = Literal["plane", "cylinder", "cone", "sphere", "torus", "other"]

FULL_TURN = 2 * pi


def _zero() -> Floats:
    return np.zeros(3)


@dataclass(frozen=True, slots=True, eq=False)
class Surface:
    """A surface in space; what does not apply to the kind is zero.

    ``outward`` is +1 where the material lies against the surface's own normal (plane: against ``axis``;
    round kinds: inside, so the face is convex) and -1 where it is the other way round. ``radius_mm`` of a
    cone is the one at ``origin``; it grows by ``tan(half_angle)`` along ``axis``. ``first`` and ``second``
    span the angles of ``turn``; ``along_mm`` is the range along the axis, from ``origin``.
    """

    kind: SurfaceKind
    outward: float = 1.0
    origin: Floats = field(default_factory=_zero)
    axis: Floats = field(default_factory=_zero)
    first: Floats = field(default_factory=_zero)
    second: Floats = field(default_factory=_zero)
    radius_mm: float = 0.0
    tube_mm: float = 0.0
    half_angle: float = 0.0
    turn: tuple[float, float] = (0.0, 0.0)
    along_mm: tuple[float, float] = (0.0, 0.0)
    fitted: bool = False

    @property
    def concave(self) -> bool:
        """A round face with the material outside: the wall of a hole, an inner fillet."""
        return self.outward < 0 and self.kind not in {"plane", "other"}

    @property
    def convex(self) -> bool:
        """A round face with the material inside: a shaft, a rounded edge."""
        return self.outward > 0 and self.kind not in {"plane", "other"}

    @property
    def normal(self) -> Floats:
        """The outward normal of a plane."""
        return self.axis * self.outward

    @property
    def span(self) -> float:
        """The angle covered around the axis."""
        return self.turn[1] - self.turn[0]

    @property
    def height_mm(self) -> float:
        """The length covered along the axis."""
        return self.along_mm[1] - self.along_mm[0]

    def radius_at(self, along_mm: float) -> float:
        """Radius of a cylinder or a cone at a distance from ``origin``."""
        return self.radius_mm + along_mm * tan(self.half_angle) if self.half_angle else self.radius_mm

    @property
    def area_mm2(self) -> float:
        """Area of the full parameter range of a round face (tori roughly); trimming is not seen."""
        middle = self.radius_at(sum(self.along_mm) / 2)
        return abs(self.span * middle * self.height_mm / cos(self.half_angle))


def analytic_surface(shape: Shape) -> Surface | None:
    """The surface as the file tells it, or ``None`` for free-form ones."""
    face = TopoDS.Face_s(shape)
    adaptor = BRepAdaptor_Surface(face, False)
    kind = adaptor.GetType()
    outward = -1.0 if face.Orientation() == TopAbs_Orientation.TopAbs_REVERSED else 1.0
    if kind == GeomAbs_SurfaceType.GeomAbs_Plane:
        frame = adaptor.Plane().Position()
        return Surface(
            kind="plane",
            outward=outward * _hand(frame),
            origin=_place(frame),
            axis=_direction(frame.Axis()),
            first=_vector(frame.XDirection()),
            second=_vector(frame.YDirection()),
        )
    round_one = _round(adaptor, kind)
    if round_one is None:
        return None
    return _bounded(round_one, face, outward)


def _round(adaptor: Any, kind: Any) -> Surface | None:  # noqa: ANN401 - OCP has no types
    if kind == GeomAbs_SurfaceType.GeomAbs_Cylinder:
        cylinder = adaptor.Cylinder()
        return _framed("cylinder", cylinder.Position(), cylinder.Radius())
    if kind == GeomAbs_SurfaceType.GeomAbs_Cone:
        cone = adaptor.Cone()
        bare = _framed("cone", cone.Position(), cone.RefRadius())
        return replace(bare, half_angle=cone.SemiAngle())
    if kind == GeomAbs_SurfaceType.GeomAbs_Sphere:
        sphere = adaptor.Sphere()
        return _framed("sphere", sphere.Position(), sphere.Radius())
    if kind == GeomAbs_SurfaceType.GeomAbs_Torus:
        torus = adaptor.Torus()
        return replace(
            _framed("torus", torus.Position(), torus.MajorRadius()), tube_mm=float(torus.MinorRadius())
        )
    return None


def _framed(kind: SurfaceKind, frame: gp_Ax3, radius_mm: float) -> Surface:
    return Surface(
        kind=kind,
        outward=_hand(frame),
        origin=_place(frame),
        axis=_direction(frame.Axis()),
        first=_vector(frame.XDirection()),
        second=_vector(frame.YDirection()),
        radius_mm=float(radius_mm),
    )


def _bounded(surface: Surface, face: Shape, outward: float) -> Surface:
    u_low, u_high, v_low, v_high = BRepTools.UVBounds_s(face)
    if surface.kind == "cone":
        stretch = cos(surface.half_angle)
        v_low, v_high = sorted((v_low * stretch, v_high * stretch))
        surface = _widening(surface, (v_low + v_high) / 2)
    elif surface.kind == "sphere":
        v_low, v_high = surface.radius_mm * sin(v_low), surface.radius_mm * sin(v_high)
    elif surface.kind == "torus":
        v_low, v_high = -surface.tube_mm, surface.tube_mm
    return replace(
        surface,
        outward=surface.outward * outward,
        turn=(u_low, min(u_high, u_low + FULL_TURN)),
        along_mm=(v_low, v_high),
    )


def _widening(cone: Surface, along_mm: float) -> Surface:
    """The same cone by its half on this side of the apex: a file may describe it by the other one."""
    if cone.radius_at(along_mm) >= 0:
        return cone
    return replace(
        cone,
        first=-cone.first,
        second=-cone.second,
        radius_mm=-cone.radius_mm,
        half_angle=-cone.half_angle,
    )


def _hand(frame: gp_Ax3) -> float:
    return 1.0 if frame.Direct() else -1.0


def _place(frame: gp_Ax3) -> Floats:
    return _vector(frame.Location())


def _direction(axis: gp_Ax1) -> Floats:
    return _vector(axis.Direction())


def _vector(thing: Any) -> Floats:  # noqa: ANN401 - OCP has no types
    return np.array([thing.X(), thing.Y(), thing.Z()])
