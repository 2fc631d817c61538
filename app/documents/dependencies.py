"""How the document services are built, and documents as they arrive."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request
from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from app.auth.dependencies import CurrentUser
from app.contents.dependencies import build_contents
from app.core.body import FORM_DATA, invalid, may_be_json, media_type, parse_json
from app.core.config import ScannerSection, Settings
from app.core.db import ReadSessionDep, SessionDep
from app.core.download_links import DownloadLinks
from app.core.offload import Offload
from app.core.outbox import build_outbox
from app.core.quotas import Used, build_quotas
from app.core.resources import Resources
from app.core.signed_links import SignedLinks
from app.core.storage import Storage
from app.documents.client import ScannerClient
from app.documents.repository import DocumentRepository
from app.documents.schemas import DocumentFields, DocumentUpload
from app.documents.service import DocumentService, IncomingDocument
from app.files.errors import UnknownKindOfUpload
from app.files.incoming import MultipartFile, decoded, in_pieces


def build_documents(resources: Resources, session: AsyncSession) -> DocumentService:
    """Documents over a database session."""
    settings: Settings = resources.get(Settings)
    return DocumentService(
        DocumentRepository(session),
        build_contents(resources, session),
        build_quotas(resources, session),
        settings.storage,
        DownloadLinks(resources.get(SignedLinks), resources.get(Storage)),
        build_outbox(resources, session),
        scanner_of(settings.scanner),
    )


def scanner_of(settings: ScannerSection) -> ScannerClient | None:
    """The scanner of the settings, if one is set up."""
    return ScannerClient(settings.address, settings.seconds) if settings.address else None


async def count_documents(session: AsyncSession, owner_id: UUID) -> Used:
    """What an owner has in documents; a counter of `Usage`."""
    return await DocumentRepository(session).usage(owner_id)


async def erase_documents(resources: Resources, session: AsyncSession, owner_id: UUID) -> None:
    """Delete all documents of an owner; a step of `Erasure`."""
    await build_documents(resources, session).erase(owner_id)


async def document_service(request: Request, session: SessionDep) -> DocumentService:
    """The service for requests that change documents."""
    return build_documents(request.state.resources, session)


async def document_reader(request: Request, session: ReadSessionDep) -> DocumentService:
    """The service for requests that only ask."""
    return build_documents(request.state.resources, session)


async def arriving(request: Request, _: CurrentUser) -> IncomingDocument:
    """The document somebody signed in sends: a multipart field, streamed, or base64 inside JSON."""
    kind = media_type(request.headers)
    if kind == FORM_DATA:
        form = MultipartFile(request.headers["content-type"], request.stream())
        return IncomingDocument(await form.opened(), form.chunks(), lambda: _category(form))
    if not may_be_json(kind):
        raise UnknownKindOfUpload
    resources: Resources = request.state.resources
    limit_bytes = resources.get(Settings).storage.max_base64_bytes
    body = await parse_json(request, DocumentUpload)
    content = await decoded("file_data", body.file_data, limit_bytes, resources.get(Offload))
    return IncomingDocument(body.file_name, in_pieces(content), lambda: body.category, limit_bytes)


def _category(form: MultipartFile) -> str | None:
    """The category a form names; an empty field is none."""
    said = {name: value for name, value in form.fields.items() if value.strip()}
    try:
        return DocumentFields.model_validate(said).category
    except ValidationError as error:
        raise invalid(error) from None


DocumentServiceDep = Annotated[DocumentService, Depends(document_service)]
DocumentReaderDep = Annotated[DocumentService, Depends(document_reader)]
ArrivingDep = Annotated[IncomingDocument, Depends(arriving)]
