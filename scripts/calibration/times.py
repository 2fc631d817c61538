"""The table of real times, and what the engine says about the same work."""

import csv
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from app.calculator.catalog.catalog import Catalog
from app.calculator.errors import CalculatorError
from app.calculator.pipeline.known import PARTS
from app.calculator.pipeline.quote import quote
from app.calculator.pricing.choices import process_of, resolve
from app.contract.geometry import PartFacts
from app.contract.pricing import PriceRequest

COLUMNS = ("facts", "service_id", "material_id", "actual_hours")


class BadTimes(Exception):
    """The table cannot be used; the text names file and line."""


@dataclass(frozen=True)
class Timed:
    """A job that was done, and the hours it really took for its whole quantity.

    Equal parts have the same ``part``; ``tables`` are those its process reads, the most general first.
    """

    line: int
    part: str
    tables: tuple[str, ...]
    request: PriceRequest
    actual_hours: float

    def said_hours(self, catalog: Catalog) -> float:
        """What the engine says; raises ``CalculatorError`` where it would not price the job."""
        return quote(self.request, catalog).hours.total


def read_times(path: Path, catalog: Catalog) -> list[Timed]:
    """All rows of the CSV. Raises ``BadTimes`` for the first that cannot be used."""
    try:
        with path.open(newline="", encoding="utf-8") as file:
            rows = csv.DictReader(file)
            missing = [name for name in COLUMNS if name not in (rows.fieldnames or ())]
            if missing:
                message = f"{path.name}: columns are missing: {', '.join(missing)}"
                raise BadTimes(message)
            return [_timed(row, rows.line_num, path, catalog) for row in rows]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        message = f"{path.name}: {error}"
        raise BadTimes(message) from error


def _timed(row: dict[str, str], line: int, path: Path, catalog: Catalog) -> Timed:
    try:
        facts = PartFacts.model_validate_json((path.parent / row["facts"]).read_bytes())
        hours = float(row["actual_hours"])
        request = PriceRequest(
            facts=facts,
            service_id=row["service_id"],
            material_id=row["material_id"],
            quantity=int(row.get("quantity") or 1),
            params=json.loads(row.get("params") or "{}"),
        )
        choices = resolve(request, process_of(request.service_id, catalog), catalog)
        tables = choices.process.tables(choices.params)
        timed = Timed(line, PARTS.of(facts).digest, tables, request, hours)
        if not timed.actual_hours > 0:
            raise ValueError("actual_hours must be more than nought")  # noqa: TRY301 - told with file and line
        timed.said_hours(catalog)
    except (OSError, ValueError, ValidationError, CalculatorError) as error:
        message = f"{path.name}, line {line}: {error}"
        raise BadTimes(message) from error
    return timed


def said_hours(jobs: Sequence[Timed], catalog: Catalog) -> list[float]:
    """What the engine says about every job."""
    return [job.said_hours(catalog) for job in jobs]
