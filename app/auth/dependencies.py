"""How the services are built, and who may ask: `CurrentUser`, `CurrentAdmin`, `OptionalUser`."""

from typing import Annotated, Any
from urllib.parse import parse_qsl
from uuid import UUID

from fastapi import Depends, Request
from fastapi.security import OAuth2PasswordBearer
from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from app.audit.dependencies import audit_log, origin_of
from app.audit.service import Origin
from app.auth.accounts import AccountService
from app.auth.cookies import RefreshCookie, refuse_foreign_pages
from app.auth.errors import EmailNotConfirmed, MustChangePassword
from app.auth.guesses import Guesses
from app.auth.identity import Identity
from app.auth.keys import KeyService
from app.auth.keys_repository import KeyRepository
from app.auth.letter_desk import LetterDesk
from app.auth.links import LinkService
from app.auth.own_words import OwnWords, words_over
from app.auth.repository import AccountRepository, EmailLinkRepository, SessionRepository, UserRepository
from app.auth.schemas import Login, PasswordForm
from app.auth.service import AuthService
from app.auth.sessions import SessionService
from app.core.body import invalid, media_type, parse_json
from app.core.caller import Caller, caller_of
from app.core.config import API_PREFIX, Settings
from app.core.db import ReadSessionDep, SessionDep, release
from app.core.errors import Forbidden, Malformed, Unauthorized
from app.core.locale import Language, client_language
from app.core.mail import Mailer
from app.core.outbox import build_outbox
from app.core.rate_limits import RateLimiter
from app.core.resources import Resources
from app.core.security import PasswordHasher, TokenService

FORM = "application/x-www-form-urlencoded"
MAX_FORM_FIELDS = 16
READING = {"GET", "HEAD"}
"""They ask their rows next, so the connection that told who asks is kept for that."""

SCHEME = "Password"
LOGIN_PATH = API_PREFIX + "/login"

bearer = OAuth2PasswordBearer(
    tokenUrl=LOGIN_PATH,
    scheme_name=SCHEME,
    description="E-mail address or user name, and the password.",
    auto_error=False,
)
BearerToken = Annotated[str | None, Depends(bearer)]


def describe_login(document: dict[str, Any], base_path: str) -> None:
    """Have the Authorize button of the interactive page find the login under the base path."""
    scheme = document["components"]["securitySchemes"][SCHEME]
    scheme["flows"]["password"]["tokenUrl"] = base_path + LOGIN_PATH


def guesses(resources: Resources) -> Guesses:
    """The limits on guessing passwords."""
    return Guesses(resources.get(RateLimiter), resources.get(Settings).limits)


def session_service(resources: Resources, session: AsyncSession) -> SessionService:
    """Sessions over a database session."""
    return SessionService(
        SessionRepository(session),
        UserRepository(session),
        resources.get(TokenService),
        resources.get(Settings).auth,
    )


def key_ring(session: AsyncSession, origin: Origin | None = None) -> KeyService:
    """Keys over a database session; without an origin for what is no request."""
    return KeyService(KeyRepository(session), audit_log(session, origin))


def auth_service(resources: Resources, session: AsyncSession, origin: Origin | None = None) -> AuthService:
    """Accounts over a database session; without an origin for what is no request."""
    return AuthService(
        UserRepository(session),
        session_service(resources, session),
        resources.get(PasswordHasher),
        guesses(resources),
        letter_desk(resources, session),
        words_over(resources.get(OwnWords), session),
        key_ring(session, origin),
        resources.get(Settings),
    )


def letter_desk(resources: Resources, session: AsyncSession) -> LetterDesk:
    """Letters over a database session."""
    return LetterDesk(
        UserRepository(session),
        EmailLinkRepository(session),
        build_outbox(resources, session),
        resources.get(RateLimiter),
        resources.get(TokenService),
        resources.get(Mailer),
        resources.get(Settings),
    )


def link_service(resources: Resources, session: AsyncSession, origin: Origin) -> LinkService:
    """Links of letters over a database session."""
    return LinkService(
        EmailLinkRepository(session),
        UserRepository(session),
        SessionRepository(session),
        resources.get(PasswordHasher),
        words_over(resources.get(OwnWords), session),
        guesses(resources),
        key_ring(session, origin),
    )


def account_service(resources: Resources, session: AsyncSession) -> AccountService:
    """Accounts as administrators handle them, over a database session."""
    return AccountService(
        AccountRepository(session),
        resources.get(PasswordHasher),
        words_over(resources.get(OwnWords), session),
        letter_desk(resources, session),
    )


async def auth_for_request(request: Request, session: SessionDep) -> AuthService:
    """Accounts, within the transaction of the request."""
    return auth_service(request.state.resources, session, origin_of(request))


async def sessions_for_request(request: Request, session: SessionDep) -> SessionService:
    """Sessions, within the transaction of the request."""
    return session_service(request.state.resources, session)


