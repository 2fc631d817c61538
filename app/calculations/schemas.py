"""Price requests and prices on the wire."""

from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Self
from uuid import UUID

from pydantic import Field, model_validator

from app.contract.base import Finite, Message
from app.contract.comparison import ComparedOf
from app.contract.pricing import CompareChoices, Dimensions, LeadTimeOption, PriceChoices, PriceOf
from app.core.locale import Language, spoken
from app.core.schemas import Schema
from app.files.schemas import FileName

INTERNAL = {"calculator_seconds", "cost_lines"}
"""What the calculator says to us alone."""
WORKING_DAYS = 5
"""Of a week, from Monday on."""
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


class DatedLeadTime(LeadTimeOption):
    """A delivery option with its price and its date."""

    ready_on: date = Field(
        description="If it is ordered on the day of the price; Monday to Friday are worked."
    )


class PriceRead(PriceOf[str]):
    """A price that proves itself: the top lines sum exactly to ``total_price``."""

    lead_times: tuple[DatedLeadTime, ...]
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
    priced_at: datetime,
    valid_until: datetime,
    timing: Timing,
    view: View = View.customer,
) -> PriceRead:
    """A stored or fresh price as a client sees it."""
    hidden = INTERNAL if view is View.cost else INTERNAL | COSTS
    told = {name: value for name, value in document.items() if name not in hidden}
    if view is View.cost and document.get("cost_lines"):
        told["lines"] = document["cost_lines"]
    said = spoken(told, language)
    said["lead_times"] = [
        {**option, "ready_on": working_day(priced_at.date(), option["days"])} for option in said["lead_times"]
    ]
    return PriceRead.model_validate({**said, "valid_until": valid_until, "timing": timing.model_dump()})


def working_day(start: date, days: int) -> date:
    """The day that many working days after a day; a weekend counts as the Friday before it."""
    weekday = min(start.weekday(), WORKING_DAYS - 1)
    weeks, last = divmod(weekday + days, WORKING_DAYS)
    return start - timedelta(days=start.weekday()) + timedelta(weeks=weeks, days=last)
