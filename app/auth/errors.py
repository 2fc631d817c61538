"""What can go wrong with who somebody is."""

from app.core.errors import Conflict, Forbidden, Rejected, Unauthorized


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
