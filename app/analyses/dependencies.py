"""How the analysis service is built."""

from app.analyses.client import GeometryClient
from app.analyses.repository import AnalysisRepository
from app.analyses.service import AnalysisService
from app.core.db import Database
from app.core.resources import Resources


def build_analyses(resources: Resources) -> AnalysisService:
    """The service over a process's clients."""
    return AnalysisService(AnalysisRepository(resources.get(Database)), resources.get(GeometryClient))
