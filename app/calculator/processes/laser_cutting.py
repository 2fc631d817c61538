"""Flat parts cut from sheet by laser."""

from collections.abc import Mapping
from decimal import Decimal
from typing import ClassVar

from pydantic import BaseModel

from app.calculator.catalog.rows import Machine
from app.calculator.processes import laser_work, nesting, sheets
from app.calculator.processes.base import Job, Part, Plan, Step
from app.calculator.processes.cutting import mass_kg
from app.calculator.processes.plain import PlainProcess
from app.contract.geometry import Finding
from app.contract.pricing import BoxDimensions, Stock

LENGTH_PLACES_MM = Decimal("0.001")
FIGURES = laser_work.FIGURES | nesting.FIGURES | sheets.FIGURES


class LaserCutting(PlainProcess):
    """Contours at the speed of the laser, piercings, and the share of a whole sheet that a piece takes."""

    key = "laser-cutting"
    wants_exact_shape = True
    params = sheets.SheetParams
    figure_ids: ClassVar[Mapping[str, frozenset[str]]] = {key: FIGURES}

    def machine_type(self, params: BaseModel) -> str:
        """Laser cutters."""
        del params
        return "laser"

    def accepts(self, part: Part, figures: Mapping[str, Decimal]) -> Finding | None:
        """Flat sheets within the thicknesses that can be cut."""
        flat = sheets.flat_of(part, figures)
        if isinstance(flat, Finding):
            return flat
        return _bent(len(flat.bends)) if flat.bends else None

    def misfit(self, part: Part, machine: Machine) -> str | None:
        """The two longest extents against the bed."""
        bed = sorted((side for side in (machine.x_mm, machine.y_mm) if side is not None), reverse=True)
        for extent, room in zip(part.extents_mm, bed, strict=False):
            if extent > room:
                return f"{extent.normalize():f} mm is more than the {room.normalize():f} mm of the bed"
        return None

    def plan(self, job: Job) -> Plan:
        """The fastest of the machines that fit."""
        flat = sheets.sure_flat(job.part, job.figures, job.params)
        powers = [machine.power_kw or job.figures["power_kw"] for machine in job.machines]
        speed = laser_work.fastest(job, flat, powers)
        sheet = nesting.nest(job, flat, laser_work.laser_data(job).metal.kerf_mm)
        return cut_plan(job, flat, sheet, laser_work.cutting_steps(job, flat, speed, sheet.area_mm2))


def cut_plan(job: Job, flat: sheets.Flat, sheet: nesting.Nest, steps: tuple[Step, ...]) -> Plan:
    """What is made of a piece of sheet: its share of a whole one, waste included."""
    volume = sheet.area_mm2 * flat.thickness_mm
    sides = (flat.length_mm + sheet.gap_mm, flat.width_mm + sheet.gap_mm, flat.thickness_mm)
    length, width, height = (side.quantize(LENGTH_PLACES_MM) for side in sides)
    return Plan(
        stock=Stock(
            shape="sheet", dimensions=BoxDimensions(length_mm=length, width_mm=width, height_mm=height)
        ),
        stock_volume_mm3=volume,
        mass_kg=mass_kg(job, volume),
        material_formula="area of a sheet / pieces on it x thickness x density x pieces",
        steps=steps,
        usual_stock=sheet.is_gauge,
        material_inputs={
            "part_area_per_piece": (flat.area_mm2, "mm2"),
            "sheet_area_per_piece": (sheet.area_mm2, "mm2"),
            "sheets_per_piece": (1 / Decimal(sheet.pieces), "sheets"),
        },
        material_rows=(sheet.row.full_key,),
        waste_included=True,
    )


def _bent(bends: int) -> Finding:
    return Finding(
        code="sheet-is-bent",
        severity="error",
        message=f"The part has {bends} bends, which a laser does not make.",
        fix="Ask for bending, which includes the cutting.",
        value=bends,
        limit=0,
        unit="bends",
    )


PROCESS = LaserCutting()
