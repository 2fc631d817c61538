"""Electroplating, anodising and their kin on parts that the customer brings: lots at a galvanic line."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from app.calculator.catalog.rows import Material
from app.calculator.errors import MaterialNotAllowed
from app.calculator.processes import own_parts
from app.calculator.processes.base import Charge, Job, Plan
from app.calculator.processes.own_parts import Body, Mask
from app.calculator.processes.plain import PlainProcess
from app.calculator.processes.refusal import impossible
from app.contract.base import Text
from app.contract.geometry import Finding

Family = Literal["aluminium", "steel", "stainless", "titanium", "brass", "bronze", "copper", "iron"]
Treatment = Literal[
    "zinc",
    "nickel",
    "chrome",
    "tin",
    "anodising",
    "hard-anodising",
    "oxide",
    "passivation",
    "electropolishing",
]
FAMILIES: Mapping[str, Family] = {
    "alum": "aluminium",
    "steel": "steel",
    "titanium": "titanium",
    "brass": "brass",
    "bronze": "bronze",
    "copper": "copper",
    "iron": "iron",
}
STAINLESS = "steel-stainless"
SETUP = Text(en="Preparing the lot", ru="Подготовка партии")
INSPECTION = Text(en="Inspection of the layer", ru="Контроль покрытия")
LOT_FIGURES = frozenset(
    {
        "lot_price",
        "price_per_m2",
        "price_per_m2_micron",
        "thinnest_microns",
        "usual_microns",
        "thickest_microns",
    }
)


@dataclass(frozen=True, slots=True)
class _Bath:
    """The families a treatment takes; ``adds``: it puts a layer on, otherwise it works into the surface."""

    families: frozenset[Family]
    adds: bool = True


BATHS: Mapping[Treatment, _Bath] = {
    "zinc": _Bath(frozenset({"steel", "iron"})),
    "anodising": _Bath(frozenset({"aluminium", "titanium"}), adds=False),
    "passivation": _Bath(frozenset({"stainless"}), adds=False),
    "tin": _Bath(frozenset({"copper", "brass", "bronze", "steel"})),
    "nickel": _Bath(frozenset({"steel", "stainless", "iron", "brass", "bronze", "copper", "aluminium"})),
    "chrome": _Bath(frozenset({"steel", "stainless", "iron", "brass", "copper"})),
    "hard-anodising": _Bath(frozenset({"aluminium"}), adds=False),
    "oxide": _Bath(frozenset({"steel", "iron"}), adds=False),
    "electropolishing": _Bath(frozenset({"stainless"}), adds=False),
}
"""The usual one of a family comes first."""

Microns = Annotated[Decimal, Field(gt=0, le=1000, decimal_places=2)]


class ElectroplatingParams(BaseModel):
    """What is done to the surface; what is left open follows from the material."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    electroplating_process_id: Annotated[
        Treatment | None, Field(description="The treatment; by default the usual one of the material.")
    ] = None
    electroplating_family: Annotated[
        Family | None, Field(description="The family of the material; it must be that of material_id.")
    ] = None
    coating_thickness_microns: Annotated[
        Microns | None, Field(description="The layer that is put on: zinc, nickel, chrome, tin.")
    ] = None
    processing_depth_microns: Annotated[
        Microns | None,
        Field(description="How deep the surface is changed or taken off: all other treatments."),
    ] = None
    mask: Annotated[Mask, Field(description="What stays bare: threaded holes, all holes, nothing.")] = "none"


class Electroplating(PlainProcess):
    """A price of the lot, of the surface and of its thickness; racking and masking by hand."""

    key = "electroplating"
    params = ElectroplatingParams
    figure_ids: ClassVar[Mapping[str, frozenset[str]]] = {
        key: frozenset({"lot_m2", "mask_minutes", "hanging_minutes", "inspection_minutes", "setup_hours"}),
        **{f"electroplating.{bath}": LOT_FIGURES for bath in BATHS},
    }

    def settled(self, params: BaseModel, material: Material) -> BaseModel:
        """The family of the material, and the first treatment that takes it."""
        asked = _asked(params)
        family = asked.electroplating_family or _family(material)
        usual = next((bath for bath, row in BATHS.items() if family in row.families), "zinc")
        values = {
            **dict(asked),
            "electroplating_family": family,
            "electroplating_process_id": asked.electroplating_process_id or usual,
        }
        return ElectroplatingParams.model_construct(asked.model_fields_set, **values)

    def tables(self, params: BaseModel) -> tuple[str, ...]:
        """What holds for the line, then what the treatment says."""
        return (self.key, f"{self.key}.{_asked(params).electroplating_process_id or 'zinc'}")

    def ignores(self, *, measured: bool) -> frozenset[str]:
        """Bare dimensions show nothing that could be masked."""
        return frozenset() if measured else frozenset({"params.mask"})

    def plan(self, job: Job) -> Plan:
        """Lots of as much surface as the line takes; what the treatment cannot do is refused."""
        params, figures = _asked(job.params), job.figures
        _refuse_family(job, params)
        microns = _microns(params, figures)
        body = own_parts.body_of(job.part, params.mask)
        steps = (
            own_parts.lot_step(SETUP, figures),
            own_parts.hanging_step(figures),
            *own_parts.masking_steps(body, figures),
            own_parts.piece_step("inspection", "finishing", INSPECTION, figures, "inspection_minutes"),
        )
        lot = own_parts.pieces_up_to(figures["lot_m2"], own_parts.square_metres(body.treated_mm2))
        return own_parts.treatment(job, body, steps, _charges(job, body, microns), pieces_per_batch=lot)


