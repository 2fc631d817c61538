"""The base of every message between the two services."""

from decimal import Decimal
from typing import Annotated

from pydantic import AllowInfNan, BaseModel, ConfigDict, Field, PlainSerializer


class Message(BaseModel):
    """Immutable, closed against unknown fields: a typing error is an error, never ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True)


Finite = Annotated[float, AllowInfNan(False)]
"""A float that is a number: NaN and infinities are refused on the way in and out."""

Money = Annotated[
    Decimal,
    Field(max_digits=18, decimal_places=2),
    PlainSerializer(lambda amount: f"{amount:.2f}", return_type=str),
]
"""An amount in the installation's currency: a decimal string with two places, never a float."""


class Text(Message):
    """A label in the languages of the service."""

    en: str
    ru: str
