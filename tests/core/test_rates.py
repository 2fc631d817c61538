from datetime import timedelta

import pytest
from pydantic import ValidationError

from app.core.config import LimitsSection
from app.core.rates import BackOff, Limit, limit


@pytest.mark.parametrize(
    ("text", "most", "seconds"),
    [
        ("60 per minute", 60, 60),
        ("1 per 2 seconds", 1, 2),
        ("20 per hour", 20, 3600),
        ("5 per 3 days", 5, 259_200),
    ],
)
def test_a_rate_is_written_in_words(text: str, most: int, seconds: int) -> None:
    assert limit("some", text) == Limit("some", most, seconds)


@pytest.mark.parametrize("text", ["", "60", "0 per minute", "60/minute", "60 per fortnight", "-1 per hour"])
def test_what_is_no_rate_stops_the_start(text: str) -> None:
    with pytest.raises(ValidationError):
        LimitsSection(login=text)
    with pytest.raises(ValueError, match="not a rate"):
        limit("login", text)


def test_every_limit_of_the_settings_is_a_rate() -> None:
    for name, value in LimitsSection().model_dump(exclude={"enabled"}).items():
        assert limit(name, value).most > 0


def test_waits_grow_up_to_the_longest() -> None:
    rule = BackOff("login", free=3, first_seconds=2, longest_seconds=30)

    waits = [rule.wait_after(failures) for failures in (0, 2, 3, 4, 5, 6, 7, 8, 100_000)]

    assert waits == [timedelta(seconds=seconds) for seconds in (0, 0, 2, 4, 8, 16, 30, 30, 30)]
