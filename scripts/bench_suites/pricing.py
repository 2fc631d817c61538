"""Prices per second: the engine against a plain loop of the rule formula, which proves nothing to anybody."""

import tempfile
from collections.abc import Callable, Iterable, Iterator
from itertools import cycle, islice
from pathlib import Path
from typing import Any

from app.calculator.catalog import loader
from app.calculator.catalog.catalog import Catalog
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
RULES = "rules, with proof"
QUANTITY, MATERIAL = "features, another quantity", "features, another material"
ARRIVING, NEW = "features, facts as they arrive again", "features, a part never seen"
CURVE = "features, curve of 50 quantities"
CHOICE: dict[str, Any] = {"service_id": "cnc-milling", "material_id": "alum_D16", "quantity": 10}
BLOCK = {"length_mm": 100, "width_mm": 50, "height_mm": 25}
ROUNDS, CALLS = 15, 40
PARTS = 100
"""Parts of one shape and different place: more than are remembered."""
A_PRICE, A_CURVE = Goal("≤ {} ms", 1), Goal("≤ {} ms", 5)
MILLI = 1e3
METHOD = """
Milling, aluminium D16, ten pieces. The *floor* is the formula of the price by dimensions in exact decimals
and nothing else: no lines, no choices, no breaks. *Rules* answers the same wish with its proof. *Features*
prices a measured plate with four holes and two pockets, the form of the material left open. *Another
quantity* asks for a different one each time: the plan of the part is known, its lines are not. *Another
material* goes round all metals that can be milled, more than plans are remembered: each is planned anew, of
steps that are known where another metal is cut alike and of blanks that are known where one is sold alike.
*As they arrive again* reads the facts of a known part from JSON; a part *never seen* is read, judged and
planned. One thread; prices per second are those of one core.
"""


def run(options: Options) -> Report:
    """All of them on the same machine."""
    catalog = loader.load()
    with tempfile.TemporaryDirectory() as name:
        facts = _measured(plate_step(Path(name) / "plate.step", 2))
    text = PriceRequest.model_validate({**CHOICE, "facts": facts}).model_dump_json()
    known = PriceRequest.model_validate_json(text)
    curves = _changing(known, "quantities", [list(range(first, first + 50)) for first in range(1, 100)])
    metals = _changing(known, "material_id", _milled_metals(catalog))
    counts = _changing(known, "quantity", range(2, 900))
    parts = _changing(known, "facts", (_like(facts, turn) for turn in range(PARTS)))
    new = cycle([request.model_dump_json() for request in islice(parts, PARTS)])
    rules = PriceRequest.model_validate({**CHOICE, "dimensions": BLOCK})
    calls = 3 if options.quick else CALLS
    works: dict[str, Callable[[], object]] = {
        FLOOR: lambda: block_price(catalog, CHOICE["quantity"]),
        RULES: lambda: quote(rules, catalog),
        QUANTITY: lambda: quote(next(counts), catalog),
        MATERIAL: lambda: quote(next(metals), catalog),
        ARRIVING: lambda: quote(PriceRequest.model_validate_json(text), catalog),
        NEW: lambda: quote(PriceRequest.model_validate_json(next(new)), catalog),
        CURVE: lambda: quote(next(curves), catalog),
    }
    candidates = {name: timed(work, calls) for name, work in works.items()}
    found = interleaved(candidates, options.rounds_or(ROUNDS))
    goals = {QUANTITY: A_PRICE, MATERIAL: A_PRICE, CURVE: A_CURVE}
    rows = [_row(name, figures, found[FLOOR], options, goals.get(name)) for name, figures in found.items()]
    return Report("pricing", "Prices per second", METHOD, rows, options.clock)


def _measured(path: Path) -> PartFacts:
    facts = analyse(lambda _: None, path, max_triangles=1_000_000, max_entities=1_000_000)
    return PartFacts.model_validate(facts)


def _changing(request: PriceRequest, field: str, values: Iterable[object]) -> Iterator[PriceRequest]:
    """The request with a different value each time, over and over."""
    return cycle([request.model_copy(update={field: value}) for value in values])


def _milled_metals(catalog: Catalog) -> list[str]:
    return [
        row.id
        for row in catalog.materials.values()
        if row.machinability
        and row.unpriced is None
        and any("cnc-milling" in one.processes for one in row.forms)
    ]


def _like(facts: PartFacts, turn: int) -> PartFacts:
    """The same part in another place, which is another content."""
    return facts.model_copy(update={"centroid_mm": (float(turn), 0.0, 0.0)})


def _row(name: str, figures: Figures, floor: Figures, options: Options, goal: Goal | None) -> Row:
    seconds = figures.by(options.clock)
    relative = (
        f"{1 / max(seconds, 1e-9):,.0f} prices a second, {times(figures, floor, options.clock):.1f}× floor"
    )
    verdicts: tuple[Verdict, ...] = () if goal is None else (goal.judge(seconds * MILLI),)
    return Row("one price", name, figures, relative=relative, verdicts=verdicts)
