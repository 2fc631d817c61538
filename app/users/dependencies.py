"""How the service is built."""

from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncSession

from app.auth.dependencies import AuthServiceDep, auth_service
from app.auth.service import AuthService
from app.core.config import Settings
from app.core.db import ReadSessionDep, SessionDep
from app.core.resources import Resources
from app.users.repository import ProfileRepository
from app.users.service import UserService


def build_users(resources: Resources, session: AsyncSession, auth: AuthService) -> UserService:
    """Profiles over a database session."""
    settings: Settings = resources.get(Settings)
    return UserService(ProfileRepository(session), auth, settings.server.phone_region)


async def user_service(request: Request, session: SessionDep, auth: AuthServiceDep) -> UserService:
    """Profiles, within the transaction of the request."""
    return build_users(request.state.resources, session, auth)


async def user_reader(request: Request, session: ReadSessionDep) -> UserService:
    """Profiles for requests that only ask."""
    resources = request.state.resources
    return build_users(resources, session, auth_service(resources, session))


UserServiceDep = Annotated[UserService, Depends(user_service)]
UserReaderDep = Annotated[UserService, Depends(user_reader)]
