"""Gaps: how far across the open it is from a wall of the part to the next."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from app.calculator.analysis.hole_faces import hole_of_face
from app.calculator.analysis.opposites import Side, least_agreed, near_mm, opposites
from app.calculator.analysis.samples import Probe, Samples
from app.calculator.geometry.mesh_identity import vertex_hashes
from app.calculator.geometry.rays import Floats, Numbers, Truths
from app.calculator.geometry.surface import Surface
from app.contract.geometry import Feature, Gap

DIGITS = 4
FACES_AT_CORNER = 8
"""Of more faces in one corner not every two are found to meet."""


@dataclass(frozen=True)
class _Openings:
    """The samples of a body that look across the open at another face."""

    probe: Probe
    samples: Samples
    width_mm: Floats
    faces_behind: Numbers


def smallest_gap(probes: Iterable[Probe], features: Sequence[Feature]) -> Gap | None:
    """The narrowest slot, groove or space between ribs; ``None`` where no two walls look at each other.

    Between two faces of one body that are parallel to within thirty degrees and do not meet: where they do,
    the opening ends there and has no width. The wall of a hole across its own axis is no gap, in one piece
    or in several: holes are features with diameters.
    """
    openings = [_openings(probe, hole_of_face(probe.surface, features)) for probe in probes]
    openings = [one for one in openings if len(one.samples)]
    if not openings:
        return None
    widths = np.concatenate([one.width_mm for one in openings])
    points = np.concatenate([one.samples.points for one in openings])
    areas_mm2 = np.concatenate([one.samples.areas_mm2 for one in openings])
    least = least_agreed(widths, points, near_mm(widths, areas_mm2))
    if least is None:
        return None
    for one in openings:
        if least < len(one.samples):
            return _told(one, least)
        least -= len(one.samples)
    return None


def _openings(probe: Probe, hole_of_face: Numbers) -> _Openings:
    across = opposites(probe, Side.outwards)
    here, there = probe.samples.faces[across.rows], probe.surface.face_of[across.triangles]
    own_hole = (hole_of_face[here] >= 0) & (hole_of_face[here] == hole_of_face[there])
    other = (here != there) & ~own_hole & ~_meet(probe.surface, here, there)
    return _Openings(probe, probe.samples[across.rows[other]], across.distance_mm[other], there[other])


def _meet(surface: Surface, here: Numbers, there: Numbers) -> Truths:
    """Whether the faces of each pair have a corner in common."""
    corners = vertex_hashes(surface.triangles).ravel()
    faces = np.tile(surface.face_of, 3)
    order = np.lexsort((faces, corners))
    corners, faces = corners[order], faces[order].astype(np.int64)
    first = np.ones(len(faces), dtype=np.bool_)
    first[1:] = (corners[1:] != corners[:-1]) | (faces[1:] != faces[:-1])
    corners, faces = corners[first], faces[first]
    count = int(faces.max(initial=0)) + 1
    touching = [
        np.minimum(one, other) * count + np.maximum(one, other)
        for apart in range(1, FACES_AT_CORNER)
        for same in [corners[apart:] == corners[:-apart]]
        for one, other in [(faces[:-apart][same], faces[apart:][same])]
    ]
    pairs = np.minimum(here, there).astype(np.int64) * count + np.maximum(here, there)
    return np.isin(pairs, np.concatenate(touching))


def _told(opening: _Openings, row: int) -> Gap:
    samples, width_mm = opening.samples, float(opening.width_mm[row])
    middle = samples.points[row] + samples.normals[row] * width_mm / 2
    return Gap(
        width_mm=round(width_mm, DIGITS),
        place=opening.probe.place(middle),
        face_ids=tuple(sorted({int(samples.faces[row]), int(opening.faces_behind[row])})),
    )
