"""A mesh becomes facts."""

from collections.abc import Iterator

from app.calculator.analysis.mesh_box import oriented_extents
from app.calculator.analysis.mesh_findings import closure_findings, file_findings, shell_findings
from app.calculator.analysis.mesh_quality import judge_mesh
from app.calculator.analysis.mesh_shells import ShellCheck, check_shells
from app.calculator.analysis.mesh_sums import MeshSums, sum_mesh
from app.calculator.analysis.mesh_topology import Topology, inspect
from app.calculator.analysis.missing import incomplete
from app.calculator.analysis.size import judge_size
from app.calculator.errors import CadInvalid
from app.calculator.geometry.box import Point
from app.calculator.geometry.part import MeshPart, Triangles
from app.calculator.geometry.tolerance import FLAT_RELATIVE
from app.contract.geometry import PartFacts, Vector

LOOSE_SHARE = 0.5
"""With more open edges than this share of all the triangles form no surface."""


def measure_mesh(part: MeshPart) -> Iterator[PartFacts]:
    """Facts that grow: the sums first, then everything. Raises ``CadInvalid`` where there is no part."""
    sums = sum_mesh(part.triangles)
    remarks = part.findings + judge_size(sums.box, unit_stated=part.unit_stated)
    upright = sorted(sums.box.extents_mm, reverse=True)
    first = _facts(part, sums, None, (upright[0], upright[1], upright[2]))
    yield first.model_copy(
        update={"findings": (*remarks, incomplete("volume", "closure", "bodies", "oriented box"))}
    )
    topology = inspect(part.triangles, sums)
    if topology.open_edges > LOOSE_SHARE * topology.edges or not topology.shells:
        raise CadInvalid("the triangles hang together nowhere: they form no surface")
    triangles = part.triangles
    if topology.clean is not None and topology.dropped:
        triangles = triangles[topology.clean.kept]
        sums = sum_mesh(triangles)
    shells = _check(triangles, sums, topology)
    facts = _facts(part, sums, topology, oriented_extents(triangles, sums))
    findings = (*remarks, *file_findings(topology), *closure_findings(topology, sums, shells))
    findings += shell_findings(topology, shells)
    volume_mm3 = _sure_volume(sums, topology, shells)
    quality, told = judge_mesh(triangles, sums, topology, shells)
    known = {"complete": True, "volume_mm3": volume_mm3, "findings": (*findings, *told), "mesh": quality}
    yield facts.model_copy(update=known)


def _check(triangles: Triangles, sums: MeshSums, topology: Topology) -> ShellCheck:
    if topology.shell_of is None or topology.shells == 1 or not topology.closed:
        return ShellCheck(sure=True, compared=True)
    sign = 1.0 if sums.volume_mm3 >= 0 else -1.0
    return check_shells(triangles, topology.shell_of, topology.shells, sign)


def _sure_volume(sums: MeshSums, topology: Topology, shells: ShellCheck) -> float | None:
    """The volume, positive whichever way the mesh is wound; ``None`` where it would be a guess."""
    if not topology.closed or not shells.sure:
        return None
    volume_mm3 = abs(sums.volume_mm3)
    if volume_mm3 <= FLAT_RELATIVE * sums.area_mm2 * sums.box.diagonal_mm:
        raise CadInvalid("the part encloses no volume")
    return volume_mm3


def _facts(part: MeshPart, sums: MeshSums, topology: Topology | None, oriented: Point) -> PartFacts:
    x_mm, y_mm, z_mm = sums.box.extents_mm
    return PartFacts(
        format=part.format,
        unit=part.unit,
        complete=False,
        bodies=topology.shells if topology else 1,
        volume_mm3=None,
        area_mm2=sums.area_mm2,
        bounding_box_mm=Vector(x=x_mm, y=y_mm, z=z_mm),
        oriented_box_mm=Vector(x=oriented[0], y=oriented[1], z=oriented[2]),
        centroid_mm=_centroid(part, sums, topology),
        watertight=topology.closed if topology else False,
        triangles=len(part.triangles),
        faces=None,
        seconds=0.0,
    )


def _centroid(part: MeshPart, sums: MeshSums, topology: Topology | None) -> Point:
    """The centre of mass; of the box where the volume is not sure."""
    local = (sums.low + sums.high) / 2
    if topology is not None and topology.closed and sums.volume_mm3:
        local = sums.moment / sums.volume_mm3 + sums.origin
    x_mm, y_mm, z_mm = (local + part.origin_mm).tolist()
    return x_mm, y_mm, z_mm
