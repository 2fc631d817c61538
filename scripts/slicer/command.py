"""The command: draw, measure, price, slice, compare."""

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cadquery as cq
import numpy as np

from app.calculator.catalog.loader import load
from app.calculator.pipeline.analyse import measure
from app.calculator.pipeline.quote import quote
from app.calculator.readers.base import ReadLimits
from app.contract.geometry import PartFacts
from app.contract.pricing import PriceRequest
from scripts.local.venv import ROOT
from scripts.slicer.shapes import shapes

PAGE = ROOT / "docs" / "benchmarks" / "slicer.md"
PROFILE = ("--layer-height", "0.2", "--perimeters", "3", "--fill-density", "20%")
SECONDS = {"d": 86_400, "h": 3_600, "m": 60, "s": 1}
LONGEST_SLICING_SECONDS = 120
DEFLECTION_MM, ANGLE_RAD = 0.05, 0.3
WANTED = 0.10


class NoSlicer(Exception):
    """There is no slicer, or it does not say what it should."""


@dataclass(frozen=True)
class Compared:
    """One shape: seconds by the slicer and by the engine."""

    name: str
    sliced_seconds: float
    said_seconds: float

    @property
    def error(self) -> float:
        """How much more (or less) the engine says."""
        return self.said_seconds / self.sliced_seconds - 1


def main(arguments: Sequence[str] | None = None) -> int:
    """0 with a table, 1 with a sentence."""
    parser = argparse.ArgumentParser(prog="compare_slicer.py", description="Compare printing hours.")
    parser.add_argument("--slicer", help="the slicer's program; by default prusa-slicer on the PATH")
    parser.add_argument("--write", action="store_true", help=f"also write {PAGE.relative_to(ROOT)}")
    asked = parser.parse_args(arguments)
    slicer = shutil.which(asked.slicer or "prusa-slicer")
    if slicer is None:
        sys.stderr.write("There is no prusa-slicer. On Debian: apt install prusa-slicer\n")
        return 1
    try:
        page = told(compared(slicer))
    except NoSlicer as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(page)
    if asked.write:
        PAGE.write_text(page, encoding="utf-8")
    return 0


def compared(slicer: str) -> list[Compared]:
    """Every shape through both."""
    found: list[Compared] = []
    with tempfile.TemporaryDirectory() as folder:
        for name, shape in shapes():
            path = Path(folder) / "shape.stl"
            cq.exporters.export(shape, str(path), tolerance=DEFLECTION_MM, angularTolerance=ANGLE_RAD)
            facts = as_drawn(list(measure(path, ReadLimits()))[-1])
            found.append(Compared(name, sliced_seconds(slicer, path), said_seconds(facts)))
    return found


def as_drawn(facts: PartFacts) -> PartFacts:
    """The slicer does not turn a part, so it is priced as it was drawn."""
    return facts.model_copy(update={"overhangs": facts.overhangs[:1]})


def said_seconds(facts: PartFacts) -> float:
    """Machine time of one piece without support, by the engine."""
    free = [one.model_copy(update={"support_volume_mm3": 0.0}) for one in facts.overhangs]
    request = PriceRequest(
        facts=facts.model_copy(update={"overhangs": tuple(free)}), service_id="printing", material_id="PLA"
    )
    return quote(request, load()).hours.machining * SECONDS["h"]


def sliced_seconds(slicer: str, path: Path) -> float:
    """What the slicer writes into its program."""
    program = path.with_suffix(".gcode")
    done = subprocess.run(
        [slicer, "--export-gcode", *PROFILE, "-o", str(program), str(path)],
        capture_output=True,
        text=True,
        timeout=LONGEST_SLICING_SECONDS,
        check=False,
    )
    if not program.is_file():
        message = f"the slicer made nothing: {(done.stderr or done.stdout)[-300:]}"
        raise NoSlicer(message)
    line = re.search(r"estimated printing time \(normal mode\) = (.*)", program.read_text())
    program.unlink()
    if line is None:
        raise NoSlicer("the slicer does not tell the printing time")
    return float(
        sum(int(count) * SECONDS[unit] for count, unit in re.findall(r"(\d+)([dhms])", line.group(1)))
    )


def told(results: Sequence[Compared]) -> str:
    """The table, the worst shapes included, and the verdict."""
    errors = np.abs([one.error for one in results])
    mean, p90 = float(errors.mean()), float(np.percentile(errors, 90))
    verdict = "met" if mean <= WANTED else "NOT MET"
    lines = [
        "# Printing hours against a slicer",
        "",
        "`python3 scripts/compare_slicer.py --write`: PrusaSlicer with its default profile, 0.2 mm layers,",
        "three walls, a fifth filled, no support, against the engine's machine time from the measured mesh.",
        "",
        f"{len(results)} shapes: mean error {mean:.1%}, nine of ten below {p90:.1%}.",
        f"Goal: a mean of {WANTED:.0%} at most, {verdict}.",
        "",
        "| Shape | Slicer, s | Engine, s | Error |",
        "|---|---|---|---|",
        *(
            f"| {one.name} | {one.sliced_seconds:.0f} | {one.said_seconds:.0f} | {one.error:+.1%} |"
            for one in results
        ),
    ]
    return "\n".join(lines) + "\n"
