"""What milling and turning share: their parameters, the cutting data of the material, hours and masses."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, Strict

from app.calculator.catalog.cutting_rows import Machinability
from app.calculator.catalog.rows import Form
from app.calculator.errors import MaterialNotAllowed
from app.calculator.processes.base import MINUTES_PER_HOUR, MM3_PER_M3, ONE, ZERO, Job, Part, Plan, Step
from app.calculator.processes.blanks import Blank
from app.calculator.processes.plain import PlainProcess
from app.contract.geometry import Finding

SHARED = "cutting"
"""The table of the figures that milling and turning share."""
VOLUME_PLACES_M3 = Decimal("1e-10")
MASS_PLACES_KG = Decimal("0.0001")
"""As the original rule engine rounds."""
FINE_PLACES_KG = Decimal("0.0000001")
"""Of a measured part: ten thousand grains of a tenth of a gram are a kilogram."""

Factor = Annotated[Decimal, Field(gt=0, le=2, max_digits=8, decimal_places=6)]


class CuttingParams(BaseModel):
    """Parameters of milling and turning."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    n_dimensions: Annotated[
        int,
        Strict(),
        Field(
            ge=1,
            le=10_000,
            description="Dimensions on the drawing; used when a price is made from dimensions alone.",
        ),
    ] = 1
    k_type: Annotated[
        Factor,
        Field(description="Factor on all work for the type of part; below 1 a person looks at the price."),
    ] = ONE
    k_process: Annotated[
        Factor,
        Field(description="Factor on all work for the way it is made; below 1 a person looks at the price."),
    ] = ONE
    cnc_complexity: Annotated[
        Literal["low", "medium", "high"],
        Field(description="How much there is to program and to inspect; used when a file is priced."),
    ] = "medium"
    cnc_setup_time: Annotated[
        Annotated[Decimal, Field(ge=0, le=100, max_digits=8, decimal_places=4)] | None,
        Field(
            description="Hours to set the machine up for a batch, instead of those that are calculated; "
            "for a file a person looks at the price then."
        ),
    ] = None
    special_equipment: Annotated[
        bool, Strict(), Field(description="Whether special equipment is made for the order, once.")
    ] = False
    threads: Annotated[
        Literal["drawn", "candidates"],
        Field(
            description="Which threads are cut: those drawn in the model, or all holes of tap-drill "
            "diameter; used when a file is priced."
        ),
    ] = "drawn"

    @property
    def factor(self) -> Decimal:
        """The factor on all work."""
        return self.k_type * self.k_process


class CuttingProcess(PlainProcess):
    """What holds for milling and turning alike."""

    graded = True
    wants_exact_shape = True

    def tables(self, params: BaseModel) -> tuple[str, ...]:
        """What milling and turning share, then its own figures."""
        del params
        return (SHARED, self.key)

    def ignores(self, *, measured: bool) -> frozenset[str]:
        """Dimensions on the drawing are for bare sizes, what is to be made of a file's features for files."""
        return MEASURED_IGNORE if measured else BARE_IGNORE

    def cheapened_by(self, params: BaseModel, *, measured: bool) -> Iterator[str]:
        """Factors below one, and a set-up time in place of the one that follows from the features."""
        assert isinstance(params, CuttingParams)
        if params.k_type < ONE:
            yield "params.k_type"
        if params.k_process < ONE:
            yield "params.k_process"
        if measured and params.cnc_setup_time is not None:
            yield "params.cnc_setup_time"

    def plan(self, job: Job) -> Plan:
        """By the features of a measured part, else by the rules."""
        return self.plan_by_rules(job) if job.part.measured is None else self.plan_by_features(job)


MEASURED_IGNORE = frozenset({"params.n_dimensions"})
BARE_IGNORE = frozenset({"params.cnc_complexity", "params.threads", "params.driven_tools"})


def params_of(job: Job) -> CuttingParams:
    """The parameters, known to be those of milling or turning."""
    assert isinstance(job.params, CuttingParams)
    return job.params


def machinability(job: Job) -> Machinability:
    """The cutting data of the material; raises ``MaterialNotAllowed`` where none are recorded."""
    if job.machinability is None:
        raise MaterialNotAllowed(f"No cutting data are recorded for {job.material.id}.")
    return job.machinability


def usual_size(form: Form, size_mm: Decimal) -> bool:
    """Whether the form is usually sold in this size."""
    limit = form.thickness_max_mm if form.thickness_max_mm is not None else form.across_max_mm
    return limit is None or size_mm <= limit


def mass_kg(job: Job, volume_mm3: Decimal) -> Decimal:
    """Mass of a volume of the material; raises ``MaterialNotAllowed`` where no density is recorded."""
    if job.material.density_kg_m3 is None:
        raise MaterialNotAllowed(f"No density is recorded for {job.material.id}.")
    volume_m3 = volume_mm3 / MM3_PER_M3
    if job.part.measured is not None:
        return (volume_m3 * job.material.density_kg_m3).quantize(FINE_PLACES_KG)
    return (volume_m3.quantize(VOLUME_PLACES_M3) * job.material.density_kg_m3).quantize(MASS_PLACES_KG)


def hours(minutes: Decimal, factor: Decimal = ONE) -> Decimal:
    """Minutes of cutting as hours of work."""
    return minutes * factor / MINUTES_PER_HOUR


def plan_of(job: Job, blank: Blank, steps: tuple[Step, ...]) -> Plan:
    """The plan of a measured part."""
    return Plan(
        stock=blank.stock,
        stock_volume_mm3=blank.paid_mm3,
        mass_kg=mass_kg(job, blank.paid_mm3),
        material_formula=blank.formula,
        steps=steps,
        complexity=params_of(job).factor,
        usual_stock=blank.is_sold,
        material_inputs=blank.inputs,
        material_rows=blank.rows,
    )


def closed_within(part: Part) -> Finding | None:
    """The finding for a part with a room that no tool can get into."""
    trapped = ZERO if part.measured is None else part.measured.trapped_mm3
    if not trapped:
        return None
    return Finding(
        code="closed-cavity",
        severity="error",
        message=f"A room of {trapped.normalize():f} mm3 within the part is closed on all sides; "
        "no cutting tool gets in.",
        fix="Open it, make the part of two pieces, or choose printing.",
        value=float(trapped),
        limit=0.0,
        unit="mm3",
    )
