"""What happens to a file after it was stored: it is measured, and its pictures and its model are drawn."""

from collections.abc import Iterable

from app.analyses.errors import ANALYSIS_REFUSALS
from app.analyses.pictures import PictureService
from app.analyses.service import AnalysisService
from app.contents.service import ContentService
from app.core.outbox import Outbox
from app.core.quotas import Quotas
from app.files.events import PartOutdated, PictureAsked
from app.files.models import File
from app.files.parts import charged_to, part_of
from app.files.repository import FileRepository


class Preparation:
    """Gets files ready in the background."""

    def __init__(
        self,
        files: FileRepository,
        contents: ContentService,
        analyses: AnalysisService,
        pictures: PictureService,
        quotas: Quotas,
        outbox: Outbox,
    ) -> None:
        self.files = files
        self.contents = contents
        self.analyses = analyses
        self.pictures = pictures
        self.quotas = quotas
        self.outbox = outbox

    async def measure(self, file: File | None) -> None:
        """Have it measured unless it is, then ask for the pictures that are missing.

        Raises:
            QuotaExceeded: its owner has had enough measured today.
            Unavailable, UpstreamTimeout, UpstreamFailed: not now.
        """
        await self.files.release()
        if file is None:
            return
        try:
            charge = charged_to(file, self.quotas)
            await self.analyses.facts_of(part_of(file, self.contents), charge=charge)
        except ANALYSIS_REFUSALS:
            return  # kept, and told to whoever asks
        for kind in await self.pictures.missing(file.sha256):
            await self.outbox.publish(PictureAsked(file.sha256, kind))

    async def draw(self, sha256: str, kind: str) -> None:
        """Have a picture drawn of a content somebody has.

        Raises:
            Unavailable, UpstreamTimeout, UpstreamFailed: not now.
        """
        file = await self.files.get_by_content(sha256)
        await self.files.release()
        if file is not None:
            await self.pictures.draw(part_of(file, self.contents), kind)

    async def let_go(self, sha256: str) -> None:
        """Remove the pictures of a content, unless somebody has it."""
        file = await self.files.get_by_content(sha256)
        await self.files.release()
        if file is None:
            await self.pictures.forget(sha256)

    async def catch_up(self, outdated: Iterable[File], day: int) -> None:
        """Ask for what an older release measured or drew, and for what was given up; once in a day each."""
        for file in outdated:
            await self.outbox.publish(PartOutdated(file.id), once=f"{file.sha256} on {day}")
