"""Is the mesh the closed, consistently wound surface of something? Exact counts where it is not."""

from dataclasses import dataclass

import numpy as np

from app.calculator.analysis.mesh_sums import MeshSums
from app.calculator.geometry.mesh_clean import CleanMesh, clean
from app.calculator.geometry.mesh_hash import Hashes
from app.calculator.geometry.mesh_identity import Ids, all_distinct, shells, vertex_hashes
from app.calculator.geometry.part import Triangles

COUNTED_TRIANGLES = 300_000
"""Above this a sound mesh is not searched for separate shells: the search costs more than all the rest."""


@dataclass(frozen=True)
class Topology:
    """Edges that break the rule "two triangles, opposite directions", and what had to be set right to see it.

    ``clean`` is the mesh those counts were taken of (``None``: the cheap proof held, all triangles count);
    ``shell_of`` is the shell of each triangle that counts (``None``: not searched).
    """

    edges: int
    open_edges: int = 0
    crowded_edges: int = 0
    clashing_edges: int = 0
    duplicates: int = 0
    degenerate: int = 0
    shells: int = 1
    shell_of: Ids | None = None
    clean: CleanMesh | None = None

    @property
    def closed(self) -> bool:
        """Every edge belongs to exactly two triangles that run along it in opposite directions."""
        return not (self.open_edges or self.crowded_edges or self.clashing_edges)

    @property
    def welded(self) -> bool:
        """Vertices a hair apart were taken as one."""
        return self.clean is not None and self.clean.welded

    @property
    def dropped(self) -> bool:
        """Some triangles do not count."""
        return self.clean is not None and not bool(self.clean.kept.all())


def inspect(triangles: Triangles, sums: MeshSums) -> Topology:
    """The cheap proof first; the full inspection only where it fails."""
    if sums.boundary == 0 and not sums.collapsed_edges and all_distinct(sums.forward):
        edges = len(sums.forward)
        if len(triangles) > COUNTED_TRIANGLES:
            return Topology(edges, degenerate=sums.flat_facets)
        count, shell_of = _shells(vertex_hashes(triangles))
        return Topology(edges, degenerate=sums.flat_facets, shells=count, shell_of=shell_of)
    found = clean(triangles, sums.box.diagonal_mm)
    count, shell_of = _shells(found.corners.astype(np.uint64))
    return Topology(
        edges=len(found.edges.starts),
        open_edges=found.open_edges,
        crowded_edges=found.edges.crowded,
        clashing_edges=found.clashing_edges,
        duplicates=found.duplicates,
        degenerate=found.degenerate,
        shells=count,
        shell_of=shell_of,
        clean=found,
    )


def _shells(corners: Hashes) -> tuple[int, Ids | None]:
    if not corners.shape[1]:
        return 0, None
    shell_of = shells(corners)
    return int(shell_of.max()) + 1, shell_of
