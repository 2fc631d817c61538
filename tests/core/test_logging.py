import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from app.core.logging import StdoutHandler, configure_logging

Lines = Any


@pytest.fixture(autouse=True)
def logging_restored() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level, config = list(root.handlers), root.level, structlog.get_config()
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.configure(**config)


@pytest.fixture
def lines(capsys: pytest.CaptureFixture[str]) -> Lines:
    configure_logging("INFO", json=True)

    def read() -> list[dict[str, Any]]:
        return [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    return read


def test_an_event_is_one_line_with_its_time_level_and_request(lines: Lines) -> None:
    with structlog.contextvars.bound_contextvars(request_id="r-1"):
        structlog.get_logger("app").info("order placed", order="A1", amount=12)

    (line,) = lines()
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "order placed",
        "level": "info",
        "logger": "app",
        "request_id": "r-1",
        "order": "A1",
        "amount": 12,
    }


def test_loggers_of_libraries_take_the_same_way(lines: Lines) -> None:
    with structlog.contextvars.bound_contextvars(request_id="r-2"):
        logging.getLogger("uvicorn.error").info("Started server process [%d]", 7)
        logging.getLogger("alembic.runtime").warning("two heads")

    first, second = lines()
    assert (first["event"], first["logger"], first["level"]) == (
        "Started server process [7]",
        "uvicorn.error",
        "info",
    )
    assert (second["event"], second["request_id"]) == ("two heads", "r-2")


def test_below_the_level_nothing_is_written(lines: Lines) -> None:
    structlog.get_logger("app").debug("detail")
    logging.getLogger("uvicorn.access").info("GET / 200")
    logging.getLogger("sqlalchemy.engine").info("SELECT secret")

    assert lines() == []


def test_configuring_twice_does_not_write_twice(lines: Lines) -> None:
    configure_logging("INFO", json=True)
    structlog.get_logger("app").info("once")

    assert len(lines()) == 1
    assert sum(isinstance(handler, StdoutHandler) for handler in logging.getLogger().handlers) == 1


def test_nobody_can_begin_a_line_of_his_own(lines: Lines) -> None:
    structlog.get_logger("app").info('a\r\n{"event": "forged"}\x1b[31m', name="b\u2028c\nd")

    (line,) = lines()
    assert line["event"].startswith("a\r\n")


def test_nor_on_a_console(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("INFO", json=False)

    structlog.get_logger("app").info("a\r\nforged\x1b[31m", name="b\nc")

    out = capsys.readouterr().out
    assert out.count("\n") == 1
    assert "\x1b[31m" not in out
    assert "\\x0d\\x0aforged" in out


def test_an_exception_is_in_the_same_line(lines: Lines) -> None:
    structlog.get_logger("app").error("failed", exc_info=LookupError("Bearer abc.def"))

    (line,) = lines()
    assert line["exception"] == "LookupError: Bearer ***"


@pytest.mark.parametrize(
    "key",
    [
        "password",
        "new_password",
        "access_token",
        "Authorization",
        "cookie",
        "Set-Cookie",
        "api_key",
        "webhook_url",
    ],
)
def test_values_under_telling_keys_are_masked(lines: Lines, key: str) -> None:
    structlog.get_logger("app").info("x", **{key: "canary"}, nested={"list": [{key: "canary"}]})

    (line,) = lines()
    assert "canary" not in json.dumps(line)
    assert line[key] == "***"


@pytest.mark.parametrize(
    "text",
    [
        "Authorization: Bearer canary",
        "basic canary==",
        "got eyJhbGciOiJIUzI1NiJ9.canary.canary",
        "postgresql+asyncpg://shop:canary@db/shop is gone",
        "GET /files/1?signature=canary&x=1",
        "https://shop.bitrix24.ru/rest/1/canary/crm.deal.add.json",
    ],
)
def test_credentials_inside_sentences_are_masked(lines: Lines, text: str) -> None:
    structlog.get_logger("app").warning(text, detail=text)
    logging.getLogger("library").warning("said %s", text)

    assert "canary" not in json.dumps(lines())


def test_what_is_no_secret_stays(lines: Lines) -> None:
    structlog.get_logger("app").info("x", must_change_password=True, token_version=3, path="/password/change")

    (line,) = lines()
    assert (line["must_change_password"], line["token_version"], line["path"]) == (
        True,
        3,
        "/password/change",
    )


def test_endless_text_is_cut(lines: Lines) -> None:
    structlog.get_logger("app").info("x", note="a" * 100_000, thing=object())

    (line,) = lines()
    assert len(line["note"]) == 4_001
    assert line["thing"].startswith("<object object")
