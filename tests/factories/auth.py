"""Accounts and sessions in the database."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

from app.auth.models import Session, User, key_of
from app.core.clock import now
from app.core.db import Database
from app.core.offload import Offload
from app.core.security import PasswordHasher, digest, new_secret

PASSWORD = "correct horse battery"
HASHES: dict[str, str] = {}


async def password_hash(password: str) -> str:
    """A cheap hash, made once."""
    if password not in HASHES:
        pool = Offload("factory")
        HASHES[password] = await PasswordHasher(pool, rounds=4).hash(password)
        await pool.close()
    return HASHES[password]


async def make_user(db: Database, *, password: str = PASSWORD, **changes: Any) -> User:
    """An active customer with an address of his own."""
    email = changes.pop("email", f"{uuid4().hex}@example.com")
    username = changes.pop("username", None)
    user = User(
        email=email,
        email_key=key_of(email),
        username=username,
        username_key=username and key_of(username),
        password_hash=await password_hash(password),
        **changes,
    )
    async with db.transaction() as session:
        session.add(user)
    return user


async def make_session(db: Database, *, user: User, secret: str | None = None, **changes: Any) -> Session:
    """A living session of the user; its refresh token is ``refresh_token(session, secret)``."""
    row = Session(
        **{
            "user_id": user.id,
            "refresh_digest": digest(secret or new_secret()),
            "last_used_at": now(),
            "expires_at": now() + timedelta(hours=12),
            **changes,
        }
    )
    async with db.transaction() as session:
        session.add(row)
    return row


def refresh_token(session: Session, secret: str) -> str:
    """What the cookie of this session holds."""
    return f"{session.id.hex}.{secret}"
