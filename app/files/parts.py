"""A file as whoever measures and draws sees it."""

from collections.abc import AsyncIterable
from contextlib import aclosing
from functools import partial

from app.analyses.service import Charge
from app.analyses.service import Content as Part
from app.contents.models import Content
from app.contents.service import ContentService
from app.core.quotas import Quotas
from app.files.models import File


def part_of(file: File, contents: ContentService) -> Part:
    """The bytes of a file with its name."""
    return Part(file.sha256, file.name, partial(_bytes, contents, file.content))


def charged_to(file: File, quotas: Quotas) -> Charge | None:
    """What counts a new part for its owner; the demo parts are nobody's."""
    return None if file.owner_id is None else partial(quotas.take_analysis, file.owner_id)


async def _bytes(contents: ContentService, content: Content) -> AsyncIterable[bytes]:
    async with aclosing(await contents.open(content)) as chunks:
        async for chunk in chunks:
            yield chunk
