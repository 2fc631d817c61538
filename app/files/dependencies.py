"""How the file services are built."""

from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncSession

from app.analyses.dependencies import build_analyses
from app.core.config import Settings
from app.core.db import ReadSessionDep, SessionDep
from app.core.offload import Offload
from app.core.resources import Resources
from app.core.storage import Storage
from app.files.demo import DemoParts
from app.files.repository import FileRepository
from app.files.service import FileService


def build_files(resources: Resources, session: AsyncSession) -> FileService:
    """Files over a database session."""
    settings: Settings = resources.get(Settings)
    return FileService(
        FileRepository(session),
        build_analyses(resources),
        resources.get(Storage),
        settings.storage,
        f"{settings.server.base_path}/api/v1",
    )


async def file_service(request: Request, session: SessionDep) -> FileService:
    """The service for requests that change files."""
    return build_files(request.state.resources, session)


async def file_reader(request: Request, session: ReadSessionDep) -> FileService:
    """The service for requests that only ask."""
    return build_files(request.state.resources, session)


def demo_parts(resources: Resources, session: AsyncSession) -> DemoParts:
    """The seeder of the demo parts."""
    return DemoParts(FileRepository(session), resources.get(Storage), resources.get(Offload))


FileServiceDep = Annotated[FileService, Depends(file_service)]
FileReaderDep = Annotated[FileService, Depends(file_reader)]
