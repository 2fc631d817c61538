"""The demo parts that come with the service, under ids that never change."""

import hashlib
from pathlib import Path
from uuid import UUID

from app.contents.errors import FileTooLarge
from app.contents.service import ContentService
from app.contract.formats import sniff_content
from app.core.offload import Offload
from app.files.incoming import in_pieces
from app.files.models import File
from app.files.repository import FileRepository

NAMES = ("bracket.step", "pump-cover.step", "stepped-shaft.step", "front-panel.step", "knob.stl")
FOLDER = Path(__file__).parent / "demo"


def demo_id(number: int) -> UUID:
    """The fixed id of the demo part with this number (1–5)."""
    return UUID(f"00000000-0000-7000-8000-{number:012d}")


class DemoParts:
    """Puts the demo parts into the storage and the table, and keeps them current."""

    def __init__(self, files: FileRepository, contents: ContentService, offload: Offload) -> None:
        self.files = files
        self.contents = contents
        self.offload = offload

    async def seed(self) -> None:
        """Add the demo parts that are missing and replace those that changed."""
        for number, name in enumerate(NAMES, start=1):
            await self._seed(demo_id(number), name, await self.offload.run((FOLDER / name).read_bytes))

    async def _seed(self, file_id: UUID, name: str, content: bytes) -> None:
        sha256 = hashlib.sha256(content).hexdigest()
        present = await self.files.get_demo(file_id)
        if present is not None and present.sha256 == sha256:
            return
        part_format = sniff_content(content)
        assert part_format is not None, f"{name} is no part"
        received = await self.contents.receive(in_pieces(content), len(content), refusal=FileTooLarge())
        if present is None:
            present = File(id=file_id, owner_id=None, is_demo=True)
        else:
            await self.contents.release([present.sha256])
        present.name, present.format, present.size_bytes = name, part_format, len(content)
        present.content = await self.contents.keep(received)
        await self.files.add(present)