def _asked(params: BaseModel) -> ElectroplatingParams:
    assert isinstance(params, ElectroplatingParams)
    return params


def _family(material: Material) -> Family | None:
    return "stainless" if material.machinability == STAINLESS else FAMILIES.get(material.family)


def _bath(params: ElectroplatingParams) -> tuple[Treatment, _Bath]:
    treatment = params.electroplating_process_id
    assert treatment is not None
    return treatment, BATHS[treatment]


def _refuse_family(job: Job, params: ElectroplatingParams) -> None:
    """The family must be that of the material, and one that the treatment takes."""
    own, asked = _family(job.material), params.electroplating_family
    if own is None or asked != own:
        raise MaterialNotAllowed(f"{job.material.id} is of the family {own}, not {asked}.")
    treatment, bath = _bath(params)
    if own not in bath.families:
        able = ", ".join(name for name, row in BATHS.items() if own in row.families)
        raise MaterialNotAllowed(f"{treatment} is not done on {own}; possible: {able}.")


def _microns(params: ElectroplatingParams, figures: Mapping[str, Decimal]) -> Decimal:
    """What was asked for, or the usual; raises ``PartOutsideLimits`` for what is outside the range."""
    treatment, bath = _bath(params)
    layer, depth = params.coating_thickness_microns, params.processing_depth_microns
    asked, other = (layer, depth) if bath.adds else (depth, layer)
    name = "coating_thickness_microns" if bath.adds else "processing_depth_microns"
    least, most = figures["thinnest_microns"], figures["thickest_microns"]
    microns = asked if asked is not None else figures["usual_microns"]
    if other is not None:
        raise impossible(_wrong_figure(treatment, name, other))
    if not least <= microns <= most:
        raise impossible(_out_of_range(treatment, name, microns, (least, most)))
    return microns


def _charges(job: Job, body: Body, microns: Decimal) -> tuple[Charge, ...]:
    figures, area = job.figures, own_parts.square_metres(body.treated_mm2)
    return (
        Charge(
            code="lot",
            group="machining",
            label=Text(en="Lot at the galvanic line", ru="Загрузка гальванической линии"),
            formula="price of a lot x lots",
            per_batch=figures["lot_price"],
            figures=("lot_price",),
        ),
        Charge(
            code="surface",
            group="machining",
            label=Text(en="Treated surface", ru="Обработка поверхности"),
            formula="(surface - masked surface) x (price of it + thickness x price of a micron) x pieces",
            per_piece=area * (figures["price_per_m2"] + microns * figures["price_per_m2_micron"]),
            inputs={
                "area_per_piece": (body.area_mm2, "mm2"),
                "masked_area_per_piece": (body.masked_mm2, "mm2"),
                "thickness_per_piece": (microns, "um"),
            },
            figures=("price_per_m2", "price_per_m2_micron"),
        ),
    )


def _wrong_figure(treatment: str, name: str, value: Decimal) -> Finding:
    return Finding(
        code="wrong-thickness",
        severity="error",
        message=f"{treatment} is asked for by params.{name}.",
        fix=f"Give params.{name} instead.",
        value=float(value),
        unit="um",
    )


def _out_of_range(treatment: str, name: str, microns: Decimal, limits: tuple[Decimal, Decimal]) -> Finding:
    least, most = limits
    return Finding(
        code="layer-out-of-range",
        severity="error",
        message=f"{treatment} of {microns.normalize():f} um is not done; "
        f"{least.normalize():f} to {most.normalize():f} um are.",
        fix=f"Change params.{name} or the treatment.",
        value=float(microns),
        limit=float(most if microns > most else least),
        unit="um",
    )


PROCESS = Electroplating()
