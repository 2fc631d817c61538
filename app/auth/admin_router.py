"""What administrators are told about everybody's acts."""

from typing import Annotated

from fastapi import APIRouter, Query

from app.audit.dependencies import AuditReaderDep
from app.audit.models import AuditRecord
from app.audit.schemas import AuditQuery, AuditRead
from app.auth.dependencies import CurrentAdmin
from app.core.errors import Forbidden, Unauthorized, problems
from app.core.pagination import Page, Slice

router = APIRouter(prefix="/admin", tags=["administration"])


@router.get("/audit", response_model=Page[AuditRead], responses=problems(Unauthorized, Forbidden))
async def list_acts(
    audit: AuditReaderDep, _: CurrentAdmin, query: Annotated[AuditQuery, Query()]
) -> Slice[AuditRecord]:
    """Privileged acts, newest first: who did what to which object, from where."""
    return await audit.search(query)
