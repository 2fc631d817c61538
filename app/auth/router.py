"""The HTTP of signing in."""

from fastapi import APIRouter, Depends, Response

from app.auth.dependencies import (
    AuthServiceDep,
    BearerToken,
    CallerDep,
    CredentialsDep,
    RefreshCookieDep,
    RefreshToken,
    SessionServiceDep,
    SignedInUser,
    own_page,
)
from app.auth.errors import ForeignOrigin, LoginRefused, RefreshReused, WrongPassword
from app.auth.schemas import Login, PasswordChange, PasswordForm, TokenRead
from app.auth.sessions import Access, SignedIn
from app.core.body import request_bodies
from app.core.errors import Unauthorized, problems
from app.core.offload import Overloaded

router = APIRouter(tags=["auth"])


@router.post(
    "/login",
    response_model=TokenRead,
    responses=problems(LoginRefused, ForeignOrigin, Overloaded),
    openapi_extra=request_bodies(application__json=Login, application__x_www_form_urlencoded=PasswordForm),
    dependencies=[Depends(own_page)],
)
async def login(
    auth: AuthServiceDep,
    credentials: CredentialsDep,
    caller: CallerDep,
    cookie: RefreshCookieDep,
    response: Response,
) -> SignedIn:
    """Open a session: an access token in the answer, the refresh token in a cookie scripts cannot read."""
    signed_in = await auth.login(credentials, caller)
    cookie.put(response, signed_in.refresh_token, signed_in.refresh_seconds)
    return signed_in


@router.post(
    "/refresh",
    response_model=TokenRead,
    responses=problems(Unauthorized, RefreshReused, ForeignOrigin),
    dependencies=[Depends(own_page)],
)
async def refresh(
    sessions: SessionServiceDep,
    caller: CallerDep,
    cookie: RefreshCookieDep,
    response: Response,
    refresh_token: RefreshToken = None,
) -> SignedIn:
    """The next access token for the cookie, which is replaced; a token used twice ends the session."""
    signed_in = await sessions.refresh(refresh_token, caller)
    cookie.put(response, signed_in.refresh_token, signed_in.refresh_seconds)
    return signed_in


@router.post(
    "/logout",
    status_code=204,
    responses=problems(Unauthorized, ForeignOrigin),
    dependencies=[Depends(own_page)],
)
async def logout(
    sessions: SessionServiceDep,
    cookie: RefreshCookieDep,
    access_token: BearerToken,
    response: Response,
    refresh_token: RefreshToken = None,
) -> None:
    """End the session of the cookie and that of the access token."""
    await sessions.logout(refresh_token, access_token)
    cookie.clear(response)


@router.post(
    "/password/change",
    response_model=TokenRead,
    responses=problems(Unauthorized, WrongPassword, Overloaded),
)
async def change_password(auth: AuthServiceDep, user: SignedInUser, change: PasswordChange) -> Access:
    """Set a new password: every other session ends, this one goes on with the token in the answer."""
    return await auth.change_password(user, change)
