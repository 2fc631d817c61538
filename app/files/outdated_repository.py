"""Which files an older release has measured or drawn, and which pictures are nobody's."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import and_, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from app.analyses.models import Analysis, Picture
from app.analyses.pictures import PICTURES_VERSION, PREPARED
from app.contract.geometry import FACTS_VERSION
from app.core.clock import now
from app.files.models import File

SETTLED = timedelta(minutes=10)
"""A file that is younger is left to the job that has it in hand."""


class OutdatedRepository:
    """Questions that look at every file: for sessions that only read."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def files(self, most: int) -> Sequence[File]:
        """Some files, one of each content, of which there could be known more, or drawn more."""
        twin = aliased(File)
        is_first = ~exists().where(twin.sha256 == File.sha256, twin.id < File.id)
        current = and_(Analysis.sha256 == File.sha256, Analysis.facts_version >= FACTS_VERSION)
        drawn = select(func.count()).where(
            Picture.sha256 == File.sha256,
            Picture.kind.in_(PREPARED),
            Picture.version >= PICTURES_VERSION,
        )
        lacks = or_(
            ~exists().where(current),
            and_(
                exists().where(current, Analysis.facts.is_not(None)), drawn.scalar_subquery() < len(PREPARED)
            ),
        )
        found = select(File).where(lacks, is_first, File.created_at < now() - SETTLED)
        return (await self.session.scalars(found.order_by(File.id).limit(most))).all()

    async def unused_pictures(self) -> Sequence[str]:
        """The contents of which there are pictures, and no file any more."""
        unused = select(Picture.sha256).where(~exists().where(File.sha256 == Picture.sha256)).distinct()
        return (await self.session.scalars(unused)).all()
