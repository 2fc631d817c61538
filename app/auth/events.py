"""What happens to accounts that others care about."""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from typing_extensions import override

from app.core.events import Event
from app.core.locale import Language
from app.core.security import digest


class LetterKind(StrEnum):
    """The letters about an account; each has a template in ``letters``."""

    confirm = "confirm"
    unnamed = "unnamed"
    """The same, to somebody whose user name belongs to somebody else."""
    recover = "recover"
    known = "known"
    """Somebody wanted to sign up with an address that has an account."""


@dataclass(frozen=True)
class LetterAsked(Event):
    """Somebody wants a letter sent to an address, which may or may not belong to an account."""

    name: ClassVar[str] = "auth.letter_asked"

    recipient_key: str
    kind: LetterKind
    language: Language

    @property
    @override
    def key(self) -> str:
        """Letters to one address are written one after the other."""
        return digest(self.recipient_key)


@dataclass(frozen=True)
class LinkIssued(Event):
    """A link is ready to be sent in a letter."""

    name: ClassVar[str] = "auth.link_issued"

    link_id: UUID
    kind: LetterKind
    language: Language
