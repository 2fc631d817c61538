"""How the calculation service is built."""

from typing import Annotated

from fastapi import Depends, Query, Request
from sqlalchemy.ext.asyncio import AsyncSession

from app.analyses.dependencies import build_analyses
from app.auth.dependencies import OptionalUser
from app.auth.keys_dependencies import OptionalKey
from app.auth.models import KeyScope
from app.calculations.client import PricingClient
from app.calculations.schemas import View
from app.calculations.service import CalculationService
from app.catalog.dependencies import build_catalogue
from app.core.config import Settings
from app.core.db import ReadSessionDep
from app.core.errors import Forbidden, Unauthorized
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


async def permitted_view(
    user: OptionalUser,
    key: OptionalKey,
    view: Annotated[
        View, Query(description="`cost` shows rates, purchase prices and profit.")
    ] = View.customer,
) -> View:
    """The wished view of a price; the one with the costs is for administrators and their programs."""
    if view is View.customer or (key is not None and KeyScope.catalog_read in key.scopes):
        return view
    if user is None and key is None:
        raise Unauthorized
    if user is None or not user.is_admin:
        raise Forbidden
    return view


ViewDep = Annotated[View, Depends(permitted_view)]
CalculationServiceDep = Annotated[CalculationService, Depends(calculation_service)]
