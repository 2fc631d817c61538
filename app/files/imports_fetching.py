"""Bytes from addresses that strangers name, without being led to our own network.

A name is resolved once, every address it has is judged, and the connection goes to the very address that was
judged: a name that means something else a moment later gains nothing. Each redirect is judged anew.
"""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from http import HTTPStatus
from http.cookiejar import DefaultCookiePolicy
from urllib.parse import unquote

import httpx
from python_multipart.multipart import parse_options_header

from app.core.http import make_client
from app.files.imports_addresses import is_public
from app.files.imports_errors import SourceFailed, SourceRefused

SCHEMES = {"http": 80, "https": 443}
MOST_REDIRECTS = 5
MOST_ADDRESSES = 4
"""Of one name, tried one after the other."""
RESOLVE_SECONDS = 5.0
CONNECT_SECONDS = 5.0
PAUSE_SECONDS = 15.0
"""How long a source may send nothing."""


@dataclass(frozen=True)
class Fetched:
    """A file on its way in: what its source calls it, and its bytes, which raise `SourceFailed`."""

    name: str
    chunks: AsyncIterator[bytes]


class Fetcher:
    """Fetches over HTTP; ``allow_private`` also from networks that are not public."""

    def __init__(self, client: httpx.AsyncClient, *, allow_private: bool) -> None:
        self.client = client
        self.allow_private = allow_private

    @asynccontextmanager
    async def open(self, url: str) -> AsyncIterator[Fetched]:
        """The file behind an address; whoever asks sets the time for all of it.

        Raises:
            SourceRefused: we do not go there.
            SourceFailed: it cannot be reached, or does not answer with a file.
        """
        response = await self._followed(_parsed(url))
        try:
            if response.headers.get("Content-Encoding", "identity").strip().lower() != "identity":
                raise SourceFailed("The file was sent in an encoding that was not asked for.")
            yield Fetched(_name(response, url), _chunks(response))
        finally:
            await response.aclose()

    async def _followed(self, url: httpx.URL) -> httpx.Response:
        for _ in range(MOST_REDIRECTS + 1):
            response = await self._asked(url)
            if response.status_code == HTTPStatus.OK:
                return response
            await response.aclose()
            if not response.has_redirect_location:
                raise SourceFailed(f"The address answered with status {response.status_code}.")
            url = _parsed(response.headers["Location"], base=url)
        raise SourceFailed(f"The address redirects more than {MOST_REDIRECTS} times.")

    async def _asked(self, url: httpx.URL) -> httpx.Response:
        """Ask the addresses of the host one after the other, until one can be connected to."""
        host = url.raw_host.decode("ascii")
        for address in await self._resolved(host, url.port or SCHEMES[url.scheme]):
            request = self.client.build_request(
                "GET",
                url.copy_with(host=address),
                headers={"Host": url.netloc.decode("ascii")},
                extensions={"sni_hostname": host},
            )
            try:
                return await self.client.send(request, stream=True)
            except (httpx.ConnectError, httpx.ConnectTimeout):
                continue
            except (httpx.HTTPError, httpx.InvalidURL) as error:
                raise SourceFailed("The address did not answer as a web server does.") from error
        raise SourceFailed("The address cannot be reached.")

    async def _resolved(self, host: str, port: int) -> list[str]:
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(RESOLVE_SECONDS):
                found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError, TimeoutError) as error:
            raise SourceFailed("The address cannot be found.") from error
        addresses = list(dict.fromkeys(str(place[0]) for *_, place in found))
        if not self.allow_private and not all(is_public(address) for address in addresses):
            raise SourceRefused("The address does not belong to the public internet.")
        return addresses[:MOST_ADDRESSES]


@asynccontextmanager
async def fetching(connections: int) -> AsyncIterator[httpx.AsyncClient]:
    """A client that keeps no connection, as another host may share its address, and no cookies."""
    async with make_client(
        connect_seconds=CONNECT_SECONDS,
        read_seconds=PAUSE_SECONDS,
        pool_seconds=PAUSE_SECONDS,
        connections=connections,
        keep_alive=False,
    ) as client:
        client.cookies.jar.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        yield client


def _parsed(url: str, base: httpx.URL | None = None) -> httpx.URL:
    try:
        parsed = httpx.URL(url) if base is None else base.join(url)
    except (httpx.InvalidURL, ValueError, TypeError) as error:
        raise SourceRefused("This is no address.") from error
    if parsed.scheme not in SCHEMES or not parsed.raw_host:
        raise SourceRefused("Only addresses that begin with http:// or https:// are fetched.")
    if parsed.userinfo:
        raise SourceRefused("Addresses with a name or a password in them are not fetched.")
    return parsed.copy_with(fragment=None)


def _name(response: httpx.Response, url: str) -> str:
    """What the source calls the file, else the end of its path."""
    _, options = parse_options_header(response.headers.get("Content-Disposition", ""))
    given = options.get(b"filename", b"").decode("utf-8", "replace")
    return given or unquote(httpx.URL(url).path.rstrip("/").rpartition("/")[2])


async def _chunks(response: httpx.Response) -> AsyncIterator[bytes]:
    try:
        async for chunk in response.aiter_raw():
            yield chunk
    except httpx.HTTPError as error:
        raise SourceFailed("The file did not arrive whole.") from error
