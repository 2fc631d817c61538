"""Which corners are the same vertex: by exact bits through a hash table, else by nearness."""

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from app.calculator.geometry.mesh_hash import (
    BLOCK_TRIANGLES,
    CORNER_AFTER,
    Floats,
    Hashes,
    corner_hashes,
    edge_hashes,
    planes_of,
)
from app.calculator.geometry.part import Triangles

Ids = npt.NDArray[np.int32]

_SCATTER = np.uint64(0x9E3779B97F4A7C15)
_SMALLEST_TABLE_BITS = 8
_PIECE_KEYS = 65_536
_AXIS_KEYS = np.array([0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9], dtype=np.uint64)


def all_distinct(keys: Hashes) -> bool:
    """Whether no key occurs twice. Linear: equal keys always meet in the same slot of a scatter table."""
    while len(keys):
        winners = _scatter(keys)
        lost = np.flatnonzero(winners != np.arange(len(keys), dtype=np.int32))
        losers = keys[lost]
        if bool((keys[winners[lost]] == losers).any()):
            return False
        keys = losers * _SCATTER
    return True


def number(keys: Hashes) -> tuple[Ids, int]:
    """Equal keys get equal numbers, counted from 0 without gaps; and how many there are. Linear."""
    where = np.arange(len(keys), dtype=np.int32)
    twin = np.zeros(len(keys), dtype=np.int32)
    while len(keys):
        winners = _scatter(keys)
        same = keys[winners] == keys
        twin[where[same]] = where[winners[same]]
        lost = np.flatnonzero(~same)
        where, keys = where[lost], keys[lost] * _SCATTER
    return compact(twin)


def vertex_hashes(triangles: Triangles) -> Hashes:
    """The hash of every corner, (corner, triangle)."""
    blocks = [
        corner_hashes(planes_of(triangles[start : start + BLOCK_TRIANGLES]))
        for start in range(0, len(triangles), BLOCK_TRIANGLES)
    ]
    return np.concatenate(blocks, axis=1)


def vertex_ids(triangles: Triangles) -> tuple[Ids, int]:
    """The vertex of every corner, (corner, triangle), numbered from 0, and how many there are."""
    ids, count = number(vertex_hashes(triangles).ravel())
    return ids.reshape(3, -1), count


def shells(corners: Hashes) -> Ids:
    """The shell of every triangle, from its corners' hashes or ids; sharing an edge is sharing a shell."""
    heads = corners[CORNER_AFTER, :]
    edges, count = number(edge_hashes(corners, heads).ravel())
    edges = edges.reshape(3, -1)
    _, labels = components(edges[:2].ravel(), edges[1:].ravel(), count)
    return compact(labels[edges[0]])[0]


def _scatter(keys: Hashes) -> Ids:
    """For every key the index of the one that wrote its slot last; in pieces that stay in the cache."""
    bits = max(_SMALLEST_TABLE_BITS, len(keys).bit_length())
    shift = np.uint64(64 - bits)
    table = np.zeros(1 << bits, dtype=np.int32)
    for start in range(0, len(keys), _PIECE_KEYS):
        piece = keys[start : start + _PIECE_KEYS]
        table[(piece >> shift).view(np.int64)] = np.arange(start, start + len(piece), dtype=np.int32)
    winners = np.zeros(len(keys), dtype=np.int32)
    for start in range(0, len(keys), _PIECE_KEYS):
        piece = keys[start : start + _PIECE_KEYS]
        slots = (piece >> shift).view(np.int64)
        np.take(table, slots, out=winners[start : start + _PIECE_KEYS], mode="clip")  # "raise" would buffer
    return winners


def compact(labels: Ids) -> tuple[Ids, int]:
    """The same partition numbered from 0 without gaps."""
    used = np.zeros(int(labels.max()) + 1, dtype=np.bool_)
    used[labels] = True
    numbers = np.cumsum(used, dtype=np.int32) - 1
    return numbers[labels].astype(np.int32), int(numbers[-1]) + 1


def components(tails: Ids, heads: Ids, count: int) -> tuple[int, Ids]:
    """How many connected groups ``count`` nodes form, and the group of each."""
    ones = np.ones(len(tails), dtype=np.int8)
    graph = coo_matrix((ones, (tails, heads)), shape=(count, count)).tocsr()
    groups, labels = connected_components(graph, directed=False)
    return int(groups), labels


def weld(ids: Ids, count: int, suspects: Ids, places: Floats, distance_mm: float) -> Ids:
    """Join the suspect vertices that lie within the distance of each other.

    ``places`` holds the coordinates of the suspects. Vertices of one grid cell are joined first, so the
    number of neighbours of a cell is bounded whatever the file holds.
    """
    cells = np.floor((places - places.min(axis=0)) / distance_mm).astype(np.int64)
    keys = cells.astype(np.uint64) * _AXIS_KEYS
    cell, groups = number(keys[:, 0] + keys[:, 1] + keys[:, 2])
    first = np.zeros(groups, dtype=np.int64)
    first[cell] = np.arange(len(cell))
    near = cKDTree(places[first]).query_pairs(distance_mm, output_type="ndarray").astype(np.int32)
    _, group = components(near[:, 0], near[:, 1], len(first))
    group_of_suspect = group[cell]
    leader = np.full(int(group.max()) + 1, -1, dtype=np.int32)
    leader[group_of_suspect[::-1]] = suspects[::-1]
    renamed = np.arange(count, dtype=np.int32)
    renamed[suspects] = leader[group_of_suspect]
    return renamed[ids]
