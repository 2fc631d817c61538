"""How the services are built that look after jobs."""

from typing import Annotated

from fastapi import Depends
from sqlalchemy.ext.asyncio import AsyncSession

from app.audit.dependencies import AuditLogDep
from app.audit.service import AuditLog
from app.background.repository import JobRepository
from app.background.service import JobKeeper, JobReader
from app.core.db import ReadSessionDep, SessionDep


def build_keeper(session: AsyncSession, audit: AuditLog) -> JobKeeper:
    """The keeper over a database session."""
    return JobKeeper(JobRepository(session), audit)


def build_reader(session: AsyncSession) -> JobReader:
    """The reader over a database session."""
    return JobReader(JobRepository(session))


async def keeper_for_request(session: SessionDep, audit: AuditLogDep) -> JobKeeper:
    """The keeper, within the transaction of the request."""
    return build_keeper(session, audit)


async def reader_for_request(session: ReadSessionDep) -> JobReader:
    """The reader for requests that only ask."""
    return build_reader(session)


JobKeeperDep = Annotated[JobKeeper, Depends(keeper_for_request)]
JobReaderDep = Annotated[JobReader, Depends(reader_for_request)]
