"""The HTTP of administering users."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from app.auth.dependencies import CurrentAdmin
from app.auth.errors import (
    AccountMissing,
    EmailTaken,
    LastAdministrator,
    NotDeleted,
    OwnAccount,
    UsernameTaken,
)
from app.core.errors import Forbidden, PreconditionFailed, Unauthorized, problems
from app.core.offload import Overloaded
from app.core.pagination import Page, Slice
from app.core.versions import HAS_VERSION, ExpectedVersion, telling_version
from app.users.admin_schemas import UserChanges, UserCreated, UserDraft, UserQuery, UserRead
from app.users.dependencies import AdministrationDep, AdministrationReaderDep
from app.users.models import Profile

router = APIRouter(prefix="/users", tags=["administration"])
ADMINISTRATORS = (Unauthorized, Forbidden)


@router.get("", response_model=Page[UserRead], responses=problems(*ADMINISTRATORS))
async def list_users(
    users: AdministrationReaderDep, _: CurrentAdmin, query: Annotated[UserQuery, Query()]
) -> Slice[Profile]:
    """All users, newest first."""
    return await users.search(query)


@router.post(
    "",
    status_code=201,
    responses=problems(*ADMINISTRATORS, EmailTaken, UsernameTaken, Overloaded),
)
async def create_user(users: AdministrationDep, admin: CurrentAdmin, draft: UserDraft) -> UserCreated:
    """A new user, who has to change the password at the first login."""
    return await users.create(admin, draft)


@router.get(
    "/{user_id}",
    response_model=UserRead,
    responses={**HAS_VERSION, **problems(*ADMINISTRATORS, AccountMissing)},
)
async def get_user(
    users: AdministrationReaderDep, _: CurrentAdmin, user_id: UUID, response: Response
) -> Profile:
    """One user, also a blocked or deleted one."""
    return telling_version(response, await users.get(user_id))


@router.patch(
    "/{user_id}",
    response_model=UserRead,
    responses={
        **HAS_VERSION,
        **problems(
            *ADMINISTRATORS,
            AccountMissing,
            EmailTaken,
            UsernameTaken,
            OwnAccount,
            LastAdministrator,
            PreconditionFailed,
            Overloaded,
        ),
    },
)
async def change_user(
    users: AdministrationDep,
    admin: CurrentAdmin,
    user_id: UUID,
    changes: UserChanges,
    expected: ExpectedVersion,
    response: Response,
) -> Profile:
    """Change, block or let in again; what narrows rights holds from the user's next request on."""
    return telling_version(response, await users.change(admin, user_id, changes, expected))


@router.delete(
    "/{user_id}",
    status_code=204,
    responses=problems(*ADMINISTRATORS, AccountMissing, OwnAccount, LastAdministrator, PreconditionFailed),
)
async def delete_user(
    users: AdministrationDep, admin: CurrentAdmin, user_id: UUID, expected: ExpectedVersion
) -> Response:
    """Take a user out of use; everything of his stays."""
    await users.delete(admin, user_id, expected)
    return Response(status_code=204)


@router.post(
    "/{user_id}/restore",
    response_model=UserRead,
    responses={**HAS_VERSION, **problems(*ADMINISTRATORS, AccountMissing)},
)
async def restore_user(
    users: AdministrationDep, admin: CurrentAdmin, user_id: UUID, response: Response
) -> Profile:
    """Let a deleted or blocked user in again."""
    return telling_version(response, await users.restore(admin, user_id))


@router.delete(
    "/{user_id}/hard",
    status_code=204,
    responses=problems(*ADMINISTRATORS, AccountMissing, NotDeleted, PreconditionFailed),
)
async def erase_user(
    users: AdministrationDep, admin: CurrentAdmin, user_id: UUID, expected: ExpectedVersion
) -> Response:
    """Remove a deleted user for good with his files, orders, keys and sessions; the audit log stays."""
    await users.erase(admin, user_id, expected)
    return Response(status_code=204)
