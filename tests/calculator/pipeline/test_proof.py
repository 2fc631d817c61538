"""The proof of a price: every line names its rows of the catalogue, and its time follows from its figures."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from app.calculator.catalog.loader import load
from app.calculator.pipeline.quote import quote
from app.calculator.processes import PROCESSES
from app.calculator.processes.printing import TECHNOLOGIES
from app.contract.pricing import CostLine, Price
from tests.factories.parts import make_facts, make_hole, make_price_request, make_sheet

CATALOG = load()
ROWS = {f"{row.table}/{row.key}" for row in CATALOG.rows}
BOX = {"length_mm": 100, "width_mm": 50, "height_mm": 25}
ROD = {"diameter_mm": 40, "length_mm": 100}


def feature(kind: str, **figures: Any) -> dict[str, Any]:
    place = {"x": 0, "y": 0, "z": 0}
    name = {"id": f"{kind}-1", "kind": kind, "place": place, "confidence": 0.9}
    return {**name, "face_ids": [9], **figures}


POCKET = feature("pocket", type="closed", length_mm=40.0, width_mm=20.0, depth_mm=10.0, corner_radius_mm=3.0)
FILLET = feature("fillet", face_ids=[10], radius_mm=2.0, convex=True, length_mm=80.0)
GROOVE = feature("groove", diameter_mm=36.0, width_mm=5.0, depth_mm=2.0)
BLOCK = make_facts(features=[make_hole(1), POCKET, FILLET])
SHAFT = make_facts((100, 40, 40), volume_mm3=110_000, features=[GROOVE])
PRINTED = {"FDM": "PLA", "SLA": "resin_standard", "SLS": "PA12", "MJF": "PA12", "DMLS": "powder_316L"}
WISHES: dict[str, dict[str, Any]] = {
    "milling": {"service_id": "cnc-milling", "facts": BLOCK},
    "milling on five axes": {
        "service_id": "cnc-milling",
        "facts": BLOCK,
        "params": {"axes": 5, "special_equipment": True},
    },
    "milling by dimensions": {"service_id": "cnc-milling", "dimensions": BOX},
    "turning": {"service_id": "cnc-lathe", "facts": SHAFT},
    "turning by dimensions": {"service_id": "cnc-lathe", "dimensions": ROD},
    "laser cutting": {"service_id": "laser-cutting", "facts": make_sheet()},
    "bending": {"service_id": "bending", "facts": make_sheet(bends=2)},
    "flat grinding": {"service_id": "grinding", "material_id": "steel_45", "facts": BLOCK},
    "round grinding": {
        "service_id": "grinding",
        "material_id": "steel_45",
        "dimensions": ROD,
        "params": {"kind": "cylindrical"},
    },
    "electroplating": {"service_id": "electroplating", "facts": BLOCK, "params": {"mask": "holes"}},
    "heating": {"service_id": "heating", "facts": BLOCK, "material_id": "steel_45"},
    "painting": {"service_id": "painting", "facts": BLOCK, "params": {"mask": "holes"}},
    "painting by dimensions": {"service_id": "painting", "dimensions": BOX, "quantity": 5000},
    **{
        f"{technology}{' by dimensions' if bare else ''}": {
            "service_id": "printing",
            "material_id": material,
            "params": {"technology": technology},
            **({"dimensions": BOX} if bare else {"facts": make_facts()}),
        }
        for technology, material in PRINTED.items()
        for bare in (False, True)
    },
}
CHOSEN = {"quantity": 30, "lead_time": "express", "cover_ids": ("galvanic",), "costs": True}


def price(**changes: Any) -> Price:
    return quote(make_price_request(**{**CHOSEN, **changes}), CATALOG)


def leaf_lines(answer: Price) -> Iterator[CostLine]:
    """Lines without others below that are more than shares of their amount."""
    for top in answer.cost_lines:
        yield from [line for line in top.children if line.formula != "its share of the amount"] or [top]


class TestRows:
    def test_every_process_and_technology_is_looked_at(self) -> None:
        assert {wish["service_id"] for wish in WISHES.values()} == PROCESSES.keys()
        assert PRINTED.keys() == TECHNOLOGIES.keys()

    @pytest.mark.parametrize("name", WISHES)
    def test_of_the_catalogue_are_named_by_every_line_that_has_money(self, name: str) -> None:
        lines = list(leaf_lines(price(**WISHES[name])))

        assert len(lines) > 1
        assert [line.code for line in lines if line.amount and not line.rows] == []
        assert {row for line in lines for row in line.rows} <= ROWS

    @pytest.mark.parametrize(
        ("name", "code", "row"),
        [
            ("DMLS", "machining", "printing.dmls/machine_price_per_hour"),
            ("FDM", "machining", "printing.fdm/machine_price_per_hour"),
            ("SLA", "machining", "printing.sla/machine_price_per_hour"),
            ("MJF", "machining", "printing.mjf/machine_price_per_hour"),
            ("heating", "furnace", "heating/furnace_price_per_hour"),
            ("painting", "oven", "painting/oven_price_per_hour"),
            ("laser cutting", "cutting", "laser-cutting/machine_price_per_hour"),
            ("heating", "energy", "heating.hardening/price_per_kg"),
            ("electroplating", "lot", "electroplating.anodising/lot_price"),
        ],
    )
    def test_are_those_the_money_really_comes_from(self, name: str, code: str, row: str) -> None:
        line = next(line for line in leaf_lines(price(**WISHES[name])) if line.code == code)

        table, _, key = row.partition("/")
        assert f"figure/{row}" in line.rows
        shown = {figure.value for figure in line.inputs.values()}
        assert float(CATALOG.figures[table][key]) in shown

    def test_of_a_machine_with_more_axes_hold_what_makes_its_hour_dearer(self) -> None:
        lines = list(leaf_lines(price(**WISHES["milling on five axes"])))

        dearer = [line for line in lines if "hour_factor" in line.inputs]
        assert dearer
        assert all("figure/cnc-milling/hour_factor_5" in line.rows for line in dearer)


Figures = dict[str, float]


def _programming(of: Figures) -> float:
    total = of["programming_hours"] + of["setups_per_batch"] * of["programming_setup_hours"]
    total += of["different_features_per_batch"] * of["programming_feature_hours"]
    return total * of["complexity_of_programming"]


def _clamping(of: Figures) -> float:
    return of["setups_per_batch"] * of["hours_per_setup"] + of["tools_per_batch"] * of["preset_minutes"] / 60


def _handling(of: Figures) -> float:
    minutes = (
        of["setups_per_piece"] * of["loading_minutes"] + of["tools_per_piece"] * of["tool_change_minutes"]
    )
    return minutes / 60 * of["quantity"]


def _deburring(of: Figures) -> float:
    minutes = of["deburr_base_minutes"] + of["area_per_piece"] / 100 / of["deburr_area_cm2_per_minute"]
    minutes += of["features_per_piece"] * of["deburr_feature_minutes"]
    return min(minutes, of["deburr_most_minutes"]) / 60 * of["quantity"]


def _inspection(of: Figures) -> float:
    minutes = of["inspection_base_minutes"] + of["features_per_piece"] * of["inspection_feature_minutes"]
    return minutes * of["complexity_of_inspection"] / 60 * of["quantity"]


def _pocket(of: Figures) -> float:
    parts = ("places", "clearing", "floor", "walls", "corners")
    minutes = sum(of[f"{part}_minutes"] for part in parts) * of["actual_over_cutting_time"]
    return minutes / 60 * of["quantity"]


def _fillet(of: Figures) -> float:
    minutes = of["edges_per_piece"] * of["edge_minutes"] + of["length_per_piece"] / of["feed"]
    return minutes * of["machine_factor"] / 60 * of["quantity"]


def _groove(of: Figures) -> float:
    plunges = of["plunges_per_piece"] * of["depth_per_piece"] / (of["groove_feed_mm"] * of["turns"])
    minutes = (of["groove_minutes"] + plunges) * of["actual_over_cutting_time"]
    return minutes / 60 * of["quantity"]


def _furnace(of: Figures) -> float:
    soaking = of["smallest_extent_per_piece"] * of["soak_minutes_per_mm"] / 60
    return (of["base_hours"] + soaking) * of["batches"]


def _unpacking(of: Figures) -> float:
    minutes = of["area_per_piece"] / 100 / of["unpacking_area_cm2_per_minute"] + of["unpacking_base_minutes"]
    return minutes / 60 * of["quantity"]


def _filament(of: Figures) -> float:
    kinds = {"outer": "outer", "inner": "inner", "solid": "solid", "sparse": "sparse", "support": "sparse"}
    seconds = sum(
        of[f"{kind}_track_per_piece"] * of[f"{pace}_seconds_per_mm"] for kind, pace in kinds.items()
    )
    seconds += of["height_per_piece"] / of["layer_mm"] * of["seconds_per_layer"] + of["seconds_per_piece"]
    return seconds / 3600 * of["quantity"]


FORMULAS: list[tuple[str, str, Callable[[Figures], float]]] = [
    ("milling", "programming", _programming),
    ("milling", "clamping", _clamping),
    ("milling", "first-piece", lambda of: of["first_piece_minutes"] / 60),
    ("milling", "handling", _handling),
    ("milling", "pocket", _pocket),
    ("milling", "fillet", _fillet),
    ("milling", "deburring", _deburring),
    ("milling", "inspection", _inspection),
    ("turning", "programming", _programming),
    ("turning", "groove", _groove),
    ("heating", "furnace", _furnace),
    ("DMLS", "finishing", _unpacking),
    ("FDM", "machining", _filament),
    ("SLA", "finishing", _unpacking),
    (
        *("DMLS", "machining"),
        lambda of: of["melted_volume_per_piece"] / of["build_rate_mm3_per_hour"] * of["quantity"],
    ),
    (
        *("SLS", "machining"),
        lambda of: of["volume_per_piece"] / 1e6 / of["litres_per_hour"] * of["quantity"],
    ),
    (
        *("SLA", "machining"),
        lambda of: of["height_per_batch"] / of["layer_mm"] * of["seconds_per_layer"] / 3600 * of["builds"],
    ),
]


class TestFormulas:
    @pytest.mark.parametrize(("name", "code", "formula"), FORMULAS, ids=lambda value: str(value)[:20])
    def test_give_the_time_of_the_line_from_its_figures(
        self, name: str, code: str, formula: Callable[[Figures], float]
    ) -> None:
        line = next(line for line in leaf_lines(price(**WISHES[name])) if line.code == code)
        figures = {key: figure.value for key, figure in line.inputs.items()}

        assert formula(figures) == pytest.approx(figures["time"], rel=2e-3, abs=2e-3)
