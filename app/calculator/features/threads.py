"""Which metric thread a hole of this diameter is drilled for.

Tap drills are nominal diameter minus pitch (ISO 2306:1972 rounds some of them to the nearest drill in
stock); coarse pitches and the fine ones in common use are those of ISO 261 and ISO 262. Some CAD programs
draw the minor diameter of the thread instead: D1 = d - 1.0825 P (ISO 724). A through hole as wide as ISO 273
lets a screw through is for that screw, not for a thread that is seldom cut.
"""

import math
from dataclasses import dataclass

COARSE: tuple[tuple[float, float, float], ...] = (
    (1.6, 0.35, 1.25),
    (2, 0.4, 1.6),
    (2.5, 0.45, 2.05),
    (3, 0.5, 2.5),
    (3.5, 0.6, 2.9),
    (4, 0.7, 3.3),
    (5, 0.8, 4.2),
    (6, 1, 5.0),
    (8, 1.25, 6.8),
    (10, 1.5, 8.5),
    (12, 1.75, 10.2),
    (14, 2, 12.0),
    (16, 2, 14.0),
    (18, 2.5, 15.5),
    (20, 2.5, 17.5),
    (22, 2.5, 19.5),
    (24, 3, 21.0),
    (27, 3, 24.0),
    (30, 3.5, 26.5),
    (33, 3.5, 29.5),
    (36, 4, 32.0),
    (39, 4, 35.0),
    (42, 4.5, 37.5),
    (45, 4.5, 40.5),
    (48, 5, 43.0),
)
"""Nominal diameter, pitch, tap drill (ISO 2306, coarse series), in millimetres."""

FINE: tuple[tuple[float, float, float], ...] = (
    (8, 1, 7.0),
    (10, 1, 9.0),
    (10, 1.25, 8.8),
    (12, 1.25, 10.8),
    (12, 1.5, 10.5),
    (14, 1.5, 12.5),
    (16, 1.5, 14.5),
    (18, 1.5, 16.5),
    (20, 1.5, 18.5),
    (22, 1.5, 20.5),
    (24, 2, 22.0),
    (27, 2, 25.0),
    (30, 2, 28.0),
    (33, 2, 31.0),
    (36, 3, 33.0),
    (39, 3, 36.0),
)
"""Nominal diameter, pitch, tap drill (ISO 2306, fine series), in millimetres."""

SECOND_CHOICE = frozenset({3.5, 14, 18, 22, 27, 33, 39, 45})
"""Nominal diameters ISO 261 asks to avoid; with the fine pitches they are the threads seldom cut."""

CLEARANCE: tuple[float, ...] = (
    *(1.7, 1.8, 2, 2.2, 2.4, 2.6, 2.7, 2.9, 3.1, 3.2, 3.4, 3.6, 4.3, 4.5, 4.8, 5.3, 5.5, 5.8, 6.4, 6.6, 7),
    *(8.4, 9, 10, 10.5, 11, 12, 13, 13.5, 14.5, 15, 15.5, 16.5, 17, 17.5, 18.5, 19, 20, 21, 22, 23, 24),
    *(25, 26, 28, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 42, 45),
)
"""Clearance holes in millimetres: fine, medium and coarse fit for screws from M1.6 to M39 (ISO 273:1979)."""

TOLERANCE_MM = 0.026
"""Drawn diameters are the drill's own; half of the finest step between drills."""


MINOR_TOLERANCE_MM = 0.006
"""Minor diameters are drawn to a hundredth or better."""

_MINOR_PER_PITCH = 1.0825

_LARGE_PITCH_MM = 1.0


@dataclass(frozen=True, slots=True)
class Thread:
    """A metric thread; ``designation`` as in ISO 965 (the pitch is told for fine threads only)."""

    designation: str
    pitch_mm: float


def thread_for(diameter_mm: float, *, through: bool) -> Thread | None:
    """The thread whose tap drill this is, coarse before fine; ``None`` for any other diameter.

    A ``through`` hole of a clearance diameter is drilled for no thread that is seldom cut.
    """
    clears = through and any(abs(hole - diameter_mm) <= TOLERANCE_MM for hole in CLEARANCE)
    for nominal, pitch, drill, is_fine in _ALL:
        if clears and (is_fine or nominal in SECOND_CHOICE):
            continue
        minor = nominal - _MINOR_PER_PITCH * pitch
        if abs(drill - diameter_mm) <= TOLERANCE_MM or abs(minor - diameter_mm) <= MINOR_TOLERANCE_MM:
            return _thread(nominal, pitch, is_fine=is_fine)
    return None


def drawn_thread_for(diameter_mm: float) -> Thread | None:
    """The thread whose drawn crests leave this diameter: minor ones as ISO 965-1 allows them (6H)."""
    for nominal, pitch, _, is_fine in _ALL:
        minor = nominal - _MINOR_PER_PITCH * pitch
        if -MINOR_TOLERANCE_MM <= diameter_mm - minor <= _minor_tolerance_mm(pitch):
            return _thread(nominal, pitch, is_fine=is_fine)
    return None


def _minor_tolerance_mm(pitch_mm: float) -> float:
    """Tolerance of the minor diameter, grade 6, by the formulas of ISO 965-1 (annex B)."""
    if pitch_mm < _LARGE_PITCH_MM:
        return 0.433 * pitch_mm - 0.190 * math.pow(pitch_mm, 1.22)
    return 0.230 * math.pow(pitch_mm, 0.7)


def _thread(nominal: float, pitch: float, *, is_fine: bool) -> Thread:
    return Thread(f"M{nominal:g}x{pitch:g}" if is_fine else f"M{nominal:g}", pitch)


_ALL = (*((*row, False) for row in COARSE), *((*row, True) for row in FINE))
