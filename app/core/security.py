"""Passwords, access tokens and opaque secrets; the only file that knows jose and passlib."""

import base64
import binascii
import hashlib
import hmac
import re
import secrets
import time
from collections import OrderedDict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from jose import JWTError, jwk, jwt
from passlib.context import CryptContext

from app.core.clock import now
from app.core.errors import Unauthorized
from app.core.offload import Offload

MIN_SECRET_BYTES = 32
"""HS256 wants a key as long as its hash (RFC 7518, 3.2)."""

ISSUER = "millwright"
AUDIENCE = "millwright-api"
ACCESS = "access"

OUTDATED = ("bcrypt", "pbkdf2_sha256", "django_pbkdf2_sha256")
"""Schemes whose hashes still open an account and are replaced as they do."""

_COMPACT_JWT = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
_MAX_TOKEN_CHARS = 4096
_REQUIRED = {f"require_{claim}": True for claim in ("aud", "iat", "exp", "iss", "sub", "jti")}


class UnsafeSecret(ValueError):
    """The signing secret is too short or is itself a published key."""


class PasswordHasher:
    """bcrypt over a SHA-256 pre-hash, so that no byte of a long password is cut off.

    Hashes of `OUTDATED` schemes, brought along from another system, are known too and want to be renewed.
    ``rounds`` is the logarithm of the cost. Hashing takes tenths of a second of a core and runs in
    ``offload``, one thread of its own.
    """

    def __init__(self, offload: Offload, rounds: int = 12) -> None:
        self._offload = offload
        self._context = CryptContext(
            schemes=["bcrypt_sha256", *OUTDATED], deprecated="auto", bcrypt_sha256__rounds=rounds
        )
        # the form of a real hash that no password has: as expensive to check, nothing to compute at start
        self._nobody = f"$bcrypt-sha256$v=2,t=2b,r={rounds}${'.' * 22}${'.' * 31}"

    async def hash(self, password: str) -> str:
        """The hash to store."""
        hashed: str = await self._offload.run(self._context.hash, password)
        return hashed

    async def verify(self, password: str, password_hash: str) -> bool:
        """Whether this password made that hash."""
        return await self._offload.run(self._matches, password, password_hash)

    async def dummy_verify(self, password: str) -> None:
        """Takes as long as `verify`, for accounts that do not exist."""
        await self.verify(password, self._nobody)

    def needs_update(self, password_hash: str) -> bool:
        """Whether the hash was made by another scheme or with another cost than today's."""
        outdated: bool = self._context.needs_update(password_hash)
        return outdated

    def _matches(self, password: str, password_hash: str) -> bool:
        if self._context.identify(password_hash) is None:  # fits nobody, and takes as long to find out
            password_hash = self._nobody
        matches: bool = self._context.verify(password, password_hash)
        return matches


@dataclass(frozen=True, slots=True)
class AccessToken:
    """The verified content of an access token; what it says of the user is information, not a right."""

    user_id: UUID
    session_id: UUID
    username: str | None
    is_admin: bool
    version: int
    token_id: UUID
    issued_at: datetime
    expires_at: datetime


