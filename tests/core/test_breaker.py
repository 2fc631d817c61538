import asyncio
import contextlib
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from app.core.breaker import Breaker, BreakerOpen

START = datetime(2026, 3, 1, tzinfo=UTC)


def fail(breaker: Breaker, times: int = 1) -> None:
    for _ in range(times):
        with contextlib.suppress(LookupError), breaker.attempt() as attempt:
            attempt.failed = True
            raise LookupError


def succeed(breaker: Breaker) -> None:
    with breaker.attempt():
        pass


def is_open(breaker: Breaker) -> bool:
    """Whether an attempt is refused; says nothing about the neighbour itself."""
    entered = False
    with contextlib.suppress(BreakerOpen, LookupError), breaker.attempt():
        entered = True
        raise LookupError
    return not entered


def test_opens_after_the_last_of_several_failures_in_a_row() -> None:
    breaker = Breaker("neighbour", failures=3)

    fail(breaker, 2)
    succeed(breaker)
    fail(breaker, 2)
    assert not is_open(breaker)

    fail(breaker)
    assert is_open(breaker)


def test_what_is_not_the_neighbours_fault_counts_neither_way() -> None:
    breaker = Breaker("neighbour", failures=2)

    fail(breaker)
    for _ in range(5):
        with pytest.raises(asyncio.CancelledError), breaker.attempt():
            raise asyncio.CancelledError
    fail(breaker)

    assert is_open(breaker)


def test_one_success_after_the_pause_closes_it() -> None:
    breaker = Breaker("neighbour", failures=1, open_seconds=10)
    with time_machine.travel(START, tick=False) as clock:
        fail(breaker)
        clock.move_to(START + timedelta(seconds=9))
        assert is_open(breaker)

        clock.move_to(START + timedelta(seconds=11))
        succeed(breaker)

        assert not is_open(breaker)


def test_one_failure_after_the_pause_opens_it_again() -> None:
    breaker = Breaker("neighbour", failures=3, open_seconds=10)
    with time_machine.travel(START, tick=False) as clock:
        fail(breaker, 3)
        clock.move_to(START + timedelta(seconds=11))

        fail(breaker)

        assert is_open(breaker)


def test_only_one_attempt_is_made_on_trial() -> None:
    breaker = Breaker("neighbour", failures=1, open_seconds=10)
    with time_machine.travel(START, tick=False) as clock:
        fail(breaker)
        clock.move_to(START + timedelta(seconds=11))

        with breaker.attempt():
            assert is_open(breaker)

        assert not is_open(breaker)


def test_a_cancelled_trial_lets_the_next_one_decide() -> None:
    breaker = Breaker("neighbour", failures=1, open_seconds=10)
    with time_machine.travel(START, tick=False) as clock:
        fail(breaker)
        clock.move_to(START + timedelta(seconds=11))
        with pytest.raises(asyncio.CancelledError), breaker.attempt():
            raise asyncio.CancelledError

        succeed(breaker)

        assert not is_open(breaker)
