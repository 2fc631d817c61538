"""What the links of letters do: confirm an address, set a new password. Each works once."""

import structlog

from app.auth.errors import LinkNotValid
from app.auth.guesses import Guesses
from app.auth.keys import KeyService
from app.auth.models import EmailLink, LinkPurpose, User
from app.auth.own_words import WordsOf
from app.auth.passwords import refuse_guessable
from app.auth.repository import EmailLinkRepository, SessionRepository, UserRepository
from app.auth.schemas import PasswordReset
from app.core.caller import Caller
from app.core.clock import now
from app.core.security import PasswordHasher, digest

log = structlog.get_logger("app.auth")


class LinkService:
    """Links that came back."""

    def __init__(
        self,
        links: EmailLinkRepository,
        users: UserRepository,
        sessions: SessionRepository,
        hasher: PasswordHasher,
        words: WordsOf,
        guesses: Guesses,
        keys: KeyService,
    ) -> None:
        self.links = links
        self.users = users
        self.sessions = sessions
        self.hasher = hasher
        self.words = words
        self.guesses = guesses
        self.keys = keys

    async def confirm(self, token: str) -> None:
        """The address belongs to whoever opened the letter.

        Raises:
            LinkNotValid: never issued, used, replaced by a later one, too late, or the account is not in use.
        """
        link = await self._found(token, LinkPurpose.confirm)
        user = await self._used(link)
        user.email_confirmed_at = user.email_confirmed_at or now()
        log.info("address confirmed", user_id=str(user.id))

    async def reset(self, wish: PasswordReset, caller: Caller) -> None:
        """Set a new password: every session ends, and the address is confirmed, as the letter has arrived.

        Keys end too unless their owner says otherwise: whoever was in his account may have made one.
        Whoever is kept out because others guess his password gets in after this.

        Raises:
            LinkNotValid: as in `confirm`; of many at once one succeeds.
            Rejected: the password would be guessed; the link stays good.
        """
        password = wish.password
        link = await self._found(wish.token, LinkPurpose.recover)
        user = await self.users.get(link.user_id)
        if user is None:
            raise LinkNotValid
        refuse_guessable("password", password, await self.words(user))
        await self.users.release()
        hashed = await self.hasher.hash(password)
        await self.guesses.welcome(user.id, caller.address)
        user, moment = await self._used(link), now()
        user.password_hash, user.password_changed_at = hashed, moment
        user.must_change_password = False
        user.token_version += 1
        user.email_confirmed_at = user.email_confirmed_at or moment
        await self.sessions.revoke_all(user.id, moment)
        if wish.revoke_keys:
            await self.keys.revoke_all(user.id)
        log.info("password reset", user_id=str(user.id))

    async def _found(self, token: str, purpose: LinkPurpose) -> EmailLink:
        link = await self.links.find(digest(token), purpose, now())
        if link is None:
            raise LinkNotValid
        return link

    async def _used(self, link: EmailLink) -> User:
        """Whose link this was; it is not one any more."""
        if not await self.links.use(link):
            raise LinkNotValid
        user = await self.users.get_for_update(link.user_id)
        if user is None or not user.is_active or user.email_key != link.recipient_key:
            raise LinkNotValid
        return user
