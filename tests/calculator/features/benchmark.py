"""How well drawn features are found: ``python -m tests.calculator.features.benchmark [parts]``.

Twice: on the boundary representation, and on the triangles that an export of it would hold.
"""

import sys
import time
from collections.abc import Callable
from typing import Any

from app.calculator.features import recognise
from app.calculator.features.mesh_features import recognise_mesh
from app.calculator.geometry.mesh_surface import divided
from app.calculator.geometry.part import MeshPart
from app.calculator.geometry.tessellation import tessellate
from app.contract.geometry import Feature
from tests.calculator.features.generator import parts
from tests.calculator.features.score import Score

WHOLE = 480
FAULTS_SHOWN = 40

Recogniser = Callable[[], tuple[Feature, ...]]


def of_solid(shape: Any) -> Recogniser:
    """Recognition on the faces of the solid."""
    return lambda: recognise(shape.wrapped)


def of_mesh(shape: Any) -> Recogniser:
    """Recognition on the triangles of the solid, which know nothing of its faces."""
    mesh = mesh_of(shape)

    def recognised() -> tuple[Feature, ...]:
        regions = divided(mesh)
        assert regions is not None
        return recognise_mesh(regions, mesh.origin_mm)

    return recognised


def mesh_of(shape: Any) -> MeshPart:
    """What an STL export of the shape would hold."""
    surface = tessellate(shape.wrapped)
    return MeshPart("stl", surface.triangles, surface.origin_mm)


def score(count: int, prepare: Callable[[Any], Recogniser] = of_solid) -> tuple[Score, float]:
    """The score of that many parts and the seconds recognition alone took."""
    found, seconds = Score(), 0.0
    for part in parts(count):
        recognised = prepare(part.shape)
        started = time.perf_counter()
        features = recognised()
        seconds += time.perf_counter() - started
        found.add(part, features)
    return found, seconds


def main() -> int:
    """Print the tables of both and what went wrong."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else WHOLE
    for name, prepare in (("Solids", of_solid), ("Meshes", of_mesh)):
        found, seconds = score(count, prepare)
        faults = "\n".join(f"- {fault[:300]}" for fault in found.faults[:FAULTS_SHOWN])
        sys.stdout.write(f"{name}: {count} parts, {1000 * seconds / count:.1f} ms each\n\n")
        sys.stdout.write(f"{found.summary()}\n\n{found.markdown()}\n\n{faults}\n\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
