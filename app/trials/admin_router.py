"""Dry-runs, for administrators."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from app.catalog.errors import CatalogInvalid, VersionMissing
from app.core.errors import Forbidden, Unauthorized, problems
from app.core.http import upstream_errors
from app.trials.dependencies import TrialServiceDep
from app.trials.schemas import TrialQuery, TrialRead

router = APIRouter(prefix="/admin/catalog/versions", tags=["administration"])


@router.post(
    "/{version_id}/dry-run",
    responses=problems(
        Unauthorized, Forbidden, VersionMissing, CatalogInvalid, *upstream_errors("calculator")
    ),
)
async def try_version(
    trials: TrialServiceDep, version_id: UUID, query: Annotated[TrialQuery, Query()]
) -> TrialRead:
    """What the newest orders would cost by this version; nothing is changed."""
    return await trials.run(version_id, query.limit)
