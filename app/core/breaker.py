"""A circuit breaker: after several failures in a row a neighbour is left alone for a while."""

from collections.abc import Iterator
from contextlib import contextmanager

from purgatory.domain.model import HALF_OPENED, Context, OpenedState


class BreakerOpen(Exception):
    """The neighbour failed too often lately and is not asked at the moment."""


class Attempt:
    """One call of the neighbour; who makes it sets ``failed`` when the neighbour is to blame."""

    failed = False


class Breaker:
    """Closed until ``failures`` in a row, then open for ``open_seconds``, then one attempt decides.

    An attempt that ends in an exception without being marked as failed counts neither way: a cancelled
    caller or a full pool of our own says nothing about the neighbour.
    """

    def __init__(self, name: str, *, failures: int = 5, open_seconds: float = 10.0) -> None:
        self._state = Context(name, failures, open_seconds)
        self._on_trial = False

    @contextmanager
    def attempt(self) -> Iterator[Attempt]:
        """Count what happens inside; raises `BreakerOpen` instead of entering."""
        is_trial = self._enter()
        attempt = Attempt()
        try:
            yield attempt
        except BaseException as error:
            if attempt.failed:
                self._state.handle_exception(error)
            raise
        else:
            self._state.handle_end_request()
        finally:
            self._state.messages.clear()
            if is_trial:
                self._on_trial = False

    def _enter(self) -> bool:
        """Whether this attempt is the one that decides about an open breaker."""
        if self._is_open():
            raise BreakerOpen
        self._on_trial = self._state.state == HALF_OPENED
        return self._on_trial

    def _is_open(self) -> bool:
        try:
            self._state.handle_new_request()
        except OpenedState as opened:
            # one and the same object is raised each time; its traceback would keep every caller alive
            opened.__traceback__ = None
            return True
        return self._on_trial
