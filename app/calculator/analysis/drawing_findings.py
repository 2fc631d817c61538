"""What is wrong with a drawing, in words, and where."""

from collections.abc import Iterator

from app.calculator.analysis.drawing_contours import Linked, OpenLine
from app.calculator.geometry.curves import Floats
from app.contract.geometry import Finding, Vector

MOST_GAPS = 20
"""More open contours are counted and not shown one by one."""


def line_findings(linked: Linked) -> Iterator[Finding]:
    """Open, forked and repeated lines."""
    if linked.open_lines:
        yield _open(linked)
        yield from (_gap(line) for line in linked.open_lines[:MOST_GAPS])
    if linked.forks:
        yield Finding(
            code="contours-fork",
            severity="warning",
            message=f"Three or more lines meet at {len(linked.forks)} points; contours end there.",
            fix="Draw every contour on its own, without lines shared by two of them.",
            value=len(linked.forks),
            unit="points",
            place=_place(linked.forks[0]),
        )
    if linked.repeated:
        yield Finding(
            code="duplicate-lines",
            severity="warning",
            message=f"{len(linked.repeated)} lines are drawn more than once and were counted once.",
            fix="Delete the copies (OVERKILL in AutoCAD).",
            value=len(linked.repeated),
            unit="lines",
            place=_place(linked.repeated[0]),
        )


def rise_finding(rise_mm: float) -> Finding:
    """Lines that leave the plane were laid flat."""
    return Finding(
        code="drawing-not-flat",
        severity="warning",
        message=f"Lines rise {rise_mm:.4g} mm out of the plane of the drawing; they were seen from above.",
        fix="Draw the flat part in the plane z = 0.",
        value=rise_mm,
        unit="mm",
    )


def crossing_findings(places: list[Floats] | None) -> Iterator[Finding]:
    """Contours that cut through each other, or through themselves."""
    if places is None:
        yield Finding(
            code="crossings-not-checked",
            severity="info",
            message="The lines are too dense to be searched for contours that cross.",
            fix="Nothing needs to be done if the CAD program made the contours.",
        )
    elif places:
        yield _crossing(places)


def _crossing(places: list[Floats]) -> Finding:
    return Finding(
        code="contours-cross",
        severity="warning",
        message="Contours cross each other or themselves, so inside and area are not sure.",
        fix="Trim the lines where they cross.",
        value=len(places),
        unit="places",
        place=_place(places[0]),
    )


def _open(linked: Linked) -> Finding:
    count = len(linked.open_lines)
    length_mm = sum(line.length_mm for line in linked.open_lines)
    return Finding(
        code="contours-open",
        severity="warning",
        message=(
            f"{count} contours are not closed; their {length_mm:.5g} mm enclose nothing "
            "and belong neither to the area nor to the cut length."
        ),
        fix="Close them in the drawing (join the ends), or delete what is not cut.",
        value=count,
        unit="contours",
        place=_place(linked.open_lines[0].start),
    )


def _gap(line: OpenLine) -> Finding:
    return Finding(
        code="contour-gap",
        severity="info",
        message=f"The ends of this contour lie {line.gap_mm:.4g} mm apart.",
        fix="Join them.",
        value=line.gap_mm,
        unit="mm",
        place=_place(line.start),
    )


def _place(point: Floats) -> Vector:
    return Vector(x=float(point[0]), y=float(point[1]), z=0.0)
