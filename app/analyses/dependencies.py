"""How the analysis service is built."""

from typing import Annotated

from fastapi import Depends, Request

from app.analyses.client import GeometryClient
from app.analyses.repository import AnalysisRepository
from app.analyses.service import AnalysisService
from app.core.db import Database
from app.core.resources import Resources


async def analysis_service(request: Request) -> AnalysisService:
    """The service over this process's clients."""
    resources: Resources = request.state.resources
    return AnalysisService(AnalysisRepository(resources.get(Database)), resources.get(GeometryClient))


AnalysisServiceDep = Annotated[AnalysisService, Depends(analysis_service)]
