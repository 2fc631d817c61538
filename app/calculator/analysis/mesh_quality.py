"""What is wrong with a mesh in figures, what could be set right, and what the mesh would then enclose."""

import numpy as np

from app.calculator.analysis.mesh_findings import repair_finding
from app.calculator.analysis.mesh_shells import ShellCheck, check_shells
from app.calculator.analysis.mesh_sums import MeshSums
from app.calculator.analysis.mesh_topology import Topology
from app.calculator.geometry.mesh_clean import clean
from app.calculator.geometry.mesh_nesting import six_volumes
from app.calculator.geometry.mesh_repair import (
    MOST_TRIANGLES,
    NO_DEGENERATES,
    NO_DUPLICATES,
    TURNED_SHELLS,
    WELDED,
    RepairedMesh,
    repair,
)
from app.calculator.geometry.part import Triangles
from app.calculator.geometry.tolerance import FLAT_RELATIVE
from app.contract.geometry import Finding, MeshQuality


def judge_mesh(
    triangles: Triangles, sums: MeshSums, topology: Topology, shells: ShellCheck
) -> tuple[MeshQuality, tuple[Finding, ...]]:
    """The counts as in the file, the repairs by name, and what is to be told about the repairs.

    ``triangles`` are those that count. The volume of a mesh that had to be changed is never more than the
    value of a finding: nobody has agreed to the change.
    """
    repaired = None
    if not (topology.closed and shells.sure) and len(triangles) <= MOST_TRIANGLES:
        repaired = repair(topology.clean or clean(triangles, sums.box.diagonal_mm))
    quality = MeshQuality(
        open_edges=topology.open_edges,
        nonmanifold_edges=topology.crowded_edges,
        flipped_triangles=repaired.turned if repaired else 0,
        degenerate_triangles=topology.degenerate,
        duplicate_triangles=topology.duplicates,
        shells=topology.shells,
        contradicting_shells=shells.contradicting,
        repairs=repaired.repairs if repaired else _harmless(topology, inside_out=sums.volume_mm3 < 0),
    )
    if repaired is None or repaired.is_same:
        return quality, ()
    return quality, (repair_finding(repaired, _volume_mm3(repaired, sums)),)


def _harmless(topology: Topology, *, inside_out: bool) -> tuple[str, ...]:
    """Repairs that leave no doubt about the volume."""
    steps = (
        (WELDED, topology.welded),
        (NO_DUPLICATES, topology.duplicates),
        (NO_DEGENERATES, topology.dropped and topology.degenerate),
        (TURNED_SHELLS, topology.closed and inside_out),
    )
    return tuple(name for name, done in steps if done)


def _volume_mm3(repaired: RepairedMesh, sums: MeshSums) -> float | None:
    """What the repaired mesh encloses, if it is closed and its shells agree."""
    if not repaired.closed:
        return None
    if repaired.shells > 1:
        places = repaired.vertices[repaired.corners.T].astype(np.float32)
        if not check_shells(places, repaired.shell_of, repaired.shells, 1.0).sure:
            return None
    volume_mm3 = float(six_volumes(repaired.vertices, repaired.corners).sum()) / 6
    return volume_mm3 if volume_mm3 > FLAT_RELATIVE * sums.area_mm2 * sums.box.diagonal_mm else None
