"""How the file services are built."""

from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncSession

from app.analyses.dependencies import AnalysisServiceDep
from app.analyses.service import AnalysisService
from app.core.config import Settings
from app.core.db import ReadSessionDep, SessionDep
from app.core.offload import Offload
from app.core.resources import Resources
from app.core.storage import Storage
from app.files.demo import DemoParts
from app.files.repository import FileRepository
from app.files.service import FileService


def _build(request: Request, session: AsyncSession, analyses: AnalysisService) -> FileService:
    resources = request.state.resources
    settings: Settings = resources.get(Settings)
    return FileService(
        FileRepository(session),
        analyses,
        resources.get(Storage),
        settings.storage,
        f"{settings.server.base_path}/api/v1",
    )


async def file_service(request: Request, session: SessionDep, analyses: AnalysisServiceDep) -> FileService:
    """The service for requests that change files."""
    return _build(request, session, analyses)


async def file_reader(request: Request, session: ReadSessionDep, analyses: AnalysisServiceDep) -> FileService:
    """The service for requests that only ask."""
    return _build(request, session, analyses)


def demo_parts(resources: Resources, session: AsyncSession) -> DemoParts:
    """The seeder of the demo parts."""
    return DemoParts(FileRepository(session), resources.get(Storage), resources.get(Offload))


FileServiceDep = Annotated[FileService, Depends(file_service)]
FileReaderDep = Annotated[FileService, Depends(file_reader)]
