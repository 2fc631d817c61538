"""How the services of measuring and drawing files are built."""

from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncSession

from app.analyses.dependencies import build_analyses, build_pictures
from app.audit.dependencies import AuditLogDep
from app.contents.dependencies import build_contents
from app.core.db import Database, ReadSessionDep, SessionDep
from app.core.jobs import Registry
from app.core.outbox import build_outbox
from app.core.quotas import build_quotas
from app.core.resources import Resources
from app.files.dependencies import build_files
from app.files.pictures import FilePictures, Redrawing
from app.files.preparing import Preparation
from app.files.repository import FileRepository


def build_preparation(resources: Resources, session: AsyncSession) -> Preparation:
    """Preparation over a database session."""
    return Preparation(
        FileRepository(session),
        build_contents(resources, session),
        build_analyses(resources),
        build_pictures(resources),
        build_quotas(resources, session),
        build_outbox(resources, session),
    )


async def file_pictures(request: Request, session: ReadSessionDep) -> FilePictures:
    """Pictures for requests that look."""
    resources: Resources = request.state.resources
    return FilePictures(
        build_files(resources, session),
        build_pictures(resources),
        resources.get(Database),
        resources.get(Registry),
    )


async def redrawing(request: Request, session: SessionDep, audit: AuditLogDep) -> Redrawing:
    """Drawing anew, within the transaction of the request."""
    resources: Resources = request.state.resources
    return Redrawing(
        FileRepository(session), build_pictures(resources), build_outbox(resources, session), audit
    )


FilePicturesDep = Annotated[FilePictures, Depends(file_pictures)]
RedrawingDep = Annotated[Redrawing, Depends(redrawing)]
