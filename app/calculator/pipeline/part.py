"""The waist: floats of the facts become exact figures, once and rounded."""

from decimal import Decimal

from app.calculator.pipeline.clampings import clampings_of
from app.calculator.pipeline.exact import WhenAsked, exact, figures_of, positive, word
from app.calculator.pipeline.shapes import faces_of, holes_of, turned_of, without_corners
from app.calculator.processes.base import (
    ZERO,
    Cylinder,
    Extents,
    Measured,
    Orientation,
    Outline,
    Part,
    Recognised,
)
from app.contract.geometry import Feature, PartFacts
from app.contract.pricing import CylinderDimensions, Dimensions

BOX_SLACK = 1.01
"""Rounding may put the volume of a box-shaped part this much above that of its box."""
SIDES = Decimal(2)


def part_of_dimensions(dimensions: Dimensions) -> Part:
    """A part of which only the outer size is known."""
    if isinstance(dimensions, CylinderDimensions):
        cylinder = Cylinder(dimensions.diameter_mm, dimensions.length_mm)
        return Part(
            _falling((cylinder.diameter_mm, cylinder.diameter_mm, cylinder.length_mm)), cylinder, None
        )
    box = (dimensions.length_mm, dimensions.width_mm, dimensions.height_mm)
    return Part(_falling(box), None, None)


def part_of_facts(facts: PartFacts) -> Part | None:
    """A measured part, or ``None`` without a sure size and volume.

    Missing, zero or absurd figures are not sure, nor is a volume larger than the box around the part.
    """
    box = facts.oriented_box_mm
    figures = [exact(figure) for figure in (box.x, box.y, box.z, facts.volume_mm3, facts.area_mm2)]
    sure = [figure for figure in figures if figure is not None and figure > 0]
    if len(sure) != len(figures) or float(sure[3]) > float(sure[0] * sure[1] * sure[2]) * BOX_SLACK:
        return None
    holes = holes_of(facts)
    measured = Measured(
        volume_mm3=sure[3],
        area_mm2=sure[4],
        holes=holes,
        revolved=_revolved(facts),
        features=tuple(map(_recognised, without_corners(facts.features))),
        clampings=None
        if facts.access is None
        else clampings_of([reach.direction for reach in facts.access.setups]),
        hole_directions=len({hole.direction for hole in holes}),
        turned=turned_of(facts),
        faces=faces_of(facts),
        wall_mm=None if facts.thickness_mm is None else exact(facts.thickness_mm.p5),
        trapped_mm3=ZERO if facts.hollow is None else positive(facts.hollow.trapped_volume_mm3),
        orientation=_orientation(facts),
        hull_volume_mm3=exact(facts.hull_volume_mm3),
    )
    return Part(_falling((sure[0], sure[1], sure[2])), None, measured)


def part_of_drawing(facts: PartFacts, thickness_mm: Decimal | None) -> Part | None:
    """A flat part as it was drawn, of the asked thickness; ``None`` without it or without a sure area."""
    drawing, box = facts.drawing, facts.oriented_box_mm
    if drawing is None or thickness_mm is None:
        return None
    figures = [exact(figure) for figure in (box.x, box.y, drawing.area_mm2, drawing.cut_length_mm)]
    sure = [figure for figure in figures if figure is not None and figure > 0]
    is_whole = len(sure) == len(figures) and drawing.contours > 0
    if not is_whole or float(sure[2]) > float(sure[0] * sure[1]) * BOX_SLACK:
        return None
    length, width, area, cut = sure
    measured = Measured(
        volume_mm3=area * thickness_mm,
        area_mm2=SIDES * area + cut * thickness_mm,
        holes=(),
        revolved=False,
        features=tuple(map(_recognised, facts.features)),
        outline=Outline(thickness_mm, area, cut, drawing.contours),
    )
    return Part(_falling((length, width, thickness_mm)), None, measured)


def _falling(extents: Extents) -> Extents:
    smallest, middle, largest = sorted(extents)
    return (largest, middle, smallest)


def _revolved(facts: PartFacts) -> bool | None:
    if facts.faces is None:
        return None
    return facts.faces.cylinder + facts.faces.cone + facts.faces.torus + facts.faces.other > 0


def _recognised(feature: Feature) -> Recognised:
    figures = figures_of(feature)
    return Recognised(feature.id, feature.kind, WhenAsked(figures, exact), WhenAsked(figures, word))


def _orientation(facts: PartFacts) -> Orientation | None:
    """The best way to stand: as drawn, or the direction that was found to be better."""
    if not facts.overhangs:
        return None
    best = facts.overhangs[-1]
    figures = (best.height_mm, best.wall_mm2, best.roof_mm2, best.support_volume_mm3)
    height, wall, roof, support = (exact(figure) for figure in figures)
    if height is None or wall is None or roof is None or support is None:
        return None
    return Orientation(height, wall, roof, support)
