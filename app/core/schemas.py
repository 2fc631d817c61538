"""The base of everything on the wire."""

from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict


def _storable(value: str) -> str:
    if "\x00" in value:
        raise ValueError("must not contain NUL characters")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise ValueError("must not contain half characters (lone surrogates)") from None
    return value


def _strip(value: Any) -> Any:  # noqa: ANN401 - runs before validation
    return value.strip() if isinstance(value, str) else value


PlainText = Annotated[str, AfterValidator(_storable)]
"""Text a database can hold: PostgreSQL refuses NUL, and half a surrogate pair has no bytes at all."""

Trimmed = Annotated[str, BeforeValidator(_strip), AfterValidator(_storable)]
"""Text without blanks around it."""


class Schema(BaseModel):
    """Closed against unknown fields, readable from attributes of a row."""

    model_config = ConfigDict(from_attributes=True, extra="forbid")
