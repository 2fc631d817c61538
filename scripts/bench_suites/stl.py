"""Binary STL: how long the analysis takes, and how much memory, against trimesh and a read-once floor."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import trimesh

from app.calculator.analysis.mesh import measure_mesh
from app.calculator.pipeline.analyse import measure
from app.calculator.readers.base import ReadLimits
from app.calculator.readers.stl import read_stl
from scripts.bench_suites import processes
from scripts.bench_suites.floor_stl import sums
from scripts.bench_suites.load import request_bytes
from scripts.bench_suites.measure import (
    Figures,
    Goal,
    Options,
    Report,
    Row,
    Verdict,
    interleaved,
    timed,
    times,
)
from scripts.bench_suites.parts import tube_stl
from scripts.bench_suites.servers import Server, site
from scripts.local.venv import ROOT

OURS, WHOLE, HTTP = "figures in process", "whole analysis in process", "the same through the service"
FLOOR, PEER = "read-once floor", "trimesh"
GOAL_TRIANGLES = 1_000_000
ROUNDS = {10_000: 30, 100_000: 12, GOAL_TRIANGLES: 5}
QUICK = {1_000: 2, 10_000: 2}
METHOD = """
A hollow ring of so many triangles (two closed shells, facets shuffled) as binary STL. *Figures in process* is
the reader and what the peers do, and more: volume, area, boxes, centroid, exact closure, shells, repairs,
findings. *Whole analysis in process* goes on with features, wall thickness, tool access, overhangs and
hollow space, which no peer here looks for. *The same through the service* sends the bytes to a running
calculator over HTTP, whose child does all of it (nothing is kept between runs; CPU is that of the service
with its children). *trimesh* loads the file and gives volume, area and whether it is watertight. The
*read-once floor* is `np.fromfile`, one pass in blocks for volume, area and box, and a sum over directed edges
that tells only whether the surface is closed. Memory is the growth of the peak resident size in a fresh
process, as a multiple of the file.
"""


def figures(path: Path) -> object:
    """What we read and measure before any stage."""
    return list(measure_mesh(read_stl(path, ReadLimits())))


def analysed(path: Path) -> object:
    """Our whole analysis."""
    return list(measure(path, ReadLimits()))


def trimesh_figures(path: Path) -> object:
    """What a caller of trimesh would ask."""
    mesh: Any = trimesh.load(path, file_type="stl", force="mesh")
    return mesh.volume, mesh.area, mesh.is_watertight


WORK: dict[str, Callable[[Path], object]] = {
    OURS: figures,
    WHOLE: analysed,
    FLOOR: sums,
    PEER: trimesh_figures,
}


def run(options: Options) -> Report:
    """Every size in turn."""
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with site(folder, calculator__cached_analyses="0").calculator() as calculator:
            for triangles, rounds in (QUICK if options.quick else ROUNDS).items():
                path = tube_stl(folder / f"{triangles}.stl", triangles)
                rows += rows_of(path, triangles, options.rounds or rounds, calculator, options)
    return Report("stl", "Binary STL analysis", METHOD, rows, options.clock)


def rows_of(path: Path, triangles: int, rounds: int, calculator: Server, options: Options) -> list[Row]:
    """All candidates on one file."""
    headers = {"X-Calculator-Secret": secret_of(calculator)}
    upload = request_bytes("POST", "/v1/analysis?name=tube.stl", body=path.read_bytes(), headers=headers)
    candidates = {name: timed(lambda work=work: work(path)) for name, work in WORK.items()}  # type: ignore[misc]
    candidates[HTTP] = calculator.answering(upload, requests=1)
    found = interleaved(candidates, rounds)
    peaks = {name: peak_growth(name, path) / path.stat().st_size for name in WORK}
    verdicts = judged(found, peaks[OURS], options) if triangles == GOAL_TRIANGLES else []
    return [
        Row(
            f"{triangles:,} triangles",
            name,
            figures,
            relative=f"{times(figures, found[FLOOR], options.clock):.2f}× floor, "
            f"1/{times(found[PEER], figures, options.clock):.1f} of trimesh",
            memory=f"{peaks[name]:.1f}× file" if name in peaks else "",
            verdicts=tuple(verdicts) if name == OURS else (),
        )
        for name, figures in found.items()
    ]


def judged(found: dict[str, Figures], peak: float, options: Options) -> list[Verdict]:
    """The goals of a million triangles."""
    ours, clock = found[OURS], options.clock
    return [
        Goal("≥ {}× faster than trimesh", 20, at_least=True).judge(times(found[PEER], ours, clock)),
        Goal("≤ {}× the floor", 5).judge(times(ours, found[FLOOR], clock)),
        Goal("peak ≤ {}× the file", 3).judge(peak),
    ]


def secret_of(calculator: Server) -> str:
    """The secret the server was started with."""
    return str(calculator.service.health.get_header("X-calculator-secret"))


def peak_growth(candidate: str, path: Path) -> float:
    """Bytes a fresh process grows by at most while it does the work, after a first tiny part."""
    command = [sys.executable, "-m", "scripts.bench_suites.stl", candidate, str(path)]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    return float(json.loads(done.stdout))


def main() -> None:
    """In the fresh process: warm up on a tiny part, then measure the one that was named."""
    candidate, path = sys.argv[1], Path(sys.argv[2])
    with tempfile.TemporaryDirectory() as name:
        WORK[candidate](tube_stl(Path(name) / "tiny.stl", 100))
    before = processes.reset_peak(processes.own_pid())
    WORK[candidate](path)
    print(json.dumps(processes.peak_bytes(processes.own_pid()) - before))


if __name__ == "__main__":
    main()
