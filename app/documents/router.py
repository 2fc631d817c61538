"""The HTTP of documents."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response
from fastapi.responses import StreamingResponse

from app.auth.dependencies import CurrentUser, OptionalUser
from app.auth.limits import everybody, strangers
from app.contents.errors import FileTooLarge
from app.core.body import request_bodies
from app.core.delivery import WantedDep, deliver, delivered
from app.core.errors import StorageFull, TooManyRequests, Unauthorized, problems
from app.core.locale import Language, client_language
from app.core.pagination import Page, Slice
from app.core.quotas import QuotaExceeded
from app.core.signed_links import HoldsLink, LinkRefused
from app.core.storage import BlobMissing, StorageUnavailable
from app.documents.dependencies import ArrivingDep, DocumentReaderDep, DocumentServiceDep
from app.documents.errors import (
    ContentMismatch,
    DocumentInUse,
    DocumentMissing,
    DocumentPending,
    DocumentRefused,
    EmptyDocument,
    FormatNotTaken,
)
from app.documents.schemas import DocumentQuery, DocumentRead, DocumentUpload, FormatList, formats_in

router = APIRouter(prefix="/documents", tags=["documents"])

MULTIPART = {
    "type": "object",
    "required": ["file"],
    "properties": {
        "file": {"type": "string", "format": "binary"},
        "category": {"type": "string", "maxLength": 64},
    },
}


@router.post(
    "",
    status_code=201,
    responses=problems(
        Unauthorized,
        QuotaExceeded,
        EmptyDocument,
        FormatNotTaken,
        ContentMismatch,
        FileTooLarge,
        StorageFull,
        StorageUnavailable,
    ),
    openapi_extra=request_bodies(multipart__form_data=MULTIPART, application__json=DocumentUpload),
)
async def upload_document(
    arriving: ArrivingDep, documents: DocumentServiceDep, user: CurrentUser
) -> DocumentRead:
    """Store a document: streamed as multipart, or as base64 inside JSON up to 20 MB."""
    return await documents.store(user.id, arriving)


@router.get("", response_model=Page[DocumentRead], responses=problems(Unauthorized))
async def list_documents(
    documents: DocumentReaderDep, user: CurrentUser, query: Annotated[DocumentQuery, Query()]
) -> Slice[DocumentRead]:
    """Your documents, newest first."""
    return await documents.search(user.id, query)


@router.get("/formats", responses=problems(TooManyRequests), dependencies=[Depends(everybody)])
async def list_formats(language: Annotated[Language, Depends(client_language)]) -> FormatList:
    """Which documents are taken, by the ends of their names."""
    return formats_in(language)


@router.get("/{document_id}", responses=problems(Unauthorized, DocumentMissing))
async def get_document(documents: DocumentReaderDep, user: CurrentUser, document_id: UUID) -> DocumentRead:
    """One document."""
    return await documents.get(user.id, document_id)


@router.get(
    "/{document_id}/download",
    response_class=StreamingResponse,
    responses=delivered(
        Unauthorized,
        LinkRefused,
        DocumentRefused,
        DocumentMissing,
        BlobMissing,
        DocumentPending,
        TooManyRequests,
        StorageUnavailable,
    ),
    dependencies=[Depends(strangers)],
)
async def download_document(
    documents: DocumentReaderDep,
    user: OptionalUser,
    has_link: HoldsLink,
    document_id: UUID,
    asked: WantedDep,
) -> Response:
    """The bytes as they came, never to be shown by the browser; the link in the row works without a login."""
    found = await documents.download(user.id if user else None, document_id, has_link=has_link)
    return await deliver(found, asked)


@router.delete(
    "/{document_id}", status_code=204, responses=problems(Unauthorized, DocumentMissing, DocumentInUse)
)
async def delete_document(documents: DocumentServiceDep, user: CurrentUser, document_id: UUID) -> Response:
    """Delete an own document; its bytes go when nobody else has them."""
    await documents.remove(user.id, document_id)
    return Response(status_code=204)
