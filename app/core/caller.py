"""Who is at the other end of a connection."""

import ipaddress
from dataclasses import dataclass

from starlette.requests import Request


@dataclass(frozen=True, slots=True)
class Caller:
    """The address and the program a request came from; both only as good as what was claimed."""

    address: str
    user_agent: str


def caller_of(request: Request, trusted_proxies: int) -> Caller:
    """The caller of a request behind so many reverse proxies of our own.

    Each proxy appends the address it was called from to X-Forwarded-For, so only the last
    ``trusted_proxies`` entries are believed; what stands before them anybody may have written.
    """
    peer = request.client.host if request.client else ""
    hops = [part.strip() for line in request.headers.getlist("x-forwarded-for") for part in line.split(",")]
    address = hops[-trusted_proxies] if 0 < trusted_proxies <= len(hops) else peer
    program = "".join(filter(str.isprintable, request.headers.get("user-agent", "")))
    return Caller(address if _is_address(address) else peer, program)


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
