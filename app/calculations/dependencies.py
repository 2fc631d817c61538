"""How the calculation service is built."""

from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncSession

from app.analyses.dependencies import build_analyses
from app.calculations.client import PricingClient
from app.calculations.service import CalculationService
from app.catalog.dependencies import build_catalogue
from app.core.config import Settings
from app.core.db import ReadSessionDep
from app.core.offload import Offload
from app.core.resources import Resources
from app.files.dependencies import build_files


def build_calculations(resources: Resources, session: AsyncSession) -> CalculationService:
    """The service over a process's clients; ``session`` is only asked."""
    return CalculationService(
        build_catalogue(resources),
        build_files(resources, session),
        build_analyses(resources),
        resources.get(PricingClient),
        resources.get(Offload),
        resources.get(Settings),
    )


async def calculation_service(request: Request, session: ReadSessionDep) -> CalculationService:
    """The service for a request."""
    return build_calculations(request.state.resources, session)


CalculationServiceDep = Annotated[CalculationService, Depends(calculation_service)]
