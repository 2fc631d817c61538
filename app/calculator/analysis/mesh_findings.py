"""What is wrong with a mesh, in words, and what to do about it."""

from app.calculator.analysis.mesh_shells import ShellCheck
from app.calculator.analysis.mesh_sums import MeshSums
from app.calculator.analysis.mesh_topology import COUNTED_TRIANGLES, Topology
from app.calculator.geometry.mesh_repair import FILLED, TURNED, TURNED_SHELLS, RepairedMesh
from app.contract.geometry import Finding, Severity

MANY_BODIES = 100

_REPAIR = "Repair the mesh in the CAD program (close holes, unify normals) or send the STEP file instead."


def _edges(code: str, severity: Severity, message: str, value: float, unit: str = "edges") -> Finding:
    return Finding(code=code, severity=severity, message=message, fix=_REPAIR, value=value, unit=unit)


def closure_findings(topology: Topology, sums: MeshSums, shells: ShellCheck) -> tuple[Finding, ...]:
    """Why there is no volume, or why its sign was turned."""
    found: list[Finding] = []
    if topology.open_edges:
        text = f"The surface is open: {topology.open_edges} edges have one triangle only. No volume is given."
        found.append(_edges("mesh-open", "warning", text, topology.open_edges))
    if topology.clashing_edges:
        text = (
            f"Along {topology.clashing_edges} edges neighbouring triangles face opposite sides, "
            "so inside and outside are not sure. No volume is given."
        )
        found.append(_edges("mesh-inconsistent", "warning", text, topology.clashing_edges))
    if topology.crowded_edges:
        text = (
            f"{topology.crowded_edges} edges belong to more than two triangles: "
            "bodies touch along an edge or walls have no thickness. No volume is given."
        )
        found.append(_edges("mesh-non-manifold", "warning", text, topology.crowded_edges))
    if topology.closed and shells.sure and sums.volume_mm3 < 0:
        text = "The whole mesh is inside out; the volume was taken as positive."
        found.append(
            Finding(
                code="mesh-inside-out",
                severity="warning",
                message=text,
                fix="Flip all normals and export again.",
            )
        )
    return tuple(found)


def file_findings(topology: Topology) -> tuple[Finding, ...]:
    """What was set right before measuring."""
    found: list[Finding] = []
    if topology.duplicates:
        text = f"{topology.duplicates} triangles occur twice and were counted once."
        found.append(_edges("duplicate-facets", "warning", text, topology.duplicates, "triangles"))
    if topology.degenerate:
        text = f"{topology.degenerate} triangles have no area; they change no figure."
        found.append(_edges("degenerate-facets", "info", text, topology.degenerate, "triangles"))
    if topology.welded:
        text = "Corners that should coincide lie a hair apart; they were taken as one for the closure."
        found.append(
            Finding(code="mesh-welded", severity="info", message=text, fix="Nothing needs to be done.")
        )
    return tuple(found)


def shell_findings(topology: Topology, shells: ShellCheck) -> tuple[Finding, ...]:
    """Remarks about separate bodies."""
    if not shells.sure:
        reason = "overlap or one is inside out" if shells.compared else "are too many to compare"
        text = f"The {topology.shells} bodies of the mesh {reason}. No volume is given."
        return (_edges("shells-contradict", "warning", text, topology.shells, "bodies"),)
    if topology.shell_of is None:
        text = "The mesh is too large to be searched for separate bodies; it is taken as one."
        fix = "Nothing needs to be done if the file holds one part."
        limit = float(COUNTED_TRIANGLES)
        return (
            Finding(
                code="bodies-not-counted",
                severity="info",
                message=text,
                fix=fix,
                limit=limit,
                unit="triangles",
            ),
        )
    if topology.shells >= MANY_BODIES:
        text = f"The file holds {topology.shells} separate bodies; it may be a plate of parts, not one part."
        return (
            Finding(
                code="many-bodies",
                severity="warning",
                message=text,
                fix="Send each part as a file of its own and choose the quantity in the order.",
                value=topology.shells,
                limit=MANY_BODIES,
                unit="bodies",
            ),
        )
    return ()


def repair_finding(repaired: RepairedMesh, volume_mm3: float | None) -> Finding:
    """What was changed to see more of the part; ``value`` is what it would enclose, if that is sure then."""
    words = {
        TURNED: f"{repaired.turned} triangles were turned",
        FILLED: f"{repaired.filled} small holes were closed",
        TURNED_SHELLS: "bodies that were inside out were turned",
    }
    done = ", ".join(words[name] for name in repaired.repairs if name in words)
    outcome = "It is still not sure what the mesh encloses."
    if volume_mm3 is not None:
        outcome = f"The mesh would then enclose {volume_mm3:.6g} mm3, which is not used for a price."
    return Finding(
        code="mesh-repaired",
        severity="warning",
        message=f"A repair was tried: {done}. {outcome}",
        fix="Check that the repaired shape is what you meant, repair the file alike and send it again.",
        value=volume_mm3,
        unit=None if volume_mm3 is None else "mm3",
    )
