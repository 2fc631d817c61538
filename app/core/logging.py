"""One event, one line: JSON on stdout, with the request's id and without secrets."""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any, TextIO

import structlog

MASK = "***"
LONGEST_TEXT = 4_000
LONGEST_TRACEBACK = 20_000

SECRET_KEY = re.compile(
    r"pass(word|wd)|secret|token|authorization|cookie|api.?key|signature|webhook_url", re.IGNORECASE
)
SECRETS_IN_TEXT = (
    (re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]+"), rf"\1 {MASK}"),
    (re.compile(r"\beyJ[\w-]{5,}\.[\w-]+(\.[\w-]+)?"), MASK),
    (re.compile(r"(://)[^/\s@]+@"), rf"\1{MASK}@"),
    (
        re.compile(r"(?i)([?&](?:access_token|token|signature|sig|key|secret|password)=)[^&\s\"']+"),
        rf"\1{MASK}",
    ),
    (re.compile(r"(/rest/\d+/)[\w-]+"), rf"\1{MASK}"),
)
"""Credentials that come inside sentences: headers, tokens, addresses, Bitrix24 webhook paths."""

TELLTALE = re.compile(r"bearer|basic|eyJ|://|[?&]|/rest/", re.IGNORECASE)
"""Something of this is in every text that one of ``SECRETS_IN_TEXT`` finds; most texts have none of it."""

CONTROL = {code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160))} | {
    0x2028: "\\u2028",
    0x2029: "\\u2029",
}

Event = MutableMapping[str, Any]


class StdoutHandler(logging.StreamHandler[TextIO]):
    """Writes to whatever stdout is at the moment."""

    def __init__(self) -> None:
        logging.Handler.__init__(self)

    @property
    def stream(self) -> TextIO:  # type: ignore[override]
        """The standard output of now."""
        return sys.stdout


def configure_logging(level: str = "INFO", *, json: bool = True) -> None:
    """Send structlog and the standard library's loggers through one handler; may be called again."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        without_secrets,
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    last: list[Any] = [structlog.processors.JSONRenderer()] if json else [_plain, _console()]
    handler = StdoutHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
        )
    )
    _install(handler, level)


def without_secrets(_logger: object, _method: str, event: Event) -> Event:
    """Mask values under telling keys and credentials inside texts, and shorten what is endless."""
    for key, value in event.items():
        event[key] = _clean(key, value)
    return event


def _clean(key: str, value: Any) -> Any:  # noqa: ANN401 - anything may be logged
    if isinstance(value, str | bytes) and SECRET_KEY.search(key):
        return MASK
    if isinstance(value, str):
        return _clean_text(value, LONGEST_TRACEBACK if key == "exception" else LONGEST_TEXT)
    if isinstance(value, dict):
        return {name: _clean(str(name), item) for name, item in value.items()}
    if isinstance(value, list | tuple | set):
        return [_clean(key, item) for item in value]
    if value is None or isinstance(value, bool | int | float):
        return value
    return _clean_text(repr(value), LONGEST_TEXT)


def _clean_text(text: str, longest: int) -> str:
    if TELLTALE.search(text):
        for pattern, replacement in SECRETS_IN_TEXT:
            text = pattern.sub(replacement, text)
    return text if len(text) <= longest else text[:longest] + "…"


def _plain(_logger: object, _method: str, event: Event) -> Event:
    """Nobody's text may begin a new line or colour a terminal; tracebacks are ours."""
    for key, value in event.items():
        if isinstance(value, str) and key != "exception":
            event[key] = value.translate(CONTROL)
    return event


def _console() -> structlog.dev.ConsoleRenderer:
    return structlog.dev.ConsoleRenderer(
        colors=sys.stdout.isatty(), exception_formatter=structlog.dev.plain_traceback
    )


def _install(handler: logging.Handler, level: str) -> None:
    root = logging.getLogger()
    for present in [present for present in root.handlers if isinstance(present, StdoutHandler)]:
        root.removeHandler(present)
    root.addHandler(handler)
    root.setLevel(level)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access", "alembic", "sqlalchemy"):
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
        logger.setLevel(logging.NOTSET)
    # one line per request comes from our own middleware; these repeat it
    for name in ("uvicorn.access", "httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.WARNING)
    for name in ("sqlalchemy", "aiosqlite", "asyncio"):
        logging.getLogger(name).setLevel(max(logging.WARNING, logging.getLevelName(level)))
