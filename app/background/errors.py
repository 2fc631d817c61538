"""What can go wrong with looking after jobs."""

from app.core.errors import Conflict, NotFound


class JobMissing(NotFound):
    """There is no such job (any more)."""


class JobNotParked(Conflict):
    """The job is running or done; only what waits or was given up can be tried again or dropped."""

    code, title = "transition-not-allowed", "Transition not allowed"
