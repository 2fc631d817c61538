"""Roughing: the blank down to the part, as fast as the spindle, the tool and the part allow."""

from dataclasses import dataclass
from decimal import Decimal

from app.calculator.processes import labels
from app.calculator.processes.base import MM3_PER_CM3, ZERO, Job, Step
from app.calculator.processes.cutting import hours
from app.calculator.processes.end_mill import EndMills

WATTS_MINUTE = Decimal(60000)
"""Q [cm3/min] = 60000 x P [kW] x efficiency / Kc [MPa]: the removal rate a spindle can drive (Mitsubishi)."""
FIGURES = frozenset({"efficiency", "roughing_least_minutes", "cutting_factor"})
POWER_FIGURE = "spindle_power_kw"
"""Told by each process: a mill is not a lathe."""
POWER, TOOL, SIZE = "the spindle power", "the tool", "the size of the part"


@dataclass(frozen=True, slots=True)
class Rate:
    """How fast material comes off, and what keeps it from coming off faster."""

    cm3_min: Decimal
    bound_by: str


def power_limit_cm3_min(job: Job, kc_mpa: Decimal) -> Decimal:
    """What the strongest machine that fits can drive; where no power is recorded it is the usual one."""
    usual = job.figures[POWER_FIGURE]
    power = max((machine.power_kw or usual for machine in job.machines), default=usual)
    return WATTS_MINUTE * power * job.figures["efficiency"] / kc_mpa


def rate_of(job: Job, mills: EndMills, removed_cm3: Decimal) -> Rate:
    """The least of three: spindle power, tool, and the volume over the least time of roughing anything."""
    by_power = power_limit_cm3_min(job, mills.data.kc_milling_mpa)
    by_tool = mills.removal_cm3_min(mills.largest_mm)
    by_size = removed_cm3 * job.figures["cutting_factor"] / job.figures["roughing_least_minutes"]
    rates = (Rate(by_tool, TOOL), Rate(by_power, POWER), Rate(by_size, SIZE))
    return min(rates, key=lambda rate: rate.cm3_min)


def roughing_step(job: Job, mills: EndMills, removed_mm3: Decimal) -> Step:
    """Everything around the part; what is within pockets and holes is theirs."""
    removed = max(ZERO, removed_mm3)
    rate = rate_of(job, mills, removed / MM3_PER_CM3)
    minutes = removed / MM3_PER_CM3 / rate.cm3_min if removed else ZERO
    return Step(
        code="roughing",
        group="machining",
        label=labels.ROUGHING,
        formula=f"time to remove the volume (limited by {rate.bound_by}) x pieces",
        piece_hours=hours(minutes, job.figures["cutting_factor"]),
        graded=False,
        inputs={"removed_volume_per_piece": (removed, "mm3")},
        data={
            "removal_rate": (rate.cm3_min, "cm3/min"),
            "tool": (mills.largest_mm, "mm"),
            "actual_over_cutting_time": (job.figures["cutting_factor"], "1"),
        },
        rows=(mills.data.full_key,),
    )
