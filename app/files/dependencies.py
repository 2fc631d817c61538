"""How the file services are built."""

from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncSession

from app.analyses.dependencies import AnalysisServiceDep
from app.analyses.service import AnalysisService
from app.core.config import Settings
from app.core.db import ReadSessionDep, SessionDep
from app.core.storage import Storage
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


FileServiceDep = Annotated[FileService, Depends(file_service)]
FileReaderDep = Annotated[FileService, Depends(file_reader)]
