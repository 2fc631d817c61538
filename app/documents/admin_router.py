"""The documents of others, for administrators."""

from typing import Annotated

from fastapi import APIRouter, Query

from app.auth.dependencies import KnownUserId
from app.auth.errors import AccountMissing
from app.core.errors import Forbidden, Unauthorized, problems
from app.core.pagination import Page, Slice
from app.documents.dependencies import DocumentReaderDep
from app.documents.schemas import DocumentQuery, DocumentRead

router = APIRouter(tags=["administration"])


@router.get(
    "/users/{user_id}/documents",
    response_model=Page[DocumentRead],
    responses=problems(Unauthorized, Forbidden, AccountMissing),
)
async def list_documents_of(
    documents: DocumentReaderDep, user_id: KnownUserId, query: Annotated[DocumentQuery, Query()]
) -> Slice[DocumentRead]:
    """The documents of a user, newest first."""
    return await documents.search(user_id, query)
