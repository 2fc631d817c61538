"""The base of everything on the wire."""

import re
from datetime import UTC, date, datetime
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BeforeValidator,
    ConfigDict,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    StringConstraints,
)
from pydantic_core import CoreSchema, core_schema

from app.contract.base import Bounded, storable

ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")

STRIPPED = StringConstraints(strip_whitespace=True)
"""Without blanks around it; comes before the limits of a text as `STORABLE` comes after them."""

UNSEEN = r"\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069"
"""Control characters, other ends of a line, and marks that turn the direction of what follows them."""
ANY_UNSEEN = re.compile(f"[{UNSEEN}]")


class OneLine:
    """Text of one line that shows what it holds, whether in a list, a letter, a document or a log.

    Comes last in an ``Annotated``, in place of `STORABLE`.
    """

    @classmethod
    def __get_pydantic_core_schema__(cls, source: type, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Look at the text after everything else."""
        return core_schema.no_info_after_validator_function(_of_one_line, handler(source))

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """The same as a pattern, unless the text has one."""
        return {"pattern": f"^[^{UNSEEN}]*$", **handler(schema)}


def _of_one_line(value: str) -> str:
    if ANY_UNSEEN.search(value):
        raise ValueError("must be one line without control characters")
    return storable(value)


def _written_as_date(value: Any) -> Any:  # noqa: ANN401 - runs before validation
    if isinstance(value, date) or (isinstance(value, str) and ISO_DATE.fullmatch(value)):
        return value
    raise ValueError("must be a date such as 2026-11-20")


IsoDate = Annotated[date, BeforeValidator(_written_as_date)]
"""A day: no moment, and no number taken for one."""


def _in_utc(value: datetime) -> datetime:
    try:
        return value.astimezone(UTC)
    except OverflowError:
        raise ValueError("must lie between the years 1 and 9999 in UTC as well") from None


Moment = Annotated[AwareDatetime, AfterValidator(_in_utc)]
"""A moment somebody sent, in UTC; at the ends of the calendar a zone may lead out of it."""


class Schema(Bounded):
    """Closed against unknown fields, readable from attributes of a row."""

    model_config = ConfigDict(from_attributes=True, extra="forbid")
