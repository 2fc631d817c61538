"""Letters about accounts: asked for by anybody, written only where one is due.

Asking does the same work whatever the address, so neither the answer nor its time tells whether there is an
account; who gets a letter is decided by a job afterwards.
"""

from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import structlog

from app.auth.events import LetterAsked, LetterKind, LinkIssued
from app.auth.models import EmailLink, LinkPurpose, User, key_of
from app.auth.repository import EmailLinkRepository, UserRepository
from app.core.caller import Caller
from app.core.clock import now
from app.core.config import AuthSection, LimitsSection, MailSection, Settings
from app.core.errors import TooManyRequests
from app.core.limited import network_of
from app.core.locale import Language
from app.core.mail import Letter, Mailer, MailNotConfigured, written
from app.core.models import new_id
from app.core.outbox import Outbox
from app.core.rate_limits import RateLimiter
from app.core.rates import Limit, limit
from app.core.security import TokenService, digest, same

log = structlog.get_logger("app.auth")

CONFIRM_PAGE, RESET_PAGE = "/confirm-email", "/reset-password"
"""Pages of our own, for shops whose frontend has none."""
TEMPLATES = Path(__file__).parent / "letters"
PURPOSES = {
    LetterKind.confirm: LinkPurpose.confirm,
    LetterKind.unnamed: LinkPurpose.confirm,
    LetterKind.recover: LinkPurpose.recover,
    LetterKind.known: LinkPurpose.recover,
}


class LetterDesk:
    """Where letters are asked for, and where they are written."""

    def __init__(
        self,
        users: UserRepository,
        links: EmailLinkRepository,
        outbox: Outbox,
        limiter: RateLimiter,
        tokens: TokenService,
        mailer: Mailer,
        settings: Settings,
    ) -> None:
        self.users = users
        self.links = links
        self.outbox = outbox
        self.limiter = limiter
        self.tokens = tokens
        self.mailer = mailer
        self.auth: AuthSection = settings.auth
        self.limits: LimitsSection = settings.limits
        self.mail: MailSection = settings.mail
        self.site = settings.site

    async def ask(self, kind: LetterKind, email: str, language: Language, caller: Caller) -> None:
        """Have a letter sent to this address if one is due.

        Raises:
            MailNotConfigured: no letters are sent at all.
            TooManyRequests: from this address of the network, or for this recipient.
        """
        if not self.mailer.can_send:
            raise MailNotConfigured
        network = network_of(caller.address)
        await self.limiter.take(limit(f"{kind}-letters", self.limits.mail), network)
        await self._count_recipient(kind, email, told=True)
        await self.publish(kind, email, language)

    async def may_send(self, kind: LetterKind, email: str) -> bool:
        """Whether this recipient has not had too many letters; counts one more, and nobody is told."""
        try:
            await self._count_recipient(kind, email, told=False)
        except TooManyRequests:
            return False
        return True

    async def publish(self, kind: LetterKind, email: str, language: Language) -> None:
        """Let the job decide; part of the unit of work."""
        await self.outbox.publish(LetterAsked(key_of(email), kind, language))

    async def withdraw_recovery(self, user_id: UUID) -> None:
        """Let no letter that was sent before set the password of this account any more."""
        await self.links.forget(user_id, LinkPurpose.recover)

    async def forget(self, user: User) -> None:
        """Drop what is written of letters to this account, as it is to be forgotten altogether."""
        await self.outbox.forget(LetterAsked(user.email_key, LetterKind.recover, "en"))

    async def issue(self, asked: LetterAsked) -> None:
        """Make the link of a letter that was asked for, if it is due; an earlier one works no more."""
        user = await self.users.find_by_email(asked.recipient_key)
        if user is None or not _is_due(asked.kind, user):
            return
        link_id, purpose = new_id(), PURPOSES[asked.kind]
        link = EmailLink(
            id=link_id,
            user_id=user.id,
            purpose=purpose,
            token_digest=digest(self.tokens.link_token(link_id)),
            recipient_key=user.email_key,
            expires_at=now() + self._lifetime(purpose),
        )
        await self.links.replace(link)
        await self.outbox.publish(LinkIssued(link.id, asked.kind, asked.language))

    async def write(self, issued: LinkIssued) -> Letter | None:
        """The letter with this link; none when the link does not work any more."""
        link = await self.links.get(issued.link_id)
        if link is None or link.expires_at <= now():
            return None
        user = await self.users.get(link.user_id)
        if user is None or not user.is_active or user.email_key != link.recipient_key:
            return None
        token = self.tokens.link_token(link.id)
        if not same(digest(token), link.token_digest):
            log.warning("letter dropped, the signing secret has changed", link_id=str(link.id))
            return None
        values = {
            "link": self._page(link.purpose).format(token=token),
            "token": token,
            "until": _moment(link.expires_at),
        }
        return written(
            TEMPLATES, issued.kind, issued.language, values, letter_id=link.id.hex, recipient=user.email
        )

    async def _count_recipient(self, kind: LetterKind, email: str, *, told: bool) -> None:
        key = key_of(email)
        if self.auth.letter_pause_seconds:
            pause = Limit(f"{kind}-letter-pause", 1, self.auth.letter_pause_seconds)
            await self.limiter.take(pause, key, told=told)
        await self.limiter.take(limit(f"{kind}-letters-to", self.limits.mail_to), key, told=told)

    def _lifetime(self, purpose: LinkPurpose) -> timedelta:
        if purpose is LinkPurpose.confirm:
            return timedelta(hours=self.auth.confirm_hours)
        return timedelta(minutes=self.auth.recovery_minutes)

    def _page(self, purpose: LinkPurpose) -> str:
        confirms = purpose is LinkPurpose.confirm
        elsewhere = self.mail.confirm_link if confirms else self.mail.reset_link
        return elsewhere or f"{self.site}{CONFIRM_PAGE if confirms else RESET_PAGE}#token={{token}}"


def _is_due(kind: LetterKind, user: User) -> bool:
    confirms = PURPOSES[kind] is LinkPurpose.confirm
    return user.is_active and not (confirms and user.email_confirmed_at is not None)


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
