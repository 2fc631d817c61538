"""The files of others, for administrators."""

from typing import Annotated

from fastapi import APIRouter, Query

from app.auth.dependencies import KnownUserId
from app.auth.errors import AccountMissing
from app.core.errors import Forbidden, Unauthorized, problems
from app.core.pagination import Page, Slice
from app.files.dependencies import FileReaderDep
from app.files.schemas import FileQuery, FileRead

router = APIRouter(tags=["administration"])


@router.get(
    "/users/{user_id}/files",
    response_model=Page[FileRead],
    responses=problems(Unauthorized, Forbidden, AccountMissing),
)
async def list_files_of(
    files: FileReaderDep, user_id: KnownUserId, query: Annotated[FileQuery, Query()]
) -> Slice[FileRead]:
    """The files of a user, newest first."""
    return await files.search(user_id, query)
