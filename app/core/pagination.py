"""Lists of rows: how they are asked for and how they answer."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Generic, TypeVar
from uuid import UUID

from pydantic import ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from app.contract.base import STORABLE
from app.core.schemas import STRIPPED, Schema

T = TypeVar("T")
S = TypeVar("S")

MAX_DEPTH = 10_000
"""Up to here a page can be named by its number and totals are exact; beyond, cursors go on."""


class ListQuery(Schema):
    """What every list understands; each list adds its filters and its ``sort``."""

    page: Annotated[int, Field(ge=1)] = 1
    limit: Annotated[int, Field(ge=1, le=100)] = 20
    search: Annotated[str, STRIPPED, Field(max_length=100), STORABLE] | None = None
    after: UUID | None = Field(None, description="Go on after the row with this id (the last one received).")

    @model_validator(mode="after")
    def _not_too_deep(self) -> "ListQuery":
        if self.page * self.limit > MAX_DEPTH:
            raise PydanticCustomError(
                "page-too-deep", "pages end at row 10000; go on with after=<id of the last row received>"
            )
        if self.after is not None and self.page > 1:
            raise PydanticCustomError("after-with-page", "after goes on by itself; leave page out")
        return self


@dataclass(frozen=True)
class Slice(Generic[T]):
    """One page of rows as the repository found it."""

    items: Sequence[T]
    total: int
    total_is_capped: bool
    page: int
    limit: int

    def map(self, shown: Callable[[T], S]) -> "Slice[S]":
        """The same page of rows as they are to be shown."""
        items = [shown(item) for item in self.items]
        return Slice(items, self.total, self.total_is_capped, self.page, self.limit)


class Page(Schema, Generic[T]):
    """One page of rows; ``total`` is exact unless ``total_is_capped``."""

    model_config = ConfigDict(from_attributes=True, extra="forbid")

    items: list[T]
    total: int
    total_is_capped: bool
    page: int
    limit: int