class TokenService:
    """Signs and verifies access tokens (JWT, HS256 and nothing else).

    Verified tokens are remembered until they expire, at most ``remembered`` of them.
    """

    def __init__(self, secret: str, ttl: timedelta, *, remembered: int = 10_000) -> None:
        self.ttl = ttl
        raw = _safe_secret(secret)
        self._key = jwk.construct(raw, "HS256")
        self._successor_key = hmac.digest(raw, b"successor of a refresh token", "sha256")
        self._link_key = hmac.digest(raw, b"link in a letter", "sha256")
        self._remembered = remembered
        self._verified: OrderedDict[str, AccessToken] = OrderedDict()

    def issue(
        self, *, user_id: UUID, session_id: UUID, username: str | None, is_admin: bool, version: int
    ) -> str:
        """A signed token, good for ``ttl`` from now."""
        issued = now()
        claims = {
            "sub": str(user_id),
            "username": username,
            "is_admin": is_admin,
            "iat": issued,
            "exp": issued + self.ttl,
            "jti": str(UUID(bytes=secrets.token_bytes(16), version=4)),
            "sid": str(session_id),
            "ver": version,
            "typ": ACCESS,
            "iss": ISSUER,
            "aud": AUDIENCE,
        }
        token: str = jwt.encode(claims, self._key, algorithm="HS256")
        return token

    def decode(self, token: str) -> AccessToken:
        """The content of a token that we signed and that has not expired, else `Unauthorized`."""
        known = self._verified.get(token)
        if known is None:
            known = self._verify(token)
            self._remember(token, known)
        if known.expires_at.timestamp() <= time.time():
            self._verified.pop(token, None)
            raise _refused()
        return known

    def successor(self, secret: str) -> str:
        """The opaque secret that replaces this one: always the same, and known to nobody without the key.

        So a client that lost the answer to a refresh can be given that answer again, though only digests
        are stored.
        """
        return _text(hmac.digest(self._successor_key, secret.encode(), "sha256"))

    def link_token(self, link_id: UUID) -> str:
        """The secret of a link sent by mail: always the same, and known to nobody without the key.

        So a letter that has to be sent twice carries the same link twice, though only the digest is stored.
        """
        return _text(hmac.digest(self._link_key, link_id.bytes, "sha256"))

    def _verify(self, token: str) -> AccessToken:
        if len(token) > _MAX_TOKEN_CHARS or not _COMPACT_JWT.fullmatch(token):
            raise _refused()
        try:
            claims = jwt.decode(
                token, self._key, algorithms=["HS256"], audience=AUDIENCE, issuer=ISSUER, options=_REQUIRED
            )
            return _content(claims)
        except (JWTError, LookupError, TypeError, ValueError, OverflowError, RecursionError):
            raise _refused() from None

    def _remember(self, token: str, content: AccessToken) -> None:
        self._verified[token] = content
        while len(self._verified) > self._remembered:
            self._verified.popitem(last=False)


def new_secret() -> str:
    """256 random bits as text, for refresh tokens and keys."""
    return secrets.token_urlsafe(32)


def digest(secret: str) -> str:
    """What is stored of an opaque secret: its SHA-256 in hexadecimal. Enough, since it cannot be guessed."""
    return hashlib.sha256(secret.encode()).hexdigest()


def same(one: str, other: str | None) -> bool:
    """Whether two digests are equal, compared in constant time."""
    return other is not None and hmac.compare_digest(one, other)


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _refused() -> Unauthorized:
    return Unauthorized("The access token is not valid or has expired.")


def _content(claims: dict[str, Any]) -> AccessToken:
    if claims["typ"] != ACCESS:
        raise ValueError("not an access token")
    username, is_admin, version = claims["username"], claims["is_admin"], claims["ver"]
    if not (isinstance(is_admin, bool) and isinstance(version, int)):
        raise TypeError("claims of a wrong type")
    return AccessToken(
        user_id=UUID(claims["sub"]),
        session_id=UUID(str(claims["sid"])),
        username=None if username is None else str(username),
        is_admin=is_admin,
        version=version,
        token_id=UUID(claims["jti"]),
        issued_at=datetime.fromtimestamp(claims["iat"], UTC),
        expires_at=datetime.fromtimestamp(claims["exp"], UTC),
    )


def _safe_secret(secret: str) -> bytes:
    raw = secret.encode()
    if len(raw) < MIN_SECRET_BYTES:
        raise UnsafeSecret(f"the signing secret needs at least {MIN_SECRET_BYTES} bytes")
    if "-----BEGIN" in secret or secret.startswith("ssh-") or _is_der(raw) or _is_der(_unbase64(secret)):
        raise UnsafeSecret("the signing secret looks like a public or private key")
    return raw


def _unbase64(text: str) -> bytes:
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        return b""


def _is_der(raw: bytes) -> bool:
    """Whether this is one whole ASN.1 sequence: how keys are written, and nothing else is by accident."""
    if len(raw) < MIN_SECRET_BYTES or raw[0] != 0x30:  # noqa: PLR2004 - the tag of SEQUENCE
        return False
    if raw[1] < 0x80:  # noqa: PLR2004 - short form of the length
        return raw[1] == len(raw) - 2
    width = raw[1] & 0x7F
    return int.from_bytes(raw[2 : 2 + width], "big") == len(raw) - 2 - width
