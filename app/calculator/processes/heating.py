"""Heat treatment of parts that the customer brings: loads of a furnace."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from app.calculator.catalog.rows import Material
from app.calculator.errors import MaterialNotAllowed
from app.calculator.processes import own_parts
from app.calculator.processes.base import MINUTES_PER_HOUR, Charge, Job, Plan, Step
from app.calculator.processes.cutting import mass_kg
from app.calculator.processes.plain import PlainProcess
from app.calculator.processes.refusal import impossible
from app.contract.base import Text
from app.contract.geometry import Finding

Treatment = Literal[
    "stress-relief", "annealing", "normalising", "hardening", "ageing", "carburising", "nitriding"
]
SETUP = Text(en="Preparing the load", ru="Подготовка садки")
LOADING = Text(en="Loading and straightening", ru="Загрузка и правка")
TEST = Text(en="Hardness test", ru="Контроль твёрдости")
LIGHT = frozenset({"aluminium-wrought", "aluminium-high-strength"})
HARDENABLE = frozenset({"steel-medium", "steel-alloy", "steel-tool"})
STEELS = HARDENABLE | {"steel-mild", "steel-stainless"}
TREATMENTS: Mapping[Treatment, frozenset[str]] = {
    "hardening": HARDENABLE,
    "stress-relief": STEELS | {"iron-grey", "titanium"},
    "ageing": LIGHT,
    "annealing": STEELS | LIGHT | {"brass", "bronze", "copper", "titanium"},
    "normalising": STEELS - {"steel-stainless", "steel-tool"},
    "carburising": frozenset({"steel-mild", "steel-alloy"}),
    "nitriding": frozenset({"steel-alloy", "steel-tool", "steel-stainless"}),
}
"""Groups of machinability a treatment is done on; the usual one of a group comes first."""
HARDENING = frozenset({"hardening", "carburising", "nitriding"})
LOAD_FIGURES = frozenset(
    {"lot_price", "price_per_kg", "base_hours", "soak_minutes_per_mm", "softest_hrc", "hardest_hrc"}
)


class HeatingParams(BaseModel):
    """What is done; what is left open follows from the material."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    treatment: Annotated[
        Treatment | None, Field(description="The treatment; by default the usual one of the material.")
    ] = None
    hardness_hrc: Annotated[
        Decimal | None,
        Field(
            gt=0,
            le=70,
            decimal_places=1,
            description="The hardness (HRC) that is reached and measured: hardening only.",
        ),
    ] = None


class Heating(PlainProcess):
    """The load of a furnace: heating through takes as long as the part is thick; gas and energy by mass."""

    key = "heating"
    params = HeatingParams
    figure_ids: ClassVar[Mapping[str, frozenset[str]]] = {
        key: frozenset(
            {
                "load_kg",
                "clearance_mm",
                "setup_hours",
                "loading_minutes",
                "test_minutes",
                "furnace_price_per_hour",
            }
        ),
        **{f"heating.{treatment}": LOAD_FIGURES for treatment in TREATMENTS},
    }

    def settled(self, params: BaseModel, material: Material) -> BaseModel:
        """The first treatment that is done on the material."""
        asked = _asked(params)
        usual = next(
            (name for name, groups in TREATMENTS.items() if material.machinability in groups), "annealing"
        )
        values = {**dict(asked), "treatment": asked.treatment or usual}
        return HeatingParams.model_construct(asked.model_fields_set, **values)

    def tables(self, params: BaseModel) -> tuple[str, ...]:
        """What holds for the furnace, then what the treatment says."""
        return (self.key, f"{self.key}.{_asked(params).treatment or 'annealing'}")

    def plan(self, job: Job) -> Plan:
        """Loads by mass and by room, whichever is less."""
        params, figures = _asked(job.params), job.figures
        _refuse(job, params)
        body = own_parts.body_of(job.part)
        mass = mass_kg(job, body.volume_mm3)
        by_room = own_parts.pieces_at_once(body, job, figures["clearance_mm"])
        by_mass = own_parts.pieces_up_to(figures["load_kg"], mass)
        steps = [
            own_parts.lot_step(SETUP, figures),
            _furnace(job),
            own_parts.piece_step("loading", "finishing", LOADING, figures, "loading_minutes"),
        ]
        if params.hardness_hrc is not None:
            steps.append(own_parts.piece_step("hardness-test", "finishing", TEST, figures, "test_minutes"))
        return own_parts.treatment(
            job, body, tuple(steps), _charges(figures, mass), pieces_per_batch=min(by_room, by_mass)
        )


def _asked(params: BaseModel) -> HeatingParams:
    assert isinstance(params, HeatingParams)
    return params


def _refuse(job: Job, params: HeatingParams) -> None:
    """The treatment must be done on the material, and the hardness be one that it reaches."""
    treatment, group = params.treatment, job.material.machinability
    assert treatment is not None
    if group not in TREATMENTS[treatment]:
        able = ", ".join(name for name, groups in TREATMENTS.items() if group in groups) or "none"
        raise MaterialNotAllowed(f"{treatment} is not done on {job.material.id}; possible: {able}.")
    hardness, figures = params.hardness_hrc, job.figures
    if hardness is None:
        return
    least, most = figures["softest_hrc"], figures["hardest_hrc"]
    if treatment not in HARDENING or not least <= hardness <= most:
        raise impossible(_unreachable(treatment, hardness, most))


def _furnace(job: Job) -> Step:
    thickest, figures = job.part.extents_mm[2], job.figures
    hours = figures["base_hours"] + thickest * figures["soak_minutes_per_mm"] / MINUTES_PER_HOUR
    return Step(
        code="furnace",
        group="machining",
        label=Text(en="Time in the furnace", ru="Время в печи"),
        formula="(time of the treatment + smallest extent x time to heat a millimetre) x loads",
        batch_hours=hours,
        graded=False,
        inputs={"smallest_extent_per_piece": (thickest, "mm")},
        figures=("base_hours", "soak_minutes_per_mm"),
        hour_figure="furnace_price_per_hour",
    )


def _charges(figures: Mapping[str, Decimal], mass: Decimal) -> tuple[Charge, ...]:
    return (
        Charge(
            code="load",
            group="machining",
            label=Text(en="Load of the furnace", ru="Садка печи"),
            formula="price of a load x loads",
            per_batch=figures["lot_price"],
            figures=("lot_price",),
        ),
        Charge(
            code="energy",
            group="machining",
            label=Text(en="Energy and atmosphere", ru="Энергия и атмосфера"),
            formula="mass x price of a kilogram x pieces",
            per_piece=mass * figures["price_per_kg"],
            inputs={"mass_per_piece": (mass, "kg")},
            figures=("price_per_kg",),
        ),
    )


def _unreachable(treatment: str, hardness: Decimal, most: Decimal) -> Finding:
    return Finding(
        code="hardness-out-of-range",
        severity="error",
        message=f"{treatment} does not give {hardness.normalize():f} HRC.",
        fix="Change params.hardness_hrc, the treatment or the material.",
        value=float(hardness),
        limit=float(most),
        unit="HRC",
    )


PROCESS = Heating()
