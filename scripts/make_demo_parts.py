"""Makes the five demo parts in ``app/files/demo``: ``python -m scripts.make_demo_parts``.

Needs the CAD kernel. The same kernel writes the same bytes: times and counters are taken out of the files.
"""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cadquery as cq
from OCP.Interface import Interface_Static
from OCP.STEPControl import STEPControl_StepModelType, STEPControl_Writer

FOLDER = Path(__file__).resolve().parent.parent / "app" / "files" / "demo"

Solid = Any
"""A cadquery solid; the library has no types."""


def bracket() -> Solid:
    """A milled angle bracket, 80 x 60 x 50 mm: two legs, a rib on each side, six holes, two of them sunk."""
    leg_mm, wide_mm = 8, 60
    base = cq.Workplane().box(80, wide_mm, leg_mm, centered=(False, True, False))
    wall = cq.Workplane().box(leg_mm, wide_mm, 50, centered=(False, True, False))
    profile = cq.Workplane("XZ").polyline([(leg_mm, leg_mm), (38, leg_mm), (leg_mm, 38)]).close().extrude(6)
    ribs = profile.translate((0, wide_mm / 2, 0)).union(profile.translate((0, -wide_mm / 2 + 6, 0)))
    part = base.union(wall).union(ribs).edges("|Z").edges(">X").fillet(8)
    part = part.faces("<Z").workplane(origin=(58, 0, 0)).rarray(24, 36, 2, 2).hole(6.6)
    part = part.faces("<X").workplane(origin=(0, 0, 34)).rarray(24, 1, 2, 1).cboreHole(6.6, 11, 4)
    return part.val()


def pump_cover() -> Solid:
    """A milled cover, 110 x 80 x 18 mm: a pocket with round corners, a bore with a seat, six fixing holes."""
    part = cq.Workplane().box(110, 80, 18).edges("|Z").fillet(12).faces(">Z").edges().chamfer(0.6)
    part = part.cut(cq.Workplane().box(72, 42, 10).edges("|Z").fillet(6).translate((0, 0, 4)))
    part = part.faces("<Z").workplane().circle(16).cutBlind(-4)
    part = part.faces("<Z").workplane().hole(22)
    part = part.faces(">Z").workplane().rarray(90, 60, 2, 2).cboreHole(6.6, 11, 6)
    return part.faces(">Z").workplane().rarray(1, 60, 1, 2).hole(5).val()


def stepped_shaft() -> Solid:
    """A turned shaft, diameter 40 by 160 mm: four diameters, a circlip groove, chamfers and centre bores."""
    outline = [
        *((0, 0), (11, 0), (12, 1), (12, 28), (11.2, 28), (11.2, 29.6), (12, 29.6), (12, 40)),
        *((15, 40), (15, 80), (20, 80), (20, 104), (15, 104), (15, 132), (10, 132)),
        *((10, 159), (9, 160), (0, 160)),
    ]
    part = cq.Workplane("XZ").polyline(outline).close().revolve(360, (0, 0), (0, 1))
    part = part.faces("<Z").workplane().hole(5, 14)
    part = part.faces(">Z").workplane().hole(5, 14)
    return part.val()


def front_panel() -> Solid:
    """A panel cut from 2 mm sheet, 180 x 110 mm: round corners, openings, slots and rows of holes."""
    part = cq.Workplane().rect(180, 110).extrude(2).edges("|Z").fillet(6)
    part = part.faces(">Z").workplane().center(-40, 12).rect(64, 44).cutThruAll()
    part = part.faces(">Z").workplane(origin=(45, 12, 0)).rarray(20, 20, 3, 3).hole(8)
    part = part.faces(">Z").workplane(origin=(0, -34, 0)).rarray(22, 1, 7, 1).slot2D(16, 4, 90).cutThruAll()
    part = part.faces(">Z").workplane(origin=(0, 0, 0)).rarray(166, 96, 2, 2).hole(4.5)
    return part.val()


def knob() -> Solid:
    """A knob for printing, diameter 42 by 24 mm: a dome, twelve grips, a bore with a flat."""
    part = cq.Workplane().circle(21).extrude(24).faces(">Z").edges().fillet(5)
    grips = cq.Workplane().polarArray(23.5, 0, 360, 12).circle(4).extrude(24)
    part = part.cut(grips)
    bore = (
        cq.Workplane()
        .circle(3.05)
        .extrude(16)
        .cut(cq.Workplane().box(4, 8, 16, centered=(False, True, False)).translate((1.6, 0, 0)))
    )
    return part.cut(bore).val()


STEP_PARTS: dict[str, Callable[[], Solid]] = {
    "bracket.step": bracket,
    "pump-cover.step": pump_cover,
    "stepped-shaft.step": stepped_shaft,
    "front-panel.step": front_panel,
}
PRINTED_PART = "knob.stl"


def write_step(solid: Solid, path: Path) -> None:
    """AP214 in millimetres, without the time of writing."""
    writer = STEPControl_Writer()  # first: it registers the settings
    Interface_Static.SetCVal_s("write.step.product.name", path.stem)
    Interface_Static.SetIVal_s("write.surfacecurve.mode", 0)  # curves on surfaces double the file
    writer.Transfer(solid.wrapped, STEPControl_StepModelType.STEPControl_AsIs)
    writer.Write(str(path))
    text = path.read_text(encoding="ascii")
    text = re.sub(r"FILE_NAME\('[^']*','[^']*'", f"FILE_NAME('{path.stem}','2026-01-01T00:00:00'", text)
    path.write_text(re.sub(r"(translator [\d.]+) \d+", r"\1", text), encoding="ascii")


def main() -> None:
    """Write all five and say what became of them."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, make in STEP_PARTS.items():
        write_step(make(), FOLDER / name)
    knob().exportStl(str(FOLDER / PRINTED_PART), tolerance=0.03, angularTolerance=0.25)
    for path in sorted(FOLDER.iterdir()):
        print(f"{path.name}: {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
