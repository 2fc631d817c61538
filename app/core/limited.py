"""Limits by the address a request comes from, as a dependency of routes, and the headers that tell them."""

import ipaddress

from fastapi import Request
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.core.caller import caller_of
from app.core.config import LimitsSection, Settings
from app.core.rate_limits import RateLimiter, tightest
from app.core.rates import limit

IPV6_NETWORK_BITS = 64
"""What one customer of a provider is given at least; he may use any address in it."""


class PerAddress:
    """A dependency that counts a request against the limit of this name in ``LimitsSection``.

    ``batch`` as in `RateLimiter.take`, for what is asked often and costs little.
    """

    def __init__(self, name: str, *, batch: int = 1) -> None:
        if name not in LimitsSection.model_fields:
            raise ValueError(f"there is no limit called {name}")
        self.name = name
        self.batch = batch

    async def __call__(self, request: Request) -> None:
        """Count, or refuse with 429; what is left is told with the answer, whatever it will be."""
        resources = request.state.resources
        settings: Settings = resources.get(Settings)
        rule = limit(self.name.replace("_", "-"), getattr(settings.limits, self.name))
        address = caller_of(request, settings.server.trusted_proxies).address
        await resources.get(RateLimiter).take(rule, network_of(address), batch=self.batch)


def network_of(address: str) -> str:
    """The address itself, or for IPv6 the /64 network it belongs to."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address):
        mapped = parsed.ipv4_mapped
        network = ipaddress.ip_network((parsed.packed, IPV6_NETWORK_BITS), strict=False)
        return str(network if mapped is None else mapped)
    return str(parsed)


class RateLimitHeaders:
    """Puts what is left on the answers of requests that were counted."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; a refusal has brought its headers itself."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def told(message: Message) -> None:
            allowance = tightest.get()
            if allowance is not None and message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in allowance.headers().items():
                    headers.setdefault(name, value)
            await send(message)

        before = tightest.set(None)
        try:
            await self.app(scope, receive, told)
        finally:
            tightest.reset(before)
