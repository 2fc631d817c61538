"""How the calculation service is built."""

from typing import Annotated

from fastapi import Depends, Request

from app.analyses.dependencies import AnalysisServiceDep
from app.calculations.client import PricingClient
from app.calculations.service import CalculationService
from app.catalog.dependencies import CatalogueServiceDep
from app.core.config import Settings
from app.core.offload import Offload
from app.files.dependencies import FileReaderDep


async def calculation_service(
    request: Request, catalogue: CatalogueServiceDep, files: FileReaderDep, analyses: AnalysisServiceDep
) -> CalculationService:
    """The service over this process's clients; it only asks the database."""
    resources = request.state.resources
    return CalculationService(
        catalogue,
        files,
        analyses,
        resources.get(PricingClient),
        resources.get(Offload),
        resources.get(Settings),
    )


CalculationServiceDep = Annotated[CalculationService, Depends(calculation_service)]
