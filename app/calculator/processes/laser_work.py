"""How long a laser takes: speeds as published where there are rows, by the balance of energy elsewhere."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeVar

from app.calculator.catalog.laser_rows import LaserData, LaserPierce, LaserSpeed
from app.calculator.errors import MaterialNotAllowed
from app.calculator.processes.base import MINUTES_PER_HOUR, ONE, PI, ZERO, Inputs, Job, Step
from app.calculator.processes.refusal import impossible
from app.calculator.processes.sheets import Flat
from app.contract.base import Text
from app.contract.geometry import Finding

FIGURES = frozenset(
    {
        "machine_price_per_hour",
        "power_kw",
        "programming_hours",
        "setup_hours",
        "loading_minutes_per_m2",
        "positioning_seconds",
        "machine_factor",
        "deburr_base_minutes",
        "deburr_m_per_minute",
    }
)
R = TypeVar("R", LaserSpeed, LaserPierce)
SECONDS_PER_MINUTE = Decimal(60)
MM_PER_M = Decimal(1000)
MM2_PER_M2 = Decimal(10) ** 6
BALANCE = Decimal(60) * Decimal(10) ** 6
"""kW, kJ/kg and two lengths in millimetres give metres per minute."""
MIDDLE = Decimal(2)
MOST_TOLD_HOLES = 50


@dataclass(frozen=True, slots=True)
class Speed:
    """How fast the beam goes; ``rows`` are those it is taken from."""

    m_min: Decimal
    power_kw: Decimal
    rows: tuple[str, ...]


def laser_data(job: Job) -> LaserData:
    """What is recorded about cutting the material; raises ``MaterialNotAllowed`` where nothing is."""
    if job.laser is None:
        raise MaterialNotAllowed(f"How a laser cuts {job.material.id} is not recorded.")
    return job.laser


def fastest(job: Job, flat: Flat, powers_kw: Iterable[Decimal]) -> Speed:
    """The speed of the best laser at hand; raises ``PartOutsideLimits`` where none goes through."""
    data = laser_data(job)
    density = job.material.density_kg_m3 or ZERO
    speeds = [speed_at(data, power, flat.thickness_mm, density) for power in powers_kw]
    able = [speed for speed in speeds if speed is not None]
    if not able:
        raise impossible(_too_thick(data, flat))
    return max(able, key=lambda speed: speed.m_min)


def speed_at(
    data: LaserData, power_kw: Decimal, thickness_mm: Decimal, density_kg_m3: Decimal
) -> Speed | None:
    """The middle of the published range at the highest recorded power that is at hand.

    Between two thicknesses the time of a metre is interpolated, as it rises with the thickness; below the
    thinnest its speed holds, beyond the thickest nothing is cut. Without rows the energy balance holds.
    """
    if thickness_mm > data.metal.thickest_mm or not density_kg_m3:
        return None
    recorded = {row.power_kw for row in data.speeds if row.power_kw <= power_kw}
    if not recorded:
        speed = energy_balance_m_min(data, power_kw, thickness_mm, density_kg_m3)
        return Speed(speed, power_kw, (f"laser_metal/{data.metal.id}",))
    power = max(recorded)
    rows = [row for row in data.speeds if row.power_kw == power]
    if thickness_mm > rows[-1].thickness_mm:
        return None
    below, above = _around(rows, thickness_mm)
    share = _share(below.thickness_mm, above.thickness_mm, thickness_mm)
    minutes = (ONE - share) / _middle(below) + share / _middle(above)
    names = dict.fromkeys(row.full_key for row in (below, above))
    return Speed(ONE / minutes, power, tuple(names))


def energy_balance_m_min(
    data: LaserData, power_kw: Decimal, thickness_mm: Decimal, density_kg_m3: Decimal
) -> Decimal:
    """Coupled power over what melting the kerf takes: v = e P / (density x enthalpy x kerf x thickness)."""
    metal = data.metal
    melted = density_kg_m3 * metal.melting_kj_per_kg * metal.kerf_mm * thickness_mm
    return BALANCE * metal.coupling * power_kw / melted


def pierce_seconds(pierces: Sequence[LaserPierce], thickness_mm: Decimal) -> tuple[Decimal, tuple[str, ...]]:
    """Seconds until the beam is through, interpolated, and the rows; beyond the last row in proportion."""
    if not pierces:
        return ZERO, ()
    if thickness_mm >= pierces[-1].thickness_mm:
        last = pierces[-1]
        return last.seconds * thickness_mm / last.thickness_mm, (last.full_key,)
    below, above = _around(pierces, thickness_mm)
    share = _share(below.thickness_mm, above.thickness_mm, thickness_mm)
    names = dict.fromkeys(row.full_key for row in (below, above))
    return below.seconds + share * (above.seconds - below.seconds), tuple(names)


def cutting_steps(job: Job, flat: Flat, speed: Speed, sheet_mm2: Decimal) -> tuple[Step, ...]:
    """From the nesting of the order to the piece without burrs; round holes one by one."""
    figures = job.figures
    cut_m = flat.cut_length_mm / MM_PER_M
    deburring = figures["deburr_base_minutes"] + cut_m / figures["deburr_m_per_minute"]
    return (
        Step(
            code="programming",
            group="setup",
            label=Text(en="Nesting and programming", ru="Раскладка и программа"),
            formula="programming time, once per order",
            order_hours=figures["programming_hours"],
            graded=False,
            by_hand=True,
            figures=("programming_hours",),
        ),
        Step(
            code="laser-setup",
            group="setup",
            label=Text(en="Setting up the laser", ru="Наладка лазера"),
            formula="set-up time, once per order",
            order_hours=figures["setup_hours"],
            graded=False,
            figures=("setup_hours",),
        ),
        Step(
            code="sheet-loading",
            group="setup",
            label=Text(en="Loading of sheets", ru="Загрузка листов"),
            formula="area of sheet that a piece takes x time to load a square metre x pieces",
            piece_hours=sheet_mm2 / MM2_PER_M2 * figures["loading_minutes_per_m2"] / MINUTES_PER_HOUR,
            graded=False,
            inputs={"sheet_area_per_piece": (sheet_mm2, "mm2")},
            figures=("loading_minutes_per_m2",),
        ),
        *_contours(job, flat, speed),
        Step(
            code="deburring",
            group="finishing",
            label=Text(en="Taking out, deburring", ru="Выборка, снятие грата"),
            formula="(time per piece + time by length of the edges) x pieces",
            piece_hours=deburring / MINUTES_PER_HOUR,
            graded=False,
            by_hand=True,
            inputs={"cut_length_per_piece": (flat.cut_length_mm, "mm")},
            figures=("deburr_base_minutes", "deburr_m_per_minute"),
        ),
    )


def _contours(job: Job, flat: Flat, speed: Speed) -> tuple[Step, ...]:
    """The outer contour and openings together, round holes one by one as far as a person still reads them."""
    told = [
        (hole.id, PI * hole.numbers["diameter_mm"])
        for hole in flat.holes
        if hole.numbers.get("diameter_mm", ZERO) > 0
    ][: min(MOST_TOLD_HOLES, flat.contours - 1)]
    rest = max(ZERO, flat.cut_length_mm - sum((length for _, length in told), ZERO))
    outline = _contour(job, flat, speed, rest, flat.contours - len(told))
    return (outline, *(_contour(job, flat, speed, length, 1, hole) for hole, length in told))


def _contour(
    job: Job, flat: Flat, speed: Speed, length_mm: Decimal, contours: int, hole_id: str | None = None
) -> Step:
    figures = job.figures
    pierce, pierce_rows = pierce_seconds(laser_data(job).pierces, flat.thickness_mm)
    minutes = length_mm / MM_PER_M / speed.m_min
    minutes += contours * (pierce + figures["positioning_seconds"]) / SECONDS_PER_MINUTE
    data: Inputs = {
        "speed": (speed.m_min, "m/min"),
        "power": (speed.power_kw, "kW"),
        "pierce_time": (pierce, "s"),
    }
    return Step(
        code="cutting",
        group="machining",
        label=Text(en="Hole", ru="Отверстие") if hole_id else Text(en="Contours", ru="Контуры"),
        formula="(length of contours / speed + contours x (piercing + positioning))"
        " x factor of the machine x pieces",
        piece_hours=minutes * figures["machine_factor"] / MINUTES_PER_HOUR,
        graded=False,
        inputs={
            "cut_length_per_piece": (length_mm, "mm"),
            "pierces_per_piece": (contours, "pierces"),
            "thickness_per_piece": (flat.thickness_mm, "mm"),
        },
        feature_id=hole_id,
        rows=(*speed.rows, *pierce_rows),
        figures=("positioning_seconds", "machine_factor"),
        data=data,
        hour_figure="machine_price_per_hour",
    )


def _around(rows: Sequence[R], thickness_mm: Decimal) -> tuple[R, R]:
    """The rows next below and above; twice the same at a row and below the first."""
    above = next(row for row in rows if row.thickness_mm >= thickness_mm)
    below = next((row for row in reversed(rows) if row.thickness_mm <= thickness_mm), above)
    return below, above


def _share(below: Decimal, above: Decimal, thickness: Decimal) -> Decimal:
    return ZERO if above == below else (thickness - below) / (above - below)


def _middle(row: LaserSpeed) -> Decimal:
    return (row.low_m_min + row.high_m_min) / MIDDLE


def _too_thick(data: LaserData, flat: Flat) -> Finding:
    rows = [row.thickness_mm for row in data.speeds]
    limit = min(data.metal.thickest_mm, max(rows, default=data.metal.thickest_mm))
    return Finding(
        code="sheet-too-thick",
        severity="error",
        message=f"{flat.thickness_mm.normalize():f} mm of {data.metal.id} are too much for any laser here.",
        fix="Choose another process or another metal.",
        value=float(flat.thickness_mm),
        limit=float(limit),
        unit="mm",
    )
