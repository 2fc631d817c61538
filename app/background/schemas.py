"""Jobs on the wire, for administrators."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from app.contract.base import STORABLE
from app.core.job_tables import HANDLER_CHARS, KEY_CHARS, JobStatus
from app.core.pagination import ListQuery
from app.core.schemas import Schema


class JobRead(Schema):
    """One thing that one handler has to do, or did."""

    id: UUID
    handler: str
    event: str | None = Field(description="What it answers to; null for what a schedule began.")
    key: str = Field(description="Jobs of one key run one at a time, in the order of publishing.")
    status: JobStatus
    payload: dict[str, Any]
    attempts: int
    run_at: datetime = Field(description="Not before; the next attempt of a job that failed.")
    waits_for: str | None = Field(description="The signal a waiting job waits for.")
    worker: str | None = Field(description="Machine and process that took it last.")
    lease_until: datetime | None
    error: str | None = Field(description="Why the last attempt failed.")
    created_at: datetime
    finished_at: datetime | None


class JobSort(StrEnum):
    """Jobs of the list; a minus means falling."""

    newest = "-created_at"
    oldest = "created_at"


class JobQuery(ListQuery):
    """Which jobs; ``search`` looks into handler, key and error."""

    status: list[JobStatus] = []
    handler: Annotated[str, Field(max_length=HANDLER_CHARS), STORABLE] | None = None
    key: Annotated[str, Field(max_length=KEY_CHARS), STORABLE] | None = None
    sort: JobSort = JobSort.newest
