"""The HTTP of profiles."""

from fastapi import APIRouter, Depends, Response
from fastapi.responses import JSONResponse

from app.auth.dependencies import CurrentUser, LanguageDep
from app.auth.errors import EmailTaken, MustChangePassword, UsernameTaken
from app.auth.schemas import Asked
from app.core.errors import PreconditionFailed, TooManyRequests, Unauthorized, problems
from app.core.limited import PerAddress
from app.core.offload import Overloaded
from app.core.versions import HAS_VERSION, ExpectedVersion, telling_version
from app.users.dependencies import UserReaderDep, UserServiceDep
from app.users.models import Profile
from app.users.schemas import ProfileCreate, ProfileRead, ProfileUpdate

router = APIRouter(tags=["users"])


@router.post(
    "/register",
    status_code=201,
    response_model=ProfileRead,
    responses={
        202: {"model": Asked, "description": "Where addresses are confirmed: look into your mail."},
        **problems(EmailTaken, UsernameTaken, TooManyRequests, Overloaded),
    },
    dependencies=[Depends(PerAddress("registration"))],
)
async def register(
    users: UserServiceDep, draft: ProfileCreate, language: LanguageDep
) -> Profile | JSONResponse:
    """Make an account with its profile; sign in with `/login` afterwards.

    Where e-mail addresses must be confirmed the answer is 202 with the same body whether there was such an
    account or not; a letter tells, also when the user name belongs to somebody else and was left out.
    """
    profile = await users.register(draft, language)
    if profile is None:
        return JSONResponse(Asked.of(language).model_dump(), status_code=202)
    return profile


@router.get(
    "/profile",
    response_model=ProfileRead,
    responses={**HAS_VERSION, **problems(Unauthorized, MustChangePassword)},
)
async def read_profile(users: UserReaderDep, user: CurrentUser, response: Response) -> Profile:
    """Your own profile."""
    return telling_version(response, await users.get(user.id))


@router.patch(
    "/profile",
    response_model=ProfileRead,
    responses={
        **HAS_VERSION,
        **problems(Unauthorized, MustChangePassword, UsernameTaken, PreconditionFailed, TooManyRequests),
    },
)
async def change_profile(
    users: UserServiceDep,
    user: CurrentUser,
    changes: ProfileUpdate,
    expected: ExpectedVersion,
    response: Response,
) -> Profile:
    """Change your profile: a field left out stays, `null` clears it."""
    changed = await users.change_own(user, changes.model_dump(exclude_unset=True), expected)
    return telling_version(response, changed)
