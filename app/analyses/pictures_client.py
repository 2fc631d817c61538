"""The calculator's drawing side: bytes in, pictures and models out."""

from collections.abc import AsyncIterable

import httpx

from app.analyses.client import refusal_in
from app.contract.pictures import GLB, PNG
from app.core.http import Upstream

MOST_PICTURE_BYTES = 32 * 1024 * 1024
MOST_MODEL_BYTES = 256 * 1024 * 1024


class PicturesClient:
    """Draws parts.

    Both methods raise CadUnreadable, CadInvalid and CadTooComplex for what the part is to blame for, and
    Unavailable, UpstreamTimeout and UpstreamFailed for what the calculator is.
    """

    def __init__(self, upstream: Upstream) -> None:
        self.upstream = upstream

    async def preview(self, content: AsyncIterable[bytes], name: str, size_px: int) -> bytes:
        """A PNG with so many pixels along its longer side."""
        params = {"name": name, "size": str(size_px)}
        return self._drawn(
            await self.upstream.request(
                "POST",
                "/v1/preview",
                content=content,
                params=params,
                expects=PNG,
                max_bytes=MOST_PICTURE_BYTES,
            )
        )

    async def model(self, content: AsyncIterable[bytes], name: str) -> bytes:
        """A binary glTF: metres, y up, faces told apart."""
        return self._drawn(
            await self.upstream.request(
                "POST",
                "/v1/model.glb",
                content=content,
                params={"name": name},
                expects=GLB,
                max_bytes=MOST_MODEL_BYTES,
            )
        )

    def _drawn(self, response: httpx.Response) -> bytes:
        if response.is_success:
            if not response.content:
                raise self.upstream.errors.failed
            return response.content
        raise refusal_in(response, self.upstream)
