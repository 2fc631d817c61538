"""The base of everything on the wire."""

from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict


def _no_nul(value: str) -> str:
    if "\x00" in value:
        raise ValueError("must not contain NUL characters")
    return value


def _strip(value: Any) -> Any:  # noqa: ANN401 - runs before validation
    return value.strip() if isinstance(value, str) else value


PlainText = Annotated[str, AfterValidator(_no_nul)]
"""Text a database can hold: PostgreSQL refuses NUL."""

Trimmed = Annotated[str, BeforeValidator(_strip), AfterValidator(_no_nul)]
"""Text without blanks around it."""


class Schema(BaseModel):
    """Closed against unknown fields, readable from attributes of a row."""

    model_config = ConfigDict(from_attributes=True, extra="forbid")
