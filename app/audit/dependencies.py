"""How the audit log is built."""

from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncSession

from app.audit.repository import AuditRepository
from app.audit.service import AuditLog, Origin
from app.core.caller import caller_of
from app.core.config import Settings
from app.core.db import ReadSessionDep, SessionDep
from app.core.handlers import request_id_of


def audit_log(session: AsyncSession, origin: Origin | None = None) -> AuditLog:
    """The log over a database session; without an origin for jobs and commands."""
    return AuditLog(AuditRepository(session), origin or Origin())


def origin_of(request: Request) -> Origin:
    """Where this request comes from."""
    settings: Settings = request.state.resources.get(Settings)
    address = caller_of(request, settings.server.trusted_proxies).address
    return Origin(address, request_id_of(request.scope))


async def audit_for_request(request: Request, session: SessionDep) -> AuditLog:
    """The log, within the transaction of the request."""
    return audit_log(session, origin_of(request))


async def audit_reader(session: ReadSessionDep) -> AuditLog:
    """The log for requests that only ask."""
    return audit_log(session)


AuditLogDep = Annotated[AuditLog, Depends(audit_for_request)]
AuditReaderDep = Annotated[AuditLog, Depends(audit_reader)]
