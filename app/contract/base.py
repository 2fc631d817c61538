"""The base of every message between the two services."""

from collections.abc import Callable
from decimal import Decimal
from typing import Annotated, Any, ParamSpec, TypeVar, cast

from pydantic import (
    AfterValidator,
    AllowInfNan,
    BaseModel,
    ConfigDict,
    Field,
    PlainSerializer,
    model_validator,
)

MOST_UNKNOWN = 50


class Message(BaseModel):
    """Immutable, closed against unknown fields: a typing error is an error, never ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True)


P = ParamSpec("P")
M = TypeVar("M", bound=Message)


def unchecked(kind: Callable[P, M]) -> Callable[P, M]:
    """Makes messages of our own figures: as ``kind(...)``, but every value is kept as it is, unseen.

    For small messages that are made by the dozen: checking them takes as long as reckoning what they say, and
    ``model_construct`` is no quicker. Values must be of the very types of the fields: none is converted.
    """
    model = cast("type[M]", kind)
    defaults = {name: field.get_default() for name, field in model.model_fields.items()}
    new, put = model.__new__, object.__setattr__

    def make(*_: P.args, **values: P.kwargs) -> M:
        message = new(model)
        put(message, "__dict__", {**defaults, **values})
        put(message, "__pydantic_fields_set__", set(values))
        put(message, "__pydantic_extra__", None)
        put(message, "__pydantic_private__", None)
        return message

    return make


class Bounded(BaseModel):
    """What anybody may send: unknown fields by the thousand are one error, told before they are looked at."""

    @model_validator(mode="before")
    @classmethod
    def _few_fields(cls, given: Any) -> Any:  # noqa: ANN401 - runs before validation
        if isinstance(given, dict) and len(given) > len(cls.model_fields) + MOST_UNKNOWN:
            message = f"has {len(given)} fields, which are far more than there are"
            raise ValueError(message)
        return given


def storable(value: str) -> str:
    """The same text; refused when it has NUL characters or half characters (lone surrogates)."""
    if "\x00" in value:
        message = "must not contain NUL characters"
        raise ValueError(message)
    try:
        value.encode()
    except UnicodeEncodeError:
        message = "must not contain half characters (lone surrogates)"
        raise ValueError(message) from None
    return value


STORABLE = AfterValidator(storable)
"""Text a database can hold: PostgreSQL refuses NUL, and half a surrogate pair has no bytes at all.

Comes last in an ``Annotated``: limits behind it would be checked by pydantic as those of any collection,
told as "items" instead of characters, and missing in the JSON Schema.
"""

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
