"""Background jobs, for administrators."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from app.audit.service import Actor
from app.auth.dependencies import CurrentAdmin
from app.background.dependencies import JobKeeperDep, JobReaderDep
from app.background.errors import JobMissing, JobNotParked
from app.background.schemas import JobQuery, JobRead
from app.core.errors import Forbidden, Unauthorized, problems
from app.core.job_tables import OutboxMessage
from app.core.pagination import Page, Slice

router = APIRouter(prefix="/admin/jobs", tags=["administration"])


@router.get("", response_model=Page[JobRead], responses=problems(Unauthorized, Forbidden))
async def list_jobs(
    jobs: JobReaderDep, _: CurrentAdmin, query: Annotated[JobQuery, Query()]
) -> Slice[OutboxMessage]:
    """Background jobs, newest first; ``?status=dead`` are those that were given up."""
    return await jobs.search(query)


@router.post(
    "/{job_id}/retry",
    response_model=JobRead,
    responses=problems(Unauthorized, Forbidden, JobMissing, JobNotParked),
)
async def retry_job(jobs: JobKeeperDep, admin: CurrentAdmin, job_id: UUID) -> OutboxMessage:
    """Run a job now that was given up, or that rests before its next attempt."""
    return await jobs.retry(Actor.user(admin.id), job_id)


@router.delete(
    "/{job_id}",
    status_code=204,
    responses=problems(Unauthorized, Forbidden, JobMissing, JobNotParked),
)
async def drop_job(jobs: JobKeeperDep, admin: CurrentAdmin, job_id: UUID) -> None:
    """Forget a job that was given up, waits, or is still to be run."""
    await jobs.drop(Actor.user(admin.id), job_id)
