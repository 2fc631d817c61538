"""Parts cut from sheet: the flat pattern, from recognised sheet metal, from a drawing or from dimensions."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from app.calculator.processes.base import PI, ZERO, Extents, Measured, Part, Recognised
from app.calculator.processes.refusal import impossible
from app.contract.geometry import Finding

SHEET, BEND, HOLE = "sheet", "bend", "hole"
SIDES = Decimal(2)
VOLUME_SLACK = Decimal("0.1")
"""The flat pattern times the thickness may miss the volume by this share: bends thin out, edges slant."""
THICKNESS_SLACK_MM = Decimal("0.01")

FIGURES = frozenset({"thinnest_mm", "thickest_mm", "bent_outline_fill"})


class SheetParams(BaseModel):
    """Parameters of everything that is cut from sheet."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    thickness_mm: Annotated[
        Decimal | None,
        Field(
            ge=Decimal("0.1"),
            le=100,
            decimal_places=3,
            description="Thickness of the sheet; needed for a drawing, which shows none.",
        ),
    ] = None


@dataclass(frozen=True, slots=True)
class Flat:
    """What is cut out of a sheet; ``contours`` and ``cut_length_mm`` include the round holes."""

    thickness_mm: Decimal
    area_mm2: Decimal
    cut_length_mm: Decimal
    contours: int
    length_mm: Decimal
    width_mm: Decimal
    holes: tuple[Recognised, ...] = ()
    bends: tuple[Recognised, ...] = ()


def thickness_of(params: BaseModel) -> Decimal | None:
    """The thickness that was asked for, if the process knows one."""
    return params.thickness_mm if isinstance(params, SheetParams) else None


def flat_of(part: Part, figures: Mapping[str, Decimal]) -> Flat | Finding:
    """The flat pattern of a part, or why it has none."""
    if part.measured is None:
        flat: Flat | Finding = _of_dimensions(part)
    elif part.measured.outline is not None:
        flat = _of_drawing(part, part.measured)
    else:
        flat = _of_solid(part.extents_mm, part.measured, figures["bent_outline_fill"])
    return _out_of_range(flat, figures) or flat if isinstance(flat, Flat) else flat


def sure_flat(part: Part, figures: Mapping[str, Decimal], params: BaseModel) -> Flat:
    """The flat pattern; raises ``PartOutsideLimits`` where there is none of the asked thickness."""
    flat = flat_of(part, figures)
    if isinstance(flat, Finding):
        raise impossible(flat)
    asked = thickness_of(params)
    if asked is not None and abs(asked - flat.thickness_mm) > THICKNESS_SLACK_MM:
        told = flat.thickness_mm.normalize()
        raise impossible(
            Finding(
                code="thickness-contradicts",
                severity="error",
                message=f"The part is {told:f} mm thick; params.thickness_mm says {asked.normalize():f} mm.",
                fix="Leave params.thickness_mm out; only a drawing needs it.",
                value=float(told),
                limit=float(asked),
                unit="mm",
            )
        )
    return flat


def _of_dimensions(part: Part) -> Flat:
    """A plain rectangle or disc; the smallest extent of a box is its thickness."""
    if part.cylinder is not None:
        across = part.cylinder.diameter_mm
        area, around = PI / 4 * across**2, PI * across
        return Flat(part.cylinder.length_mm, area, around, 1, across, across)
    length, width, thickness = part.extents_mm
    return Flat(thickness, length * width, SIDES * (length + width), 1, length, width)


def _of_drawing(part: Part, measured: Measured) -> Flat:
    outline = measured.outline
    assert outline is not None
    length, width = _without(part.extents_mm, outline.thickness_mm)
    return Flat(
        outline.thickness_mm,
        outline.area_mm2,
        outline.cut_length_mm,
        outline.contours,
        length,
        width,
        holes=measured.of_kind(HOLE),
    )


def _without(extents: Extents, thickness: Decimal) -> tuple[Decimal, Decimal]:
    """The two extents in the plane of the drawing, longest first."""
    plane = list(extents)
    plane.remove(thickness)
    return plane[0], plane[1]


def _of_solid(extents: Extents, measured: Measured, bent_fill: Decimal) -> Flat | Finding:
    sheets = measured.of_kind(SHEET)
    if len(sheets) != 1:
        return _no_sheet(len(sheets))
    numbers = sheets[0].numbers
    names = ("thickness_mm", "flat_area_mm2", "cut_length_mm")
    thickness, area, cut = (numbers.get(name, ZERO) for name in names)
    off = abs(area * thickness - measured.volume_mm3)
    if min(thickness, area, cut) <= 0 or off > VOLUME_SLACK * measured.volume_mm3:
        return _no_sheet(0)
    bends = measured.of_kind(BEND)
    length = extents[0]
    width = area / length / bent_fill if bends else extents[1]
    inner = int(max(ZERO, numbers.get("inner_contours", ZERO)))
    return Flat(thickness, area, cut, 1 + inner, length, width, measured.of_kind(HOLE), bends)


def _no_sheet(found: int) -> Finding:
    if found:
        message = f"The file holds {found} parts of sheet, which are cut and priced one by one."
        fix = "Send every part as a file of its own."
    else:
        message = "The part is not made of sheet: no single thickness was found."
        fix = "Choose another process, or send the sheet part as a STEP solid or a DXF drawing."
    return Finding(code="not-sheet", severity="error", message=message, fix=fix, value=found, limit=1)


def _out_of_range(flat: Flat, figures: Mapping[str, Decimal]) -> Finding | None:
    thinnest, thickest = figures["thinnest_mm"], figures["thickest_mm"]
    if thinnest <= flat.thickness_mm <= thickest:
        return None
    is_thick = flat.thickness_mm > thickest
    limit = thickest if is_thick else thinnest
    return Finding(
        code="sheet-too-thick" if is_thick else "sheet-too-thin",
        severity="error",
        message=f"The sheet is {flat.thickness_mm.normalize():f} mm thick; "
        f"{thinnest.normalize():f} to {thickest.normalize():f} mm can be cut.",
        fix="Choose another process." if is_thick else "Check the unit of the file.",
        value=float(flat.thickness_mm),
        limit=float(limit),
        unit="mm",
    )
