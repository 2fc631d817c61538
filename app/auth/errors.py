"""What can go wrong with who somebody is."""

from app.core.errors import Conflict, Forbidden, NotFound, Rejected, Unauthorized


class LoginRefused(Unauthorized):
    """Name or password is wrong, or this account may not be used."""

    code, title = "login-refused", "Login refused"


class RefreshReused(Unauthorized):
    """The refresh token was replaced before; its session has been ended, sign in again."""

    code, title = "refresh-reused", "Refresh token used twice"
    keeps_writes = True


class EmailTaken(Conflict):
    """There is an account with this e-mail address already."""

    code, title = "email-taken", "E-mail address taken"


class UsernameTaken(Conflict):
    """Somebody else has this user name."""

    code, title = "username-taken", "User name taken"


class WrongPassword(Forbidden):
    """The old password is not right."""

    code, title = "wrong-password", "Wrong password"


class MustChangePassword(Forbidden):
    """Change your password first (POST /password/change); until then nothing else is allowed."""

    code, title = "must-change-password", "Password must be changed"


class ForeignOrigin(Forbidden):
    """The page that asks may not use your session; its origin is neither ours nor configured."""

    code, title = "foreign-origin", "Foreign origin"


class EmailNotConfirmed(Forbidden):
    """Confirm your e-mail address first: follow the link in the letter, or ask for another one."""

    code, title = "email-not-confirmed", "E-mail address not confirmed"


class LinkNotValid(Rejected):
    """The link does not work, or not any more; ask for a new letter."""

    code, title = "link-not-valid", "Link not valid"


class AccountMissing(NotFound):
    """There is no such user."""


class LastAdministrator(Conflict):
    """Nobody would be left to administer; make somebody else an administrator first."""

    code, title = "last-administrator", "Last administrator"


class OwnAccount(Conflict):
    """Nobody blocks or deletes his own account; ask another administrator."""

    code, title = "own-account", "Own account"


class NotDeleted(Conflict):
    """Delete the account first, then remove it for good."""

    code, title = "not-deleted", "Not deleted yet"


class KeyMissing(NotFound):
    """There is no such key of yours."""


class TooManyKeys(Conflict):
    """You have as many keys as one account may have; revoke one first."""

    code, title = "too-many-keys", "Too many keys"


class KeyRefused(Unauthorized):
    """Send a key that holds in the header X-API-Key."""

    code, title = "key-refused", "API key refused"
    challenge = "ApiKey"


class ScopeMissing(Forbidden):
    """The key may not be used for that; it needs another scope."""

    code, title = "scope-missing", "Scope missing"
