"""The calculator's catalogue, read over HTTP and kept while the calculator is away."""

import asyncio
import time

import structlog

from app.contract.catalog import Catalog
from app.core.errors import AppError
from app.core.http import Upstream

log = structlog.get_logger("app")


class CatalogClient:
    """The last catalogue that was read; asked for again when it has become old."""

    def __init__(self, upstream: Upstream, *, fresh_seconds: float) -> None:
        self.upstream = upstream
        self.fresh_seconds = fresh_seconds
        self._kept: Catalog | None = None
        self._read_at = 0.0
        self._reading = asyncio.Lock()

    async def current(self) -> Catalog:
        """The catalogue; an older one when the calculator is away.

        Raises:
            Unavailable, UpstreamTimeout, UpstreamFailed: there is none yet and the calculator is away.
        """
        if self._kept is None or time.monotonic() - self._read_at > self.fresh_seconds:
            async with self._reading:
                if self._kept is None or time.monotonic() - self._read_at > self.fresh_seconds:
                    return await self.refresh()
        return self._kept

    async def refresh(self) -> Catalog:
        """Ask now; the kept one when nobody answers."""
        try:
            response = await self.upstream.request("GET", "/v1/catalog")
            if not response.is_success:
                raise self.upstream.errors.failed
            self._kept = self.upstream.read(response, Catalog)
        except AppError:
            if self._kept is None:
                raise
            log.warning("catalogue kept", version=self._kept.version)
        self._read_at = time.monotonic()
        return self._kept
