"""How a run of a job may end, besides well and in failure."""


class LeaseLost(Exception):
    """The job belongs to another worker by now: nothing of this transaction may be kept."""


class Suspended(BaseException):
    """The job waits for a signal; the message is the topic. No failure, so no handler catches it as one."""


class GiveUp(Exception):
    """Raised by a job that cannot succeed, however often it is tried: straight to the dead letters."""


class Postpone(Exception):
    """Raised by a job whose neighbour is away: try again in so many seconds, without counting the attempt."""

    def __init__(self, seconds: float, reason: str = "postponed") -> None:
        super().__init__(reason)
        self.seconds = seconds
