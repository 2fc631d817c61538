"""Access: from which directions a tool must come to reach all of the surface."""

from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from app.calculator.analysis.directions import candidate_directions
from app.calculator.analysis.samples import Probe, Samples, joined
from app.calculator.geometry.box import diagonal_of
from app.calculator.geometry.rays import Floats, Truths
from app.contract.geometry import Access, Reach

WALL = float(np.sin(np.radians(1)))
"""A wall within one degree of the tool is cut with the tool's flank."""
LIP_MM = 0.1
LIP_RELATIVE = 1e-3
"""A lip no higher than this, or this share of the part, is none: triangles follow a round wall no closer."""
FLANK = 0.25
"""What a flank cuts counts this much when one direction is preferred to another."""
WORTH_SHARE = 1e-3
"""A direction is worth a set-up from this share of the area on, or for a face of which it reaches half."""
HALF = 0.5 - 1e-9
MOST_SETUPS = 16
SHARE_DIGITS = 6
DIRECTION_DIGITS = 6


def access_of(probes: Sequence[Probe]) -> Access:
    """The set-ups a milling machine with three axes needs, by what the tool sees.

    A place is reached from a direction when nothing of its own body lies between it and the tool, and the
    surface faces the tool or is a wall alongside it. The tool is a thin line: its diameter, its length and
    its holder are not looked at. Directions without which something would stay unreached come first, then
    whichever adds most, faces across the tool before walls; at last those the others make superfluous go.
    So a block takes two, one for the side it stood on; a pocket in each of its six sides makes it six.
    """
    samples = joined([probe.samples for probe in probes])
    directions = candidate_directions(samples)
    reached = np.concatenate([_reached(probe, directions) for probe in probes], axis=1)
    cover = _Cover(samples, directions, reached)
    missed: Truths = np.logical_not(reached.any(axis=0))
    return Access(
        setups=tuple(cover.told()),
        directions_tried=len(directions),
        unreached_share=round(float(cover.share[missed].sum()), SHARE_DIGITS),
        unreached_face_ids=cover.faces_mostly(missed),
    )


def _reached(probe: Probe, directions: Floats) -> Truths:
    """For every direction which samples of the body it reaches."""
    lip_mm = min(LIP_MM, LIP_RELATIVE * diagonal_of(probe.surface.triangles.reshape(-1, 3)))
    return np.stack([_reached_from(probe, direction, lip_mm) for direction in directions])


def _reached_from(probe: Probe, direction: Floats, lip_mm: float) -> Truths:
    samples, rays = probe.samples, probe.rays
    steepness = samples.normals @ direction
    reached = np.zeros(len(samples), dtype=np.bool_)
    rows = np.flatnonzero(steepness >= WALL)
    reached[rows] = ~rays.occluded(
        samples.points[rows], np.broadcast_to(direction, (len(rows), 3)), samples.normals[rows]
    )
    walls = np.flatnonzero(np.abs(steepness) < WALL)
    normals = samples.normals[walls]
    along = direction - steepness[walls, None] * normals
    along /= np.linalg.norm(along, axis=1)[:, None]
    for off_mm in (0.0, lip_mm):
        blocked = rays.occluded(samples.points[walls] + off_mm * normals, along, normals)
        reached[walls[~blocked]] = True
        walls, normals, along = walls[blocked], normals[blocked], along[blocked]
    return reached


class _Cover:
    """Which directions are chosen, in which order, and what each adds."""

    def __init__(self, samples: Samples, directions: Floats, reached: Truths) -> None:
        self.directions = directions
        self.reached = reached
        self.ids, face = np.unique(samples.faces, return_inverse=True)
        self.face = face.ravel()
        self.share = samples.areas_mm2 / samples.areas_mm2.sum()
        self.face_share = np.bincount(self.face, weights=self.share)
        across = np.maximum(directions @ samples.normals.T, 0.0)
        self.liking = self.share * np.where(across < WALL, FLANK, np.maximum(across, FLANK))

    def told(self) -> Iterator[Reach]:
        """The set-ups with what each adds to those before it."""
        left = np.ones(len(self.share), dtype=np.bool_)
        for number in self._chosen():
            adds = left & self.reached[number]
            left &= ~adds
            x, y, z = (round(part, DIRECTION_DIGITS) + 0.0 for part in self.directions[number].tolist())
            yield Reach(
                direction=(x, y, z),
                area_share=round(float(self.share[adds].sum()), SHARE_DIGITS),
                face_ids=self.faces_mostly(adds),
            )

    def faces_mostly(self, some: Truths) -> tuple[int, ...]:
        """The faces of which these samples are half or more."""
        covered = np.bincount(self.face, weights=self.share * some, minlength=len(self.ids))
        mostly = covered >= HALF * self.face_share
        return tuple(self.ids[mostly].tolist())

    def _chosen(self) -> list[int]:
        """Directions nothing replaces, then the best of the rest, without the superfluous; best first."""
        chosen = self._needed()
        while len(chosen) < MOST_SETUPS:
            best = self._best(range(len(self.directions)), chosen)
            if best is None:
                break
            chosen.append(best)
        for number in reversed(chosen):
            others = [other for other in chosen if other != number]
            if not self._is_worth(self.reached[number] & self._left_by(others)):
                chosen = others
        return self._in_order(chosen)

    def _needed(self) -> list[int]:
        """Directions that alone reach something."""
        lonely = self.reached.sum(axis=0) == 1
        return [n for n, reached in enumerate(self.reached) if self._is_worth(reached & lonely)][:MOST_SETUPS]

    def _best(self, numbers: Iterable[int], chosen: list[int]) -> int | None:
        """The direction that adds most to those chosen, among those that add enough."""
        left = self._left_by(chosen)
        gains = {number: float(self.liking[number] @ (self.reached[number] & left)) for number in numbers}
        falling = sorted(gains, key=lambda number: (-round(gains[number], SHARE_DIGITS), number))
        return next((n for n in falling if self._is_worth(self.reached[n] & left)), None)

    def _in_order(self, numbers: list[int]) -> list[int]:
        ordered: list[int] = []
        while (best := self._best([n for n in numbers if n not in ordered], ordered)) is not None:
            ordered.append(best)
        return ordered

    def _left_by(self, chosen: list[int]) -> Truths:
        left: Truths = np.logical_not(self.reached[chosen].any(axis=0))
        return left

    def _is_worth(self, adds: Truths) -> bool:
        if float(self.share @ adds) >= WORTH_SHARE:
            return True
        return bool(adds.any()) and bool(len(self.faces_mostly(adds)))
