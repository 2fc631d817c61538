"""Pictures and models of contents: drawn once over all processes, kept in the storage beside the bytes."""

from collections.abc import AsyncIterator, Iterable
from datetime import timedelta
from functools import partial

from app.analyses.client import REFUSALS
from app.analyses.errors import ANALYSIS_REFUSALS, CadTooComplex
from app.analyses.leases import Leases
from app.analyses.models import Picture
from app.analyses.pictures_client import PicturesClient
from app.analyses.pictures_repository import PictureRepository
from app.analyses.running import Running
from app.analyses.service import Content
from app.core.clock import now
from app.core.models import new_id
from app.core.storage import Storage
from app.core.strays import without_row

PICTURES_VERSION = 1
"""Goes up when parts are drawn otherwise; what is there is shown until it is drawn anew."""
FOLDER = "pictures"
SIZES_PX = (64, 128, 256, 512, 1024, 2048)
"""Along the longer side; what is asked for in between is answered with the next larger one."""
THUMBNAIL_PX, PREVIEW_PX = 256, 512
MODEL = "model"
PIECE_BYTES = 256 * 1024
BATCH = 500


def preview_kind(size_px: int) -> str:
    """What the picture is called that is at least of this size, or the largest there is."""
    return f"preview-{next((size for size in SIZES_PX if size >= size_px), SIZES_PX[-1])}"


THUMBNAIL, PREVIEW = preview_kind(THUMBNAIL_PX), preview_kind(PREVIEW_PX)
PREPARED = (THUMBNAIL, PREVIEW, MODEL)
"""What every part gets by itself."""


class PictureService:
    """Has parts drawn, and knows what was drawn."""

    def __init__(
        self,
        pictures: PictureRepository,
        client: PicturesClient,
        storage: Storage,
        leases: Leases,
        running: Running,
    ) -> None:
        self.pictures = pictures
        self.client = client
        self.storage = storage
        self.leases = leases
        self.running = running

    async def find(self, sha256: str, kind: str) -> Picture | None:
        """What is known of this picture."""
        return await self.pictures.find(sha256, kind)

    async def of(self, sha256: str) -> dict[str, Picture]:
        """What is known of all pictures of a content, by kind."""
        return {picture.kind: picture for picture in await self.pictures.of(sha256)}

    async def missing(self, sha256: str) -> list[str]:
        """Which of the pictures every part gets are not drawn yet, or otherwise than they are drawn now."""
        known = await self.of(sha256)
        return [kind for kind in PREPARED if kind not in known or not is_current(known[kind])]

    async def open(self, key: str) -> AsyncIterator[bytes]:
        """The bytes of a picture."""
        return await self.storage.open(key)

    async def draw(self, content: Content, kind: str) -> None:
        """Have it drawn, unless it is; a picture the part cannot have is remembered as such.

        Raises:
            Unavailable, UpstreamTimeout, UpstreamFailed: the calculator, or the storage, cannot do it.
        """
        await self.running.join((kind, content.sha256), partial(self._shared, content, kind))

    async def give_up(self, sha256: str, kind: str, code: str) -> None:
        """Remember that there will be no such picture, whatever the part is like."""
        await self._keep(sha256, kind, failure_code=code)

    async def forget(self, sha256: str) -> None:
        """Remove all pictures of a content."""
        await self._remove([sha256])

    async def sweep(self, unused: Iterable[str], untouched_for: timedelta) -> int:
        """Remove pictures of contents nobody has any more, and bytes that no row knows; how many bytes' keys.

        ``untouched_for`` spares what is just being stored.
        """
        await self._remove(list(unused))
        keys = await self.storage.keys(FOLDER, before=now() - untouched_for)
        strays = await without_row(keys, self.pictures.without_row)
        for key in strays:
            await self.storage.delete(key)
        return len(strays)

    async def _shared(self, content: Content, kind: str) -> None:
        while True:
            held = await self.leases.claim(content.sha256, kind)
            if held is not None:
                async with self.leases.kept(held):
                    if not await self._is_drawn(content.sha256, kind):
                        await self._draw(content, kind)
                return
            await self.leases.wait(content.sha256, kind)
            if await self._is_drawn(content.sha256, kind):
                return

    async def _is_drawn(self, sha256: str, kind: str) -> bool:
        known = await self.pictures.find(sha256, kind)
        return known is not None and is_current(known)

    async def _draw(self, content: Content, kind: str) -> None:
        try:
            drawn = await self._asked(content, kind)
        except ANALYSIS_REFUSALS as refusal:
            await self._keep(content.sha256, kind, failure_code=refusal.code)
            return
        key = f"{FOLDER}/{content.sha256}/{new_id()}"
        await self.storage.put_stream(key, _in_pieces(drawn))
        await self._keep(content.sha256, kind, storage_key=key, size_bytes=len(drawn))

    async def _asked(self, content: Content, kind: str) -> bytes:
        if kind == MODEL:
            return await self.client.model(content.read(), content.name)
        return await self.client.preview(content.read(), content.name, int(kind.removeprefix("preview-")))

    async def _keep(self, sha256: str, kind: str, **outcome: object) -> None:
        before = await self.pictures.keep(sha256, kind, PICTURES_VERSION, **outcome)
        if before is not None:
            await self.storage.delete(before)

    async def _remove(self, sha256s: list[str]) -> None:
        for start in range(0, len(sha256s), BATCH):
            for key in await self.pictures.remove(sha256s[start : start + BATCH]):
                await self.storage.delete(key)


def is_current(picture: Picture) -> bool:
    """Whether drawing anew would give the same."""
    return picture.version >= PICTURES_VERSION


def check_drawable(picture: Picture) -> None:
    """Raise why there is no such picture, if there cannot be one."""
    if picture.failure_code is not None:
        raise REFUSALS.get(picture.failure_code, CadTooComplex)


async def _in_pieces(content: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(content), PIECE_BYTES):
        yield content[start : start + PIECE_BYTES]
