"""Files as uploaded by somebody."""

import struct
from uuid import UUID

from app.core.db import Database
from app.core.resources import Resources
from app.files.dependencies import build_files
from app.files.incoming import in_pieces
from app.files.schemas import FileRead

STEP = b"ISO-10303-21;\nHEADER;\nENDSEC;\nDATA;\nENDSEC;\nEND-ISO-10303-21;\n"


def stl(triangles: int = 4, seed: int = 0) -> bytes:
    """A binary STL with so many (meaningless) triangles."""
    triangle = struct.pack("<12fH", 0, 0, 1, 0, 0, 0, 1, 0, seed, 0, 1, 0, 0)
    return b" " * 80 + struct.pack("<I", triangles) + triangle * triangles


async def make_file(
    resources: Resources, *, owner_id: UUID, name: str = "part.step", content: bytes = STEP
) -> FileRead:
    """A stored file."""
    async with resources.get(Database).transaction() as session:
        files = build_files(resources, session)
        return await files.store(owner_id, name, in_pieces(content))
