"""The cookie that carries the refresh token, and which pages may make a browser send it."""

import re
from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

from starlette.responses import Response

from app.auth.errors import ForeignOrigin
from app.core.config import API_PREFIX

COOKIE = "millwright_refresh"
DEFAULT_PORTS = {"http": 80, "https": 443}


class RefreshCookie:
    """HttpOnly, SameSite=Lax, sent to the API only; Secure unless on a developer's machine.

    A name that begins with ``__Secure-`` cannot be set by pages that came unencrypted.
    """

    def __init__(self, base_path: str, *, secure: bool) -> None:
        self.name = f"__Secure-{COOKIE}" if secure else COOKIE
        self.path = base_path + API_PREFIX
        self.secure = secure

    def read(self, cookies: Mapping[str, str]) -> str | None:
        """The token a request brought."""
        return cookies.get(self.name)

    def put(self, response: Response, refresh_token: str, seconds: int) -> None:
        """Have the browser keep the token for so long, and keep the answer out of every cache."""
        response.headers["Cache-Control"] = "no-store"
        self._set(response, refresh_token, seconds)

    def clear(self, response: Response) -> None:
        """Have the browser forget it."""
        self._set(response, "", 0)

    def _set(self, response: Response, value: str, seconds: int) -> None:
        response.set_cookie(
            self.name,
            value,
            max_age=seconds,
            path=self.path,
            secure=self.secure,
            httponly=True,
            samesite="lax",
        )


def refuse_foreign_pages(
    headers: Mapping[str, str], origins: Iterable[str], pattern: str | None = None
) -> None:
    """Raise `ForeignOrigin` unless the page that asks is our own, one of ``origins`` or fits ``pattern``.

    Our own is the page of the host the request went to; its scheme is not compared, since behind a proxy
    we do not see it. A request that names no origin passes unless the browser calls it cross-site.
    """
    origin = headers.get("origin")
    if origin is None:
        if headers.get("sec-fetch-site") == "cross-site":
            raise ForeignOrigin
        return
    configured = {_normal(known) for known in origins}
    is_known = _normal(origin) in configured or (pattern is not None and re.fullmatch(pattern, origin))
    if not is_known and not _is_host(origin, headers.get("host", "")):
        raise ForeignOrigin


def _normal(origin: str) -> str:
    return origin.strip().rstrip("/").lower()


def _is_host(origin: str, host: str) -> bool:
    try:
        page = urlsplit(origin)
        target = urlsplit(f"{page.scheme}://{host}")
        default = DEFAULT_PORTS[page.scheme]
        return bool(page.hostname) and (page.hostname, page.port or default) == (
            target.hostname,
            target.port or default,
        )
    except (KeyError, ValueError):
        return False
