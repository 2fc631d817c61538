"""Shells of a mesh within one another: which are inside out, and which are cavities of others."""

from dataclasses import dataclass

import numpy as np

from app.calculator.geometry.mesh_edges import Flags
from app.calculator.geometry.mesh_hash import Floats
from app.calculator.geometry.mesh_identity import Ids, compact

MOST_COMPARED = 1_500
"""More shells than this are not compared with each other: it would take too long."""


@dataclass(frozen=True)
class Shells:
    """Six times the signed volume of every shell, and its box."""

    six_volumes: Floats
    low: Floats
    high: Floats

    @classmethod
    def of(cls, vertices: Floats, corners: Ids, shell_of: Ids) -> "Shells":
        """Measure them."""
        count = int(shell_of.max()) + 1
        low, high = np.full((count, 3), np.inf), np.full((count, 3), -np.inf)
        if count == 1:
            low[0], high[0] = vertices.min(axis=0), vertices.max(axis=0)
        else:
            for corner in corners:
                np.minimum.at(low, shell_of, vertices[corner])
                np.maximum.at(high, shell_of, vertices[corner])
        volumes: Floats = np.bincount(shell_of, weights=six_volumes(vertices, corners)).astype(np.float64)
        return cls(volumes, low, high)

    def around(self, shell: int) -> Flags:
        """The other shells whose boxes hold the box of this one."""
        found = (self.low <= self.low[shell]).all(axis=1) & (self.high >= self.high[shell]).all(axis=1)
        found[shell] = False
        return np.asarray(found)

    def inside_out(self) -> Flags:
        """Shells to turn: all when the whole is inside out, then those that lie in no other one."""
        turned = np.full(len(self.six_volumes), bool(self.six_volumes.sum() < 0))
        if len(turned) > MOST_COMPARED:
            return turned
        for shell in np.flatnonzero(np.where(turned, -self.six_volumes, self.six_volumes) < 0).tolist():
            turned[shell] ^= not self.around(shell).any()
        return turned

    def bodies(self, turned: Flags) -> Ids:
        """The body of every shell: a cavity belongs to the smallest shell around it."""
        count = len(self.six_volumes)
        owner = np.arange(count, dtype=np.int32)
        volumes = np.where(turned, -self.six_volumes, self.six_volumes)
        if 1 < count <= MOST_COMPARED:
            for shell in np.flatnonzero(volumes < 0).tolist():
                holders = np.flatnonzero(self.around(shell) & (volumes > 0))
                if len(holders):
                    owner[shell] = holders[volumes[holders].argmin()]
        return compact(owner)[0]


def six_volumes(vertices: Floats, corners: Ids) -> Floats:
    """Six times the signed volume between every triangle and a vertex of the mesh."""
    places = vertices - vertices[corners[0, 0]]
    one, two, three = places[corners[0]], places[corners[1]], places[corners[2]]
    volumes: Floats = np.einsum("ij,ij->i", one, np.cross(two, three))
    return volumes
