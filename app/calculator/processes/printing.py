"""Printing: one process, several technologies, each with its own plan, figures, machines and material."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from app.calculator.catalog.rows import Material
from app.calculator.processes import printed, printing_fdm, printing_metal, printing_powder, printing_resin
from app.calculator.processes.base import Job, Part, Plan
from app.calculator.processes.plain import PlainProcess
from app.calculator.processes.sizes import too_small
from app.contract.geometry import Finding

TECHNOLOGIES: Mapping[str, printed.Technology] = {
    **printing_powder.TECHNOLOGIES,
    printing_fdm.TECHNOLOGY.id: printing_fdm.TECHNOLOGY,
    printing_resin.TECHNOLOGY.id: printing_resin.TECHNOLOGY,
    printing_metal.TECHNOLOGY.id: printing_metal.TECHNOLOGY,
}
OLDEST = "SLS"
"""Whose machines are of the type "printing" and whose figures stand in the table of the process."""


class PrintingParams(BaseModel):
    """How the part is printed."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    technology: Annotated[
        Literal["FDM", "SLA", "SLS", "MJF", "DMLS"] | None,
        Field(
            description="FDM filament, SLA resin, SLS and MJF plastic powder, DMLS metal powder; "
            "by default the first that can print the material."
        ),
    ] = None
    infill: Annotated[
        Decimal, Field(ge=0, le=1, description="FDM: the share of the inside that is filled.")
    ] = Decimal("0.2")


class Printing(PlainProcess):
    """Layer by layer; tolerance and finish are what the technology gives."""

    key: ClassVar[str] = "printing"
    params: ClassVar[type[BaseModel]] = PrintingParams
    figure_ids: ClassVar[Mapping[str, frozenset[str]]] = {
        key: frozenset(
            {
                "rule_allowance_mm",
                "rule_litres_per_hour",
                "rule_setup_hours",
                "smallest_extent_mm",
                "litres_per_hour",
                "setup_hours",
                "clearance_mm",
                "fresh_powder_share",
                "unpacking_base_minutes",
                "unpacking_area_cm2_per_minute",
            }
        ),
        **{f"printing.{one.id.lower()}": one.figure_ids for one in TECHNOLOGIES.values()},
    }

    def machine_type(self, params: BaseModel) -> str:
        """Every technology has machines of its own."""
        technology = _technology(params).id
        return "printing" if technology == OLDEST else f"printing-{technology.lower()}"

    def settled(self, params: BaseModel, material: Material) -> BaseModel:
        """Without a wish, the first technology that prints a form of the material."""
        assert isinstance(params, PrintingParams)
        if params.technology is not None:
            return params
        forms = {form.id for form in material.forms}
        chosen = next((one.id for one in TECHNOLOGIES.values() if one.form in forms), OLDEST)
        values = {**dict(params), "technology": chosen}
        return PrintingParams.model_construct(params.model_fields_set, **values)

    def variants(self) -> tuple[Mapping[str, str], ...]:
        """Every technology."""
        return tuple({"technology": technology} for technology in TECHNOLOGIES)

    def forms(self, params: BaseModel) -> frozenset[str] | None:
        """What the technology prints."""
        return frozenset({_technology(params).form})

    def tables(self, params: BaseModel) -> tuple[str, ...]:
        """What holds for all printing, then what the technology says."""
        return (self.key, f"{self.key}.{_technology(params).id.lower()}")

    def accepts(self, part: Part, figures: Mapping[str, Decimal]) -> Finding | None:
        """Everything thick enough to be taken out."""
        return too_small(part, figures["smallest_extent_mm"])

    def plan(self, job: Job) -> Plan:
        """The measured part, or a full block of the dimensions (laser sintering: by the original rule)."""
        return _technology(job.params).plan(job)


def _technology(params: BaseModel) -> printed.Technology:
    assert isinstance(params, PrintingParams)
    return TECHNOLOGIES[params.technology or OLDEST]


PROCESS = Printing()
