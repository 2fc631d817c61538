"""How the service is built."""

from functools import partial
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncSession

from app.audit.dependencies import audit_log, origin_of
from app.auth.dependencies import AuthServiceDep, account_service, auth_service
from app.auth.service import AuthService
from app.core.config import Settings
from app.core.db import ReadSessionDep, SessionDep
from app.core.erasure import Erasure
from app.core.resources import Resources
from app.users.administration import UserAdministration
from app.users.repository import ProfileRepository, UserDirectory
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


def build_administration(request: Request, session: AsyncSession) -> UserAdministration:
    """All users over a database session."""
    resources: Resources = request.state.resources
    auth = auth_service(resources, session)
    return UserAdministration(
        UserDirectory(session),
        ProfileRepository(session),
        build_users(resources, session, auth),
        auth,
        account_service(resources, session),
        audit_log(session, origin_of(request)),
        partial(resources.get(Erasure).erase, resources, session),
    )


async def administration(request: Request, session: SessionDep) -> UserAdministration:
    """All users, within the transaction of the request."""
    return build_administration(request, session)


async def administration_reader(request: Request, session: ReadSessionDep) -> UserAdministration:
    """All users for requests that only ask."""
    return build_administration(request, session)


AdministrationDep = Annotated[UserAdministration, Depends(administration)]
AdministrationReaderDep = Annotated[UserAdministration, Depends(administration_reader)]
UserServiceDep = Annotated[UserService, Depends(user_service)]
UserReaderDep = Annotated[UserService, Depends(user_reader)]
