"""What can be set right about a mesh without guessing, each repair by name.

Triangles that run against their neighbours are turned, the smaller side of every connected piece; a shell
that is inside out and lies in no other one is turned as a whole; small holes are closed (``mesh_holes``).
Nothing else is changed: what is still open or crowded afterwards stays so.
"""

from dataclasses import dataclass

import numpy as np

from app.calculator.geometry.mesh_clean import CleanMesh
from app.calculator.geometry.mesh_edges import Edges, Flags, edges_of
from app.calculator.geometry.mesh_hash import Floats
from app.calculator.geometry.mesh_holes import covers
from app.calculator.geometry.mesh_identity import Ids, compact, components
from app.calculator.geometry.mesh_nesting import Shells

WELDED, NO_DUPLICATES, NO_DEGENERATES = "welded-vertices", "dropped-duplicates", "dropped-degenerates"
TURNED, TURNED_SHELLS, FILLED = "turned-triangles", "turned-shells", "filled-holes"

MOST_TRIANGLES = 1_000_000
"""Larger meshes are measured as they are: setting them right needs many times their memory."""


@dataclass(frozen=True)
class RepairedMesh:
    """Triangles as vertex numbers, (corner, triangle); those that fill holes come last.

    ``source`` is the number of each triangle in the file, -1 for one that fills a hole; ``body_of`` counts a
    shell that is a cavity with the one around it. ``turned`` counts triangles against their neighbours,
    ``filled`` holes; ``repairs`` names everything that was set right.
    """

    vertices: Floats
    corners: Ids
    edges: Edges
    shell_of: Ids
    body_of: Ids
    source: Ids
    turned: int
    filled: int
    repairs: tuple[str, ...]

    @property
    def closed(self) -> bool:
        """Every edge belongs to exactly two triangles that run along it in opposite directions."""
        return not (len(self.edges.open_rows) or self.edges.crowded or self.edges.clashing.any())

    @property
    def is_same(self) -> bool:
        """Every triangle that counts is as it was in the file."""
        return not {TURNED, TURNED_SHELLS, FILLED} & set(self.repairs)

    @property
    def shells(self) -> int:
        """How many shells there are."""
        return int(self.shell_of.max()) + 1 if len(self.shell_of) else 0


def repair(mesh: CleanMesh) -> RepairedMesh:
    """The mesh with everything set right that can be."""
    corners, edges, source = mesh.corners, mesh.edges, np.flatnonzero(mesh.kept).astype(np.int32)
    turned = _minority(edges, corners.shape[1])
    if turned.any():
        corners = _turned(corners, turned)
        edges = edges_of(corners)
    shell_of = _shells(edges, corners.shape[1])
    caps = covers(mesh.vertices, corners, edges, shell_of)
    filled = len(caps)
    if filled:
        corners = np.concatenate((corners, *caps), axis=1)
        edges = edges_of(corners)
        source = np.append(source, np.full(corners.shape[1] - len(source), -1, dtype=np.int32))
        shell_of = _shells(edges, corners.shape[1])
    shells = Shells.of(mesh.vertices, corners, shell_of)
    inside_out = shells.inside_out()
    if inside_out.any():
        corners = _turned(corners, inside_out[shell_of])
        edges = edges_of(corners)
    steps = (
        (WELDED, mesh.welded),
        (NO_DUPLICATES, mesh.duplicates),
        (NO_DEGENERATES, mesh.degenerate),
        (TURNED, turned.any()),
        (FILLED, filled),
        (TURNED_SHELLS, inside_out.any()),
    )
    repairs = tuple(name for name, done in steps if done)
    count = int(np.count_nonzero(turned))
    body_of = shells.bodies(inside_out)[shell_of]
    return RepairedMesh(mesh.vertices, corners, edges, shell_of, body_of, source, count, filled, repairs)


def _turned(corners: Ids, which: Flags) -> Ids:
    """The triangles with those of ``which`` the other way round."""
    result: Ids = np.where(which, corners[[0, 2, 1]], corners)
    return result


def _minority(edges: Edges, count: int) -> Flags:
    """Triangles to turn so that neighbours agree: of every connected piece the smaller side.

    Every triangle stands twice in a graph, as it is and turned; what must be turned together hangs together.
    Where both are one piece the surface is one-sided (a Moebius strip) and nothing is turned.
    """
    turned = np.zeros(count, dtype=np.bool_)
    clashing = edges.clashing
    if not clashing.any():
        return turned
    rows = edges.pair_rows
    one, two = edges.triangles[rows], edges.triangles[rows + 1]
    shift = np.where(clashing, count, 0).astype(np.int32)
    tails = np.concatenate((one, one + np.int32(count)))
    heads = np.concatenate((two + shift, two + np.int32(count) - shift))
    _, labels = components(tails, heads, 2 * count)
    here, there = labels[:count], labels[count:]
    piece, pieces = compact(np.minimum(here, there).astype(np.int32))
    side = here > there
    in_piece = np.bincount(piece, minlength=pieces)
    on_side = np.bincount(piece, weights=side, minlength=pieces)
    turned[:] = np.where((2 * on_side > in_piece)[piece], ~side, side) & (here != there)
    return turned


def _shells(edges: Edges, count: int) -> Ids:
    """The shell of every triangle; sharing an edge is sharing a shell."""
    together = np.ones(len(edges.tails), dtype=np.bool_)
    together[edges.starts] = False
    second = np.flatnonzero(together)
    _, labels = components(edges.triangles[second - 1], edges.triangles[second], count)
    return labels.astype(np.int32)