async def session_reader(request: Request, session: ReadSessionDep) -> SessionService:
    """Sessions for requests that only ask."""
    return session_service(request.state.resources, session)


async def letters_for_request(request: Request, session: SessionDep) -> LetterDesk:
    """Letters, within the transaction of the request."""
    return letter_desk(request.state.resources, session)


async def links_for_request(request: Request, session: SessionDep) -> LinkService:
    """Links of letters, within the transaction of the request."""
    return link_service(request.state.resources, session, origin_of(request))


AuthServiceDep = Annotated[AuthService, Depends(auth_for_request)]
SessionServiceDep = Annotated[SessionService, Depends(sessions_for_request)]
SessionReaderDep = Annotated[SessionService, Depends(session_reader)]
LetterDeskDep = Annotated[LetterDesk, Depends(letters_for_request)]
LinkServiceDep = Annotated[LinkService, Depends(links_for_request)]


async def identified(request: Request, token: BearerToken, session: ReadSessionDep) -> Identity | None:
    """Who asks, ``None`` without a token; a token that does not hold is refused."""
    if token is None:
        return None
    identity = await session_service(request.state.resources, session).identify(token)
    if request.method not in READING:
        await release(session)  # what follows may take long: a body on its way, the calculator
    return identity


IdentityDep = Annotated[Identity | None, Depends(identified)]


async def signed_in(identity: IdentityDep) -> Identity:
    """Somebody signed in, also one who has to change his password first."""
    if identity is None:
        raise Unauthorized
    return identity


async def optional_user(request: Request, identity: IdentityDep) -> Identity | None:
    """Who asks, or ``None`` for a stranger."""
    if identity is None:
        return None
    if identity.must_change_password:
        raise MustChangePassword
    if not (identity.is_email_confirmed or identity.is_admin) and _confirms_email(request):
        raise EmailNotConfirmed
    return identity


def _confirms_email(request: Request) -> bool:
    settings: Settings = request.state.resources.get(Settings)
    return settings.auth.confirm_email


async def current_user(user: Annotated[Identity | None, Depends(optional_user)]) -> Identity:
    """Somebody signed in."""
    if user is None:
        raise Unauthorized
    return user


async def current_admin(identity: Annotated[Identity, Depends(current_user)]) -> Identity:
    """An administrator, by what the database says now."""
    if not identity.is_admin:
        raise Forbidden
    return identity


SignedInUser = Annotated[Identity, Depends(signed_in)]
CurrentUser = Annotated[Identity, Depends(current_user)]
CurrentAdmin = Annotated[Identity, Depends(current_admin)]
OptionalUser = Annotated[Identity | None, Depends(optional_user)]

OPEN_TO_GUESTS: dict[str, Any] = {"security": [{}]}
"""The ``openapi_extra`` of a route that answers strangers too, where what they ask for is open to all."""


async def known_user(request: Request, _: CurrentAdmin, user_id: UUID, session: ReadSessionDep) -> UUID:
    """The user an administrator asks about, whatever his state; refused if there is none."""
    return (await account_service(request.state.resources, session).get(user_id)).id


KnownUserId = Annotated[UUID, Depends(known_user)]


async def caller(request: Request) -> Caller:
    """The program and the address a request comes from."""
    return caller_of(request, request.state.resources.get(Settings).server.trusted_proxies)


async def own_page(request: Request) -> None:
    """Refuse pages of other sites that would use the visitor's cookie, or have theirs set."""
    settings: Settings = request.state.resources.get(Settings)
    refuse_foreign_pages(request.headers, settings.server.origins, settings.local_pages)


async def refresh_cookie(request: Request) -> RefreshCookie:
    """The cookie as this installation sets it."""
    settings: Settings = request.state.resources.get(Settings)
    return RefreshCookie(settings.server.base_path, secure=not settings.is_development)


async def credentials(request: Request) -> Login:
    """Name and password, from JSON or from the password form of OAuth 2.0."""
    if media_type(request.headers) != FORM:
        return await parse_json(request, Login)
    try:
        body = (await request.body()).decode("utf-8")
        fields = dict(
            parse_qsl(body, keep_blank_values=True, max_num_fields=MAX_FORM_FIELDS, errors="strict")
        )
        form = PasswordForm.model_validate(fields)
    except ValidationError as error:
        raise invalid(error) from None
    except ValueError:
        raise Malformed("The form cannot be read.") from None
    return Login(username=form.username, password=form.password)


CallerDep = Annotated[Caller, Depends(caller)]
CredentialsDep = Annotated[Login, Depends(credentials)]
LanguageDep = Annotated[Language, Depends(client_language)]
RefreshCookieDep = Annotated[RefreshCookie, Depends(refresh_cookie)]


async def refresh_token(request: Request, cookie: RefreshCookieDep) -> str | None:
    """The refresh token `/login` has set, if the request brings one."""
    return cookie.read(request.cookies)


RefreshToken = Annotated[str | None, Depends(refresh_token)]
