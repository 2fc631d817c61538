"""The catalogue on the wire: never paged, always with its version."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Generic, TypeVar
from uuid import UUID

from pydantic import Field

from app.catalog.models import NOTE_CHARS, VersionOrigin, VersionStatus
from app.contract.base import STORABLE, Bounded
from app.contract.catalog import CatalogMachine, LocationOf, MaterialOf, OptionOf, ProcessOf, ServiceOf
from app.contract.catalog_rows import CatalogChanges, CatalogRow
from app.core.pagination import ListQuery
from app.core.schemas import STRIPPED, Schema

T = TypeVar("T")


class CatalogList(Schema, Generic[T]):
    """All rows of one kind."""

    items: list[T]
    catalog_version: str


class Coefficients(Schema):
    """What can be chosen besides material and process."""

    tolerances: list[OptionOf[str]]
    finishes: list[OptionOf[str]]
    covers: list[OptionOf[str]]
    controls: list[OptionOf[str]]
    certificates: list[OptionOf[str]]
    catalog_version: str


ServiceList = CatalogList[ServiceOf[str]]
MaterialList = CatalogList[MaterialOf[str]]
LocationList = CatalogList[LocationOf[str]]
MachineList = CatalogList[CatalogMachine]
ProcessList = CatalogList[ProcessOf[str]]


class VersionSort(StrEnum):
    """Versions of the list; a minus means falling."""

    newest = "-number"
    oldest = "number"


class VersionQuery(ListQuery):
    """Which versions; ``search`` looks into the notes."""

    status: list[VersionStatus] = []
    sort: VersionSort = VersionSort.newest


class VersionCreate(CatalogChanges, Bounded):
    """Changes to the published version, and why."""

    note: Annotated[str, STRIPPED, Field(max_length=NOTE_CHARS), STORABLE] = ""


class VersionRow(Schema):
    """A version without its rows."""

    id: UUID
    number: int
    version: str = Field(description="SHA-256 of all rows; prices name it as `catalog_version`.")
    status: VersionStatus
    origin: VersionOrigin
    parent_id: UUID | None = Field(description="The version it was proposed on top of.")
    note: str
    created_at: datetime
    created_by: UUID | None = Field(description="Who proposed it; null for the service itself.")
    published_at: datetime | None
    published_by: UUID | None


class RowChange(Schema):
    """A row that is different; null before: it is new, null after: it is gone, else the differing fields."""

    table: str
    key: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None


class VersionRead(VersionRow):
    """A version with all its rows, rates included, and what it changes of its parent."""

    rows: list[CatalogRow]
    changes: list[RowChange]
