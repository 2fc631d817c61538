"""Price requests and prices on the wire."""

from datetime import datetime
from enum import StrEnum
from typing import Self
from uuid import UUID

from pydantic import Field, model_validator

from app.contract.base import Finite, Message
from app.contract.comparison import ComparedOf
from app.contract.pricing import CompareChoices, Dimensions, PriceChoices, PriceOf
from app.core.locale import Language, spoken
from app.core.schemas import Schema
from app.files.schemas import FileName

INTERNAL = {"calculator_seconds", "cost_lines"}
"""What the calculator says to us alone."""
COSTS = {"lead_time_parts"}
"""What customers do not see."""


class InlineFile(Schema):
    """A part sent inside the request."""

    name: FileName
    data: str = Field(description="The bytes in base64, up to 10 MB decoded.")


class AskedPart(Message):
    """A part; exactly one of ``file_id``, ``file`` and ``dimensions`` says which."""

    file_id: UUID | None = None
    file: InlineFile | None = None
    dimensions: Dimensions | None = None

    @model_validator(mode="after")
    def _one_part(self) -> Self:
        given = [part for part in (self.file_id, self.file, self.dimensions) if part is not None]
        if len(given) != 1:
            raise ValueError("exactly one of file_id, file and dimensions is needed")
        return self


class PriceQuery(PriceChoices, AskedPart):
    """A part and choices for one service."""


class CompareQuery(CompareChoices, AskedPart):
    """A part and choices for every service that prices itself."""


class Timing(Schema):
    """Where the time went."""

    calculator_seconds: Finite
    total_seconds: Finite


class PriceRead(PriceOf[str]):
    """A price that proves itself: the top lines sum exactly to ``total_price``."""

    valid_until: datetime
    timing: Timing


class ComparisonRead(Schema):
    """Prices side by side, in the order of the services."""

    items: list[ComparedOf[str]]
    timing: Timing


class View(StrEnum):
    """Whose eyes a price is for: ``customer`` sees selling lines, ``cost`` shows rates and profit."""

    customer = "customer"
    cost = "cost"


def shown(
    document: dict[str, object],
    language: Language,
    *,
    valid_until: str,
    timing: Timing,
    view: View = View.customer,
) -> PriceRead:
    """A stored or fresh price as a client sees it."""
    hidden = INTERNAL if view is View.cost else INTERNAL | COSTS
    told = {name: value for name, value in document.items() if name not in hidden}
    if view is View.cost and document.get("cost_lines"):
        told["lines"] = document["cost_lines"]
    said = spoken(told, language)
    return PriceRead.model_validate({**said, "valid_until": valid_until, "timing": timing.model_dump()})
