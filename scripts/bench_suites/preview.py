"""Pictures and models of binary STL files, against VTK's off-screen renderer and trimesh's export."""

import io
import tempfile
from pathlib import Path

import trimesh

from app.calculator.geometry.looks import Looks
from app.calculator.geometry.mesh_surface import surface_of_mesh
from app.calculator.preview.glb import write_glb
from app.calculator.preview.picture import draw
from app.calculator.preview.subject import Subject
from app.calculator.readers.base import ReadLimits
from app.calculator.readers.stl import read_stl
from app.contract.pictures import PreviewQuery
from scripts.bench_suites.measure import Goal, Options, Report, Row, compared, interleaved, timed, times
from scripts.bench_suites.parts import tube_stl
from scripts.bench_suites.peer_vtk import picture

PNG, VTK, GLB, TRIMESH = "ours, PNG", "VTK, PNG", "ours, GLB", "trimesh, GLB"
SIDE_PX = 512
GOAL_TRIANGLES = 100_000
ROUNDS = {1_000: 12, GOAL_TRIANGLES: 8, 1_000_000: 3}
QUICK = {1_000: 2, 10_000: 2}
PLENTY = 10**9
METHOD = """
A hollow ring of so many triangles as binary STL. *Ours, PNG* reads the file and draws one isometric view of
512 × 512 pixels, white ground, four samples a pixel, smooth shading, creases and outlines drawn; no graphics
library. *VTK* reads the same file and draws the same view off screen (EGL, by the processor where there is
no graphics card) with normals split at creases, feature edges and eight samples a pixel. *Ours, GLB* reads
the file and writes a model with shared vertices and face ids. *trimesh* loads the file, merges vertices and
exports GLB. All warm and in this process, which for VTK keeps no window from one picture to the next.
"""


def run(options: Options) -> Report:
    """Every size in turn."""
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as folder:
        for triangles, rounds in (QUICK if options.quick else ROUNDS).items():
            path = tube_stl(Path(folder) / f"{triangles}.stl", triangles)
            rows += rows_of(path, triangles, options.rounds_or(rounds), options)
    return Report("preview", "Pictures and models", METHOD, rows, options.clock)


def rows_of(path: Path, triangles: int, rounds: int, options: Options) -> list[Row]:
    """The four of them on one file."""
    candidates = {
        PNG: timed(lambda: draw(subject(path), PreviewQuery(size=SIDE_PX, background="white"))),
        VTK: timed(lambda: picture(path, SIDE_PX)),
        GLB: timed(lambda: write_glb(subject(path), io.BytesIO(), PLENTY)),
        TRIMESH: timed(lambda: trimesh.load(path, file_type="stl", force="mesh").export(file_type="glb")),
    }
    found = interleaved(candidates, rounds)
    verdicts = {}
    if triangles == GOAL_TRIANGLES:
        verdicts = {
            PNG: [
                Goal("≥ {}× as fast as VTK", 5, at_least=True).judge(
                    times(found[VTK], found[PNG], options.clock)
                )
            ],
            GLB: [
                Goal("≥ {}× as fast as trimesh", 3, at_least=True).judge(
                    times(found[TRIMESH], found[GLB], options.clock)
                )
            ],
        }
    case = f"{triangles:,} triangles"
    pictures, models = ({name: found[name] for name in pair} for pair in ((PNG, VTK), (GLB, TRIMESH)))
    return compared(case, pictures, VTK, options.clock, verdicts) + compared(
        case, models, TRIMESH, options.clock, verdicts
    )


def subject(path: Path) -> Subject:
    """What the service draws of a mesh."""
    return Subject(surface_of_mesh(read_stl(path, ReadLimits()), None), Looks(), has_faces=False)
