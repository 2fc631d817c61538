"""A drawing becomes facts: what a laser follows, and what is left between its ways."""

from collections.abc import Iterator

import numpy as np

from app.calculator.analysis.drawing_contours import Linked, link
from app.calculator.analysis.drawing_crossings import crossings
from app.calculator.analysis.drawing_findings import crossing_findings, line_findings, rise_finding
from app.calculator.analysis.drawing_holes import find_round_holes
from app.calculator.analysis.drawing_nesting import Flags, are_inner
from app.calculator.analysis.missing import incomplete
from app.calculator.analysis.size import judge_extents
from app.calculator.geometry.box import Point
from app.calculator.geometry.curves import Floats
from app.calculator.geometry.frames import smallest_frame
from app.calculator.geometry.part import DrawingPart
from app.calculator.geometry.rings import Rings
from app.contract.geometry import Finding, FlatDrawing, PartFacts, Vector

FLAT_MM = 0.01
"""Lines may leave the plane by this much: rounding of a tilted sketch."""
_UP = np.array([[0.0, 0.0, 1.0]])


def measure_drawing(part: DrawingPart) -> Iterator[PartFacts]:
    """Facts that grow: the size first, then everything. Raises ``CadInvalid`` where there is no part."""
    points = np.concatenate([stroke.points for stroke in part.strokes])
    low, high = points.min(axis=0), points.max(axis=0)
    extents_mm: Point = (*(high - low).tolist(), 0.0)
    remarks = (*part.findings, *judge_extents(extents_mm[:2], unit_stated=part.unit_stated), *_rise(part))
    first = _facts(part, (low + high) / 2, extents_mm)
    yield first.model_copy(update={"findings": (*remarks, incomplete("contours", "area", "oriented box"))})
    linked = link(part.strokes, float(np.linalg.norm(high - low)))
    rings = Rings.of([contour.ring for contour in linked.contours])
    inner = are_inner(rings)
    crossed = crossings(rings)
    findings = (*remarks, *line_findings(linked), *crossing_findings(crossed))
    drawing = _drawing(linked, inner)
    yield first.model_copy(
        update={
            "complete": True,
            "bodies": drawing.contours - drawing.inner_contours,
            "area_mm2": drawing.area_mm2,
            "oriented_box_mm": _oriented(points - low),
            "centroid_mm": _centroid(rings, inner, first.centroid_mm),
            "watertight": not (linked.open_lines or crossed),
            "features": find_round_holes(linked.contours, rings, inner),
            "drawing": drawing,
            "findings": findings,
        }
    )


def _facts(part: DrawingPart, middle: Floats, extents_mm: Point) -> PartFacts:
    longest, shorter = sorted(extents_mm[:2], reverse=True)
    return PartFacts(
        format=part.format,
        unit=part.unit,
        complete=False,
        bodies=0,
        volume_mm3=None,
        area_mm2=0.0,
        bounding_box_mm=Vector(x=extents_mm[0], y=extents_mm[1], z=0.0),
        oriented_box_mm=Vector(x=longest, y=shorter, z=0.0),
        centroid_mm=(float(middle[0]), float(middle[1]), 0.0),
        watertight=False,
        triangles=None,
        faces=None,
        seconds=0.0,
    )


def _rise(part: DrawingPart) -> tuple[Finding, ...]:
    rise_mm = max(stroke.rise_mm for stroke in part.strokes)
    return (rise_finding(rise_mm),) if rise_mm > FLAT_MM else ()


def _drawing(linked: Linked, inner: Flags) -> FlatDrawing:
    areas = np.array([contour.area_mm2 for contour in linked.contours])
    return FlatDrawing(
        area_mm2=max(0.0, float(areas[~inner].sum() - areas[inner].sum())),
        cut_length_mm=sum(contour.length_mm for contour in linked.contours),
        contours=len(linked.contours),
        inner_contours=int(inner.sum()),
        open_contours=len(linked.open_lines),
    )


def _centroid(rings: Rings, inner: Flags, otherwise: Point) -> Point:
    """Of the material; points stand for curves here, which moves it less than they are followed by."""
    if not len(rings):
        return otherwise
    about = rings.corners[0]
    here, there = rings.corners - about, rings.ends - about
    cross = here[:, 0] * there[:, 1] - here[:, 1] * there[:, 0]
    areas = rings.summed(cross) / 2
    moments = rings.summed((here + there) * cross[:, None]) / 6
    shares = np.sign(areas) * np.where(inner, -1.0, 1.0)
    total = float(shares @ areas)
    if total <= 0:
        return otherwise
    x_mm, y_mm = (shares @ moments / total + about).tolist()
    return x_mm, y_mm, 0.0


def _oriented(points: Floats) -> Vector:
    """The smallest rectangle around the points, longest side first."""
    solid = np.column_stack((np.concatenate((points, points)), np.repeat([0.0, 1.0], len(points))))
    frame, _ = smallest_frame(solid, _UP)
    flat = solid @ frame.T
    longest, shorter = sorted(np.ptp(flat, axis=0)[:2].tolist(), reverse=True)
    return Vector(x=longest, y=shorter, z=0.0)
