"""The HTTP of profiles."""

from fastapi import APIRouter

from app.auth.dependencies import CurrentUser
from app.auth.errors import EmailTaken, MustChangePassword, UsernameTaken
from app.core.errors import Unauthorized, problems
from app.core.offload import Overloaded
from app.users.dependencies import UserReaderDep, UserServiceDep
from app.users.models import Profile
from app.users.schemas import ProfileCreate, ProfileRead, ProfileUpdate

router = APIRouter(tags=["users"])


@router.post(
    "/register",
    status_code=201,
    response_model=ProfileRead,
    responses=problems(EmailTaken, UsernameTaken, Overloaded),
)
async def register(users: UserServiceDep, draft: ProfileCreate) -> Profile:
    """Make an account with its profile; sign in with `/login` afterwards."""
    return await users.register(draft)


@router.get("/profile", response_model=ProfileRead, responses=problems(Unauthorized, MustChangePassword))
async def read_profile(users: UserReaderDep, user: CurrentUser) -> Profile:
    """Your own profile."""
    return await users.get(user.id)


@router.patch(
    "/profile",
    response_model=ProfileRead,
    responses=problems(Unauthorized, MustChangePassword, UsernameTaken),
)
async def change_profile(users: UserServiceDep, user: CurrentUser, changes: ProfileUpdate) -> Profile:
    """Change your profile: a field left out stays, `null` clears it."""
    return await users.update(user.id, changes)
