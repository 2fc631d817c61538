"""Figures of the original rule engine (js-owl/maas-calc 3.3.0) as the tests want them.

``total`` is what the original shows, cut to whole units; ``corrected`` is the total where a defect of the
original is corrected: totals that fall with quantity, and metals whose mass cost no time.
"""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any


@dataclass(frozen=True)
class Golden:
    service_id: str
    dimensions: dict[str, int]
    material_id: str
    material_form: str
    quantity: int
    mass_kg: str
    hours_each: str
    total: int
    days: int
    tolerance_id: str | None = None
    finish_id: str | None = None
    cover_ids: tuple[str, ...] = ()
    control_id: str = "control-manufacturer"
    params: dict[str, Any] = field(default_factory=dict)
    corrected: str | None = None

    @property
    def expected(self) -> Decimal:
        return Decimal(self.corrected if self.corrected is not None else self.total)


def box(length: int, width: int, height: int) -> dict[str, int]:
    return {"length_mm": length, "width_mm": width, "height_mm": height}


def rod(diameter: int, length: int) -> dict[str, int]:
    return {"diameter_mm": diameter, "length_mm": length}


PAINTED = ("painting",)
FINE: dict[str, Any] = {"tolerance_id": "IT7", "finish_id": "Ra12.5", "cover_ids": PAINTED}
PLAIN: dict[str, Any] = {"tolerance_id": "IT10", "finish_id": "Ra3.2"}
BLOCK = ("cnc-milling", box(100, 50, 25), "alum_D16", "rod")

GOLDEN = {
    1: Golden("cnc-milling", box(100, 50, 10), "alum_D16", "sheet", 1, "0.14", "0.264", 1109, 10, **FINE),
    2: Golden("cnc-milling", box(80, 60, 15), "alum_D16", "sheet", 10, "0.2016", "0.295", 12844, 10, **FINE),
    3: Golden(*BLOCK, 1, "0.35", "0.369", 1573, 10, **FINE),
    4: Golden(*BLOCK, 20, "0.35", "0.369", 31466, 10, **FINE),
    5: Golden(*BLOCK, 21, "0.35", "0.369", 31623, 11, **FINE),
    6: Golden(*BLOCK, 50, "0.35", "0.369", 75294, 11, **FINE),
    7: Golden(*BLOCK, 100, "0.35", "0.369", 150588, 11, **FINE, corrected="138479.08"),
    8: Golden(*BLOCK, 101, "0.35", "0.369", 138479, 12, **FINE),
    9: Golden(*BLOCK, 501, "0.35", "0.369", 653144, 13, **FINE),
    10: Golden(*BLOCK, 1, "0.35", "0.369", 1466, 9, **PLAIN),
    11: Golden(
        *(*BLOCK, 1, "0.35", "0.369", 2499, 12),
        tolerance_id="IT7",
        finish_id="Ra0.8",
        cover_ids=("painting", "galvanic"),
        control_id="control-customer",
    ),
    12: Golden(
        *("cnc-milling", box(200, 100, 50), "steel_12X18H10T", "sheet", 1, "7.85", "6.082", 25327, 9), **PLAIN
    ),
    13: Golden(
        *("cnc-milling", box(200, 100, 50), "steel_45", "rod", 1, "7.826", "0.194", 1251, 9),
        **PLAIN,
        corrected="20957.37",
    ),
    14: Golden(
        *("cnc-lathe", rod(25, 120), "alum_AMC", "rod", 8, "0.1649", "0.277", 10163, 11),
        tolerance_id="IT8",
        finish_id="Ra3.2",
        cover_ids=("galvanic",),
    ),
    15: Golden("cnc-lathe", rod(50, 50), "alum_D16", "rod", 1, "0.2749", "0.332", 1388, 10, **FINE),
    16: Golden("cnc-lathe", rod(20, 100), "steel_12X18H10T", "rod", 1, "0.2466", "0.379", 1486, 10, **FINE),
    17: Golden(
        *("printing", box(100, 50, 10), "PA11", "powder", 1, "0.4243", "2.069", 13301, 10), cover_ids=PAINTED
    ),
    18: Golden(
        *("printing", box(100, 50, 10), "PA11", "powder", 5, "0.4243", "2.069", 66504, 10), cover_ids=PAINTED
    ),
    19: Golden("printing", box(50, 50, 50), "PA12", "powder", 1, "0.4762", "2.085", 11166, 9),
    20: Golden("printing", box(50, 50, 50), "PA12", "powder", 30, "0.4762", "2.085", 326182, 10),
    22: Golden(*BLOCK, 500, "0.35", "0.369", 685540, 12, **FINE, corrected="653143.68"),
    23: Golden(
        *("cnc-milling", box(100, 50, 25), "alum_D16", "hexagon", 1, "0.35", "0.369", 1405, 11),
        tolerance_id="IT12",
        finish_id="Ra12.5",
        cover_ids=("galvanic",),
    ),
    24: Golden(*BLOCK, 1, "0.35", "0.758", 2771, 9, **PLAIN, params={"n_dimensions": 15}),
    25: Golden(*BLOCK, 1, "0.35", "0.786", 3744, 9, **PLAIN, params={"n_dimensions": 16}),
    26: Golden(*BLOCK, 1, "0.35", "1.758", 10065, 9, **PLAIN, params={"n_dimensions": 51}),
    27: Golden("printing", box(10, 10, 10), "PA12", "powder", 1, "0.0595", "2.011", 6311, 9),
}
