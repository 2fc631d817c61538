"""What the rest of the house knows of the one who asks."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Identity:
    """A signed-in user as the database knew him a moment ago."""

    id: UUID
    username: str | None
    email: str
    is_admin: bool
    session_id: UUID
    must_change_password: bool
    is_email_confirmed: bool = True
