"""Prices per second: the engine against a plain loop of the rule formula, which proves nothing to anybody."""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from app.calculator.catalog import loader
from app.calculator.pipeline.analyse import analyse
from app.calculator.pipeline.quote import quote
from app.contract.geometry import PartFacts
from app.contract.pricing import PriceRequest
from scripts.bench_suites.floor_price import block_price
from scripts.bench_suites.measure import (
    Figures,
    Goal,
    Options,
    Report,
    Row,
    Verdict,
    interleaved,
    timed,
    times,
)
from scripts.bench_suites.solids import plate_step

FLOOR = "rule formula in a plain loop"
RULES, KNOWN, FRESH = "rules, with proof", "features, facts seen before", "features, facts as they arrive"
CURVE = "features, curve of 50 quantities"
CHOICE: dict[str, Any] = {"service_id": "cnc-milling", "material_id": "alum_D16", "quantity": 10}
BLOCK = {"length_mm": 100, "width_mm": 50, "height_mm": 25}
ROUNDS, CALLS = 15, 40
MILLI = 1e3
METHOD = """
Milling, aluminium D16, ten pieces. The *floor* is the formula of the price by dimensions in exact decimals
and nothing else: no lines, no choices, no breaks. *Rules* answers the same wish with its proof. *Features*
prices a measured plate with four holes and two pockets, the form of the material left open: *seen before* is
what a second process, another material or another quantity costs, *as they arrive* reads the facts from JSON
and judges them first. One thread; prices per second are those of one core.
"""


def run(options: Options) -> Report:
    """All of them on the same machine."""
    catalog = loader.load()
    with tempfile.TemporaryDirectory() as name:
        facts = _measured(plate_step(Path(name) / "plate.step", 2))
    text = PriceRequest.model_validate({**CHOICE, "facts": facts}).model_dump_json()
    known = PriceRequest.model_validate_json(text)
    curve = known.model_copy(update={"quantities": list(range(1, 51))})
    rules = PriceRequest.model_validate({**CHOICE, "dimensions": BLOCK})
    calls = 3 if options.quick else CALLS
    works: dict[str, Callable[[], object]] = {
        FLOOR: lambda: block_price(catalog, CHOICE["quantity"]),
        RULES: lambda: quote(rules, catalog),
        KNOWN: lambda: quote(known, catalog),
        FRESH: lambda: quote(PriceRequest.model_validate_json(text), catalog),
        CURVE: lambda: quote(curve, catalog),
    }
    candidates = {name: timed(work, calls) for name, work in works.items()}
    found = interleaved(candidates, options.rounds_or(ROUNDS))
    goals = {KNOWN: Goal("≤ {} ms", 1), CURVE: Goal("≤ {} ms", 5)}
    rows = [_row(name, figures, found[FLOOR], options, goals.get(name)) for name, figures in found.items()]
    return Report("pricing", "Prices per second", METHOD, rows, options.clock)


def _measured(path: Path) -> PartFacts:
    facts = analyse(lambda _: None, path, max_triangles=1_000_000, max_entities=1_000_000)
    return PartFacts.model_validate(facts)


def _row(name: str, figures: Figures, floor: Figures, options: Options, goal: Goal | None) -> Row:
    seconds = figures.by(options.clock)
    relative = (
        f"{1 / max(seconds, 1e-9):,.0f} prices a second, {times(figures, floor, options.clock):.1f}× floor"
    )
    verdicts: tuple[Verdict, ...] = () if goal is None else (goal.judge(seconds * MILLI),)
    return Row("one price", name, figures, relative=relative, verdicts=verdicts)
