"""Which metric thread a hole of this diameter is drilled for.

Tap drills are nominal diameter minus pitch (ISO 2306:1972 rounds some of them to the nearest drill in
stock); coarse pitches and the fine ones in common use are those of ISO 261 and ISO 262. Some CAD programs
draw the minor diameter of the thread instead: D1 = d - 1.0825 P (ISO 724).
"""

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

TOLERANCE_MM = 0.026
"""Drawn diameters are the drill's own; half of the finest step between drills."""


MINOR_TOLERANCE_MM = 0.006
"""Minor diameters are drawn to a hundredth or better."""

_MINOR_PER_PITCH = 1.0825


@dataclass(frozen=True, slots=True)
class Thread:
    """A metric thread; ``designation`` as in ISO 965 (the pitch is told for fine threads only)."""

    designation: str
    pitch_mm: float


def thread_for(diameter_mm: float) -> Thread | None:
    """The thread whose tap drill this is, coarse before fine; ``None`` for any other diameter."""
    for series, is_fine in ((COARSE, False), (FINE, True)):
        for nominal, pitch, drill in series:
            minor = nominal - _MINOR_PER_PITCH * pitch
            if abs(drill - diameter_mm) <= TOLERANCE_MM or abs(minor - diameter_mm) <= MINOR_TOLERANCE_MM:
                designation = f"M{nominal:g}x{pitch:g}" if is_fine else f"M{nominal:g}"
                return Thread(designation, pitch)
    return None
