"""The base of everything on the wire."""

import re
from datetime import date
from typing import Annotated, Any

from pydantic import BeforeValidator, ConfigDict, StringConstraints

from app.contract.base import Bounded

ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")

STRIPPED = StringConstraints(strip_whitespace=True)
"""Without blanks around it; comes before the limits of a text as `STORABLE` comes after them."""


def _written_as_date(value: Any) -> Any:  # noqa: ANN401 - runs before validation
    if isinstance(value, date) or (isinstance(value, str) and ISO_DATE.fullmatch(value)):
        return value
    raise ValueError("must be a date such as 2026-11-20")


IsoDate = Annotated[date, BeforeValidator(_written_as_date)]
"""A day: no moment, and no number taken for one."""


class Schema(Bounded):
    """Closed against unknown fields, readable from attributes of a row."""

    model_config = ConfigDict(from_attributes=True, extra="forbid")
