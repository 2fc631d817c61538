"""The calculator's catalogues: read, sent and proposed over HTTP; what is public is kept while it is away."""

import asyncio
import time
from collections import OrderedDict
from dataclasses import dataclass

import httpx
import structlog

from app.catalog.errors import UNKNOWN_CATALOG, CatalogInvalid, VersionUnknown
from app.contract.catalog import Catalog
from app.contract.catalog_rows import CatalogContent, CatalogProposal
from app.core.errors import AppError
from app.core.http import Upstream

MOST_KEPT = 4

log = structlog.get_logger("app")


@dataclass(frozen=True)
class _Kept:
    catalog: Catalog
    read_at: float


class CatalogClient:
    """Catalogues by version; the public side of the last ones is kept, and asked for again when it is old."""

    def __init__(self, upstream: Upstream, *, fresh_seconds: float) -> None:
        self.upstream = upstream
        self.fresh_seconds = fresh_seconds
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        self._reading = asyncio.Lock()

    async def public(self, version: str) -> Catalog:
        """What everybody may know of a version; what was read before when the calculator is away.

        Raises:
            VersionUnknown: the calculator does not hold it.
            Unavailable, UpstreamTimeout, UpstreamFailed: it was never read and the calculator is away.
        """
        kept = self._fresh(version)
        if kept is not None:
            return kept
        async with self._reading:
            return self._fresh(version) or await self._read(version)

    async def shipped(self) -> CatalogContent:
        """The catalogue the calculator came with, with all its rows."""
        response = await self._asked_of_none("GET", "/v1/catalogs/shipped")
        return self.upstream.read(response, CatalogContent)

    async def shipped_version(self) -> str:
        """The name of the catalogue the calculator came with."""
        return self.upstream.read(await self._asked_of_none("GET", "/v1/catalog"), Catalog).version

    async def send(self, content: CatalogContent) -> None:
        """Have the calculator hold a version.

        Raises:
            CatalogInvalid: it cannot price by these rows.
        """
        body = content.model_dump_json(include={"rows"}).encode()
        await self._asked_of_none("PUT", f"/v1/catalogs/{content.version}", body)

    async def propose(self, proposal: CatalogProposal) -> CatalogContent:
        """The version that changes would make.

        Raises:
            VersionUnknown: the calculator does not hold the version they are based on.
            CatalogInvalid: they make no catalogue; the errors name file and line.
        """
        response = await self._asked("POST", "/v1/catalogs", proposal.model_dump_json().encode())
        return self.upstream.read(response, CatalogContent)

    def _fresh(self, version: str) -> Catalog | None:
        kept = self._kept.get(version)
        if kept is None or time.monotonic() - kept.read_at > self.fresh_seconds:
            return None
        return kept.catalog

    async def _read(self, version: str) -> Catalog:
        kept = self._kept.get(version)
        try:
            response = await self._asked("GET", "/v1/catalog", params={"version": version})
            catalog = self.upstream.read(response, Catalog)
        except AppError:
            if kept is None:
                raise
            log.warning("catalogue kept", version=version)
            catalog = kept.catalog
        self._kept[version] = _Kept(catalog, time.monotonic())
        self._kept.move_to_end(version)
        while len(self._kept) > MOST_KEPT:
            self._kept.popitem(last=False)
        return catalog

    async def _asked_of_none(self, method: str, path: str, content: bytes | None = None) -> httpx.Response:
        """The answer where no version is asked about that the calculator might not hold."""
        try:
            return await self._asked(method, path, content)
        except VersionUnknown:
            raise self.upstream.errors.failed from None

    async def _asked(
        self, method: str, path: str, content: bytes | None = None, params: dict[str, str] | None = None
    ) -> httpx.Response:
        headers = {"Content-Type": "application/json"} if content is not None else None
        response = await self.upstream.request(method, path, content=content, params=params, headers=headers)
        if response.is_success:
            return response
        problem = self.upstream.problem(response)
        if problem.code == UNKNOWN_CATALOG:
            raise VersionUnknown
        if problem.code == CatalogInvalid.code:
            raise CatalogInvalid(problem.detail, errors=problem.errors)
        raise self.upstream.errors.failed
