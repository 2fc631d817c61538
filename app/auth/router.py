"""The HTTP of signing in."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from app.auth.dependencies import (
    OPEN_TO_GUESTS,
    AuthServiceDep,
    BearerToken,
    CallerDep,
    CredentialsDep,
    CurrentUser,
    LanguageDep,
    LetterDeskDep,
    LinkServiceDep,
    RefreshCookieDep,
    RefreshToken,
    SessionReaderDep,
    SessionServiceDep,
    SignedInUser,
    own_page,
)
from app.auth.errors import (
    EmailNotConfirmed,
    ForeignOrigin,
    LinkNotValid,
    LoginRefused,
    RefreshReused,
    WrongPassword,
)
from app.auth.events import LetterKind
from app.auth.schemas import (
    Asked,
    EmailConfirmation,
    LetterWish,
    Login,
    PasswordChange,
    PasswordForm,
    PasswordReset,
    SessionQuery,
    SessionRead,
    TokenRead,
)
from app.auth.sessions import Access, OwnSession, SignedIn
from app.core.body import request_bodies
from app.core.errors import NotFound, TooManyRequests, Unauthorized, problems
from app.core.limited import PerAddress
from app.core.mail import MailNotConfigured
from app.core.offload import Overloaded
from app.core.pagination import Page, Slice

router = APIRouter(tags=["auth"])


@router.post(
    "/login",
    response_model=TokenRead,
    responses=problems(LoginRefused, EmailNotConfirmed, ForeignOrigin, TooManyRequests, Overloaded),
    openapi_extra=request_bodies(application__json=Login, application__x_www_form_urlencoded=PasswordForm),
    dependencies=[Depends(own_page), Depends(PerAddress("login"))],
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
    responses=problems(Unauthorized, RefreshReused, EmailNotConfirmed, ForeignOrigin, TooManyRequests),
    dependencies=[Depends(own_page), Depends(PerAddress("refresh"))],
)
async def refresh(
    sessions: SessionServiceDep,
    caller: CallerDep,
    cookie: RefreshCookieDep,
    response: Response,
    refresh_token: RefreshToken,
) -> SignedIn:
    """The next access token for the cookie, which is replaced; a token used twice ends the session."""
    signed_in = await sessions.refresh(refresh_token, caller)
    cookie.put(response, signed_in.refresh_token, signed_in.refresh_seconds)
    return signed_in


@router.post(
    "/logout",
    status_code=204,
    responses=problems(Unauthorized, ForeignOrigin, TooManyRequests),
    dependencies=[Depends(own_page), Depends(PerAddress("refresh"))],
    openapi_extra=OPEN_TO_GUESTS,
)
async def logout(
    sessions: SessionServiceDep,
    cookie: RefreshCookieDep,
    access_token: BearerToken,
    response: Response,
    refresh_token: RefreshToken,
) -> None:
    """End the session of the cookie and that of the access token."""
    await sessions.logout(refresh_token, access_token)
    cookie.clear(response)


@router.get("/sessions", response_model=Page[SessionRead], responses=problems(Unauthorized))
async def list_sessions(
    sessions: SessionReaderDep, user: CurrentUser, query: Annotated[SessionQuery, Query()]
) -> Slice[OwnSession]:
    """Where you are signed in, last used first."""
    return await sessions.list_own(user, query)


@router.delete("/sessions/{session_id}", status_code=204, responses=problems(Unauthorized, NotFound))
async def end_session(sessions: SessionServiceDep, user: CurrentUser, session_id: UUID) -> None:
    """Sign out another device, or this one: its tokens do not work any more."""
    await sessions.end(user, session_id)


@router.post(
    "/password/change",
    response_model=TokenRead,
    responses=problems(Unauthorized, WrongPassword, TooManyRequests, Overloaded),
    dependencies=[Depends(PerAddress("password"))],
)
async def change_password(
    auth: AuthServiceDep, user: SignedInUser, change: PasswordChange, caller: CallerDep
) -> Access:
    """Set a new password: every other session ends, this one goes on with the token in the answer.

    Keys stay as they are unless ``revoke_keys`` is sent.
    """
    return await auth.change_password(user, change, caller)


@router.post(
    "/password/send-recovery",
    status_code=202,
    responses=problems(TooManyRequests, MailNotConfigured),
)
async def send_recovery(
    letters: LetterDeskDep, wish: LetterWish, caller: CallerDep, language: LanguageDep
) -> Asked:
    """Have a letter sent with a link to set a new password; the answer is the same for every address."""
    await letters.ask(LetterKind.recover, wish.email, language, caller)
    return Asked.of(language)


@router.post(
    "/password/reset",
    status_code=204,
    responses=problems(LinkNotValid, TooManyRequests, Overloaded),
    dependencies=[Depends(PerAddress("password"))],
)
async def reset_password(links: LinkServiceDep, reset: PasswordReset, caller: CallerDep) -> None:
    """Set a new password with the token of the letter, once: every session ends.

    So do all keys unless ``revoke_keys`` is false.
    """
    await links.reset(reset, caller)


@router.post(
    "/email/send-confirmation",
    status_code=202,
    responses=problems(TooManyRequests, MailNotConfigured),
)
async def send_confirmation(
    letters: LetterDeskDep, wish: LetterWish, caller: CallerDep, language: LanguageDep
) -> Asked:
    """Have a letter sent with a link to confirm the address; the answer is the same for every address."""
    await letters.ask(LetterKind.confirm, wish.email, language, caller)
    return Asked.of(language)


@router.post(
    "/email/confirm",
    status_code=204,
    responses=problems(LinkNotValid, TooManyRequests),
    dependencies=[Depends(PerAddress("password"))],
)
async def confirm_email(links: LinkServiceDep, confirmation: EmailConfirmation) -> None:
    """Confirm the address with the token of the letter, once."""
    await links.confirm(confirmation.token)
