"""How the services of facts and pictures are built."""

from app.analyses.client import GeometryClient
from app.analyses.leases import Leases
from app.analyses.pictures import PictureService
from app.analyses.pictures_client import PicturesClient
from app.analyses.pictures_repository import PictureRepository
from app.analyses.repository import AnalysisRepository
from app.analyses.running import Running
from app.analyses.service import AnalysisService
from app.core.db import Database
from app.core.resources import Resources
from app.core.storage import Storage


def build_analyses(resources: Resources) -> AnalysisService:
    """Facts over a process's clients."""
    database = resources.get(Database)
    return AnalysisService(
        AnalysisRepository(database),
        resources.get(GeometryClient),
        Leases(database),
        resources.get(Running),
    )


def build_pictures(resources: Resources) -> PictureService:
    """Pictures over a process's clients."""
    database = resources.get(Database)
    return PictureService(
        PictureRepository(database),
        resources.get(PicturesClient),
        resources.get(Storage),
        Leases(database),
        resources.get(Running),
    )
