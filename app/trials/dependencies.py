"""How the dry-run is built."""

from typing import Annotated

from fastapi import Depends, Request

from app.analyses.dependencies import build_analyses
from app.auth.dependencies import CurrentAdmin
from app.calculations.dependencies import build_calculations
from app.catalog.dependencies import build_catalogue, build_version_reader
from app.core.db import ReadSessionDep
from app.orders.dependencies import OrderReaderDep
from app.trials.service import TrialService


async def trial_service(
    request: Request,
    _: CurrentAdmin,
    orders: OrderReaderDep,
    session: ReadSessionDep,
) -> TrialService:
    """The service for a request, which only asks."""
    resources = request.state.resources
    return TrialService(
        orders,
        build_analyses(resources),
        build_version_reader(session),
        build_catalogue(resources),
        build_calculations(resources, session),
    )


TrialServiceDep = Annotated[TrialService, Depends(trial_service)]
