from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
import time_machine

from app.core.clock import now


@pytest.fixture
def clock() -> Iterator[Callable[[float], None]]:
    """Moves the time forward by so many seconds."""
    with time_machine.travel(now(), tick=False) as travelled:
        yield lambda seconds: travelled.shift(timedelta(seconds=seconds))
