import pytest
from starlette.requests import Request

from app.core.caller import caller_of


def request(*forwarded: str, agent: str | None = None) -> Request:
    headers = [(b"x-forwarded-for", line.encode()) for line in forwarded]
    headers += [(b"user-agent", agent.encode())] if agent else []
    return Request({"type": "http", "headers": headers, "client": ("198.51.100.9", 4711)})


@pytest.mark.parametrize(
    ("forwarded", "proxies", "address"),
    [
        ((), 0, "198.51.100.9"),
        (("203.0.113.5",), 0, "198.51.100.9"),
        ((), 1, "198.51.100.9"),
        (("203.0.113.5",), 1, "203.0.113.5"),
        (("1.1.1.1, 203.0.113.5",), 1, "203.0.113.5"),
        (("1.1.1.1", "203.0.113.5"), 1, "203.0.113.5"),
        (("1.1.1.1, 203.0.113.5, 10.0.0.1",), 2, "203.0.113.5"),
        (("203.0.113.5",), 2, "198.51.100.9"),
        (("2001:db8::1",), 1, "2001:db8::1"),
        (("<script>",), 1, "198.51.100.9"),
    ],
)
def test_only_our_own_proxies_are_believed(forwarded: tuple[str, ...], proxies: int, address: str) -> None:
    assert caller_of(request(*forwarded), proxies).address == address


def test_a_client_may_say_nothing_of_itself() -> None:
    assert caller_of(request(), 0).user_agent == ""
    assert caller_of(request(agent="curl/8"), 0).user_agent == "curl/8"


def test_what_a_database_cannot_hold_is_left_out() -> None:
    assert caller_of(request(agent="a\x00b\r\nc\x1b[31m"), 0).user_agent == "abc[31m"
