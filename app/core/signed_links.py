"""Addresses that carry their own permission: for one path, for ten minutes.

Browsers send no Authorization header for pictures, downloads and event streams, so the links in a row are
signed instead. What is logged of a request never holds its query.
"""

import base64
import hmac
from datetime import timedelta
from typing import Annotated

from fastapi import Depends, Query, Request

from app.core.clock import now
from app.core.errors import Forbidden
from app.core.resources import Resources

LIFETIME = timedelta(minutes=10)
LATEST = 2**40
"""No moment after it is told in seconds since 1970."""


class LinkRefused(Forbidden):
    """The link does not hold, or not any more; get the row again for a new one."""

    code, title = "link-refused", "Link refused"


class SignedLinks:
    """Makes and checks links; ``prefix`` is the path of the API."""

    def __init__(self, secret: str, prefix: str) -> None:
        self.prefix = prefix
        self._key = hmac.digest(secret.encode(), b"signed links", "sha256")

    def to(self, path: str) -> str:
        """The link to a path of the API, such as ``/files/…/download``."""
        whole, expires = self.prefix + path, int((now() + LIFETIME).timestamp())
        return f"{whole}?expires={expires}&signature={self._signature(whole, expires)}"

    def verify(self, whole_path: str, expires: int, signature: str) -> None:
        """Raise `LinkRefused` unless we signed this path until then, and then is still to come."""
        expected = self._signature(whole_path, expires)
        if not hmac.compare_digest(expected.encode(), signature.encode("utf-8", "surrogatepass")):
            raise LinkRefused
        if expires <= now().timestamp():
            raise LinkRefused

    def _signature(self, path: str, expires: int) -> str:
        raw = hmac.digest(self._key, f"{path}\n{expires}".encode(), "sha256")
        return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


async def holds_link(
    request: Request,
    expires: Annotated[int | None, Query(ge=0, le=LATEST, description="Of a signed link.")] = None,
    signature: Annotated[str | None, Query(max_length=64, description="Of a signed link.")] = None,
) -> bool:
    """A dependency: whether the request came by a signed link; one that does not hold is refused."""
    if expires is None and signature is None:
        return False
    if expires is None or signature is None:
        raise LinkRefused
    resources: Resources = request.state.resources
    resources.get(SignedLinks).verify(request.scope["path"], expires, signature)
    return True


HoldsLink = Annotated[bool, Depends(holds_link)]
