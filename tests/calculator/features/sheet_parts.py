"""Sheet metal with known bends, and thin parts that were never bent."""

from collections.abc import Callable
from math import cos, hypot, log10, pi, radians, sin, tan
from random import Random

import cadquery as cq

from tests.calculator.features.known import Drawn, Known

JUDGED = frozenset({"hole", "bend", "sheet", "pocket"})
Flat = tuple[float, float]


def _offset(path: list[Flat], by: float) -> list[Flat]:
    """The path moved to its left, with mitred corners."""
    moved = []
    for index, (x, y) in enumerate(path):
        units = []
        for one, two in ((index - 1, index), (index, index + 1)):
            if one >= 0 and two < len(path):
                dx, dy = path[two][0] - path[one][0], path[two][1] - path[one][1]
                units.append((dx / hypot(dx, dy), dy / hypot(dx, dy)))
        (ax, ay), (bx, by_) = units[0], units[-1]
        share = by / (1 + ax * bx + ay * by_)
        moved.append((x - (ay + by_) * share, y + (ax + bx) * share))
    return moved


def profile(random: Random) -> Drawn:
    """A sheet bent one to four times, drawn as a filleted strip."""
    t = round(random.choice([0.8, 1, 1.5, 2, 3]), 1)
    r = round(t * random.choice([0.6, 1.0, 2.0]), 2)
    width = random.uniform(20, 60)
    heading, path, angles, lengths = 0.0, [(0.0, 0.0)], [], []
    for index in range(random.randint(2, 4)):
        if index:
            angle = radians(random.choice([30, 45, 60, 90, 90, 90])) * (
                1 if index < 3 else random.choice([1, -1])
            )
            angles.append(angle)
            heading += angle
        lengths.append(random.uniform(14, 30) + 4 * (r + t))
        path.append((path[-1][0] + lengths[-1] * cos(heading), path[-1][1] + lengths[-1] * sin(heading)))
    left, right = _offset(path, t / 2), _offset(path, -t / 2)
    body = cq.Workplane("XY").polyline([*left, *reversed(right)]).close().extrude(width)
    known, flat = [], 0.0
    for corner, angle in enumerate(angles, 1):
        inner, outer = (left, right) if angle > 0 else (right, left)
        for (x, y), radius in ((inner[corner], r), (outer[corner], r + t)):
            near = cq.selectors.BoxSelector((x - 0.01, y - 0.01, -1), (x + 0.01, y + 0.01, width + 1))
            body = body.edges(near).fillet(radius)
        away = (r / cos(abs(angle) / 2)) / hypot(*_minus(inner[corner], outer[corner]))
        dx, dy = _minus(inner[corner], outer[corner])
        x, y = inner[corner][0] + dx * away, inner[corner][1] + dy * away
        figures = {"radius_mm": r, "angle_deg": abs(angle) * 180 / pi, "length_mm": width, "thickness_mm": t}
        known.append(Known("bend", (x, y, width / 2), None, "", figures))
        k = min(1.0, 0.65 + 0.5 * log10(r / t)) / 2
        flat += abs(angle) * (r + k * t) - 2 * (r + t / 2) * tan(abs(angle) / 2)
    hole = Known(
        "hole", (lengths[0] / 2, 0, width / 2), (0, 1, 0), "through", {"diameter_mm": 4.0, "depth_mm": t}
    )
    body = body.cut(cq.Workplane("XZ").center(lengths[0] / 2, width / 2).circle(2).extrude(2 * t, both=True))
    area = (flat + sum(lengths)) * width - pi * 4
    sheet = Known("sheet", (0, 0, 0), None, "", {"near_mm": 1e4, "thickness_mm": t, "flat_area_mm2": area})
    return Drawn("bent sheet", body.val(), (*known, hole, sheet), JUDGED)


def _minus(one: Flat, two: Flat) -> Flat:
    return one[0] - two[0], one[1] - two[1]


def tray(random: Random) -> Drawn:
    """A base with flanges on two to four sides and open corners."""
    t, r = random.choice([1.0, 1.5, 2.0]), random.choice([1.0, 2.0, 3.0])
    a, b, high = random.uniform(50, 90), random.uniform(40, 70), random.uniform(10, 20)
    body = cq.Workplane().box(a, b, t).translate((0, 0, t / 2))
    known = []
    for side in range(random.randint(2, 4)):
        reach, length = (a / 2, b - 4) if side % 2 == 0 else (b / 2, a - 4)
        turn = (0, 90, 180, 270)[side]
        section = (
            cq.Workplane("XZ")
            .moveTo(reach, 0)
            .radiusArc((reach + r + t, r + t), -(r + t))
            .lineTo(reach + r + t, r + t + high)
            .lineTo(reach + r, r + t + high)
            .lineTo(reach + r, r + t)
            .radiusArc((reach, t), r)
            .close()
            .extrude(length / 2, both=True)
        )
        body = body.union(section.rotate((0, 0, 0), (0, 0, 1), turn))
        place = (reach * cos(radians(turn)), reach * sin(radians(turn)), r + t)
        figures = {"radius_mm": r, "angle_deg": 90.0, "length_mm": length, "thickness_mm": t}
        known.append(Known("bend", place, None, "", figures))
    sheet = Known("sheet", (0, 0, 0), None, "", {"near_mm": 1e4, "thickness_mm": t, "bends": len(known)})
    return Drawn("tray", body.val(), (*known, sheet), JUDGED)


def flat_sheet(random: Random) -> Drawn:
    """A blank with rounded corners, holes and a window."""
    t = random.choice([1.0, 2.0, 3.0, 5.0])
    body = cq.Workplane().box(90, 60, t).edges("|Z").fillet(random.uniform(3, 8))
    body = body.faces(">Z").workplane().pushPoints([(-30, 20), (30, 20)]).hole(4)
    body = body.faces(">Z").workplane().rect(30, 16).cutThruAll()
    hole = {"diameter_mm": 4.0, "depth_mm": t}
    known = [Known("hole", (x, 20, 0), (0, 0, 1), "through", hole) for x in (-30.0, 30.0)]
    known.append(
        Known(
            "pocket", (0, 0, -t / 2), None, "through", {"depth_mm": t, "sharp_corners": 4, "near_mm": 2 * t}
        )
    )
    known.append(
        Known(
            "sheet", (0, 0, 0), None, "", {"near_mm": 1e4, "thickness_mm": t, "bends": 0, "inner_contours": 3}
        )
    )
    return Drawn("flat sheet", body.val(), tuple(known), JUDGED)


def not_sheet(random: Random) -> Drawn:
    """A square tube, and a milled box with the same radii in every corner."""
    t, r = 2.0, random.uniform(2, 5)
    outer = cq.Workplane().rect(50, 40).extrude(40).edges("|Z").fillet(r + t)
    inner = cq.Workplane().rect(50 - 2 * t, 40 - 2 * t).extrude(60).edges("|Z").fillet(r)
    is_box = random.random() < 0.5
    body = outer.cut(inner.translate((0, 0, t if is_box else -10)))
    return Drawn("box" if is_box else "tube", body.val(), (), frozenset({"hole", "bend", "sheet"}))


SHEET_PARTS: tuple[tuple[int, Callable[[Random], Drawn]], ...] = (
    (4, profile),
    (2, tray),
    (1, flat_sheet),
    (1, not_sheet),
)
"""How often each kind of part is made, by weight."""
