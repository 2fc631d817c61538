"""How the service is built."""

from typing import Annotated

from fastapi import Depends, Request

from app.auth.dependencies import AuthServiceDep, auth_service
from app.core.db import ReadSessionDep, SessionDep
from app.users.repository import ProfileRepository
from app.users.service import UserService


async def user_service(session: SessionDep, auth: AuthServiceDep) -> UserService:
    """Profiles, within the transaction of the request."""
    return UserService(ProfileRepository(session), auth)


async def user_reader(request: Request, session: ReadSessionDep) -> UserService:
    """Profiles for requests that only ask."""
    return UserService(ProfileRepository(session), auth_service(request.state.resources, session))


UserServiceDep = Annotated[UserService, Depends(user_service)]
UserReaderDep = Annotated[UserService, Depends(user_reader)]
