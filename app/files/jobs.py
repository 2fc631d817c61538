"""What is done for files in the background: measuring, drawing, fetching, tidying up."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from app.analyses.dependencies import build_pictures
from app.contents.events import ContentReleased
from app.core.clock import now
from app.core.db import Database
from app.core.errors import Unavailable, UpstreamFailed, UpstreamTimeout
from app.core.jobs import JobContext, Postpone, Retry, Slots, every, on
from app.core.quotas import QuotaExceeded
from app.files.events import FileStored, ImportAsked, PartOutdated, PictureAsked
from app.files.importing import import_files
from app.files.outdated_repository import OutdatedRepository
from app.files.pictures_dependencies import build_preparation
from app.files.repository import FileRepository, ImportRepository

CALCULATOR = Slots("calculator", at_once=1)
"""One part at a time in each worker: whoever waits for a price finds the calculator's other children free."""
DOWNLOADS = Slots("downloads", at_once=2)
MEASURING = Retry(attempts=30, base_seconds=2.0, cap_seconds=600.0)
DRAWING = Retry(attempts=4, base_seconds=5.0, cap_seconds=120.0)
AWAY = Retry(base_seconds=5.0)
"""How long a part rests while the calculator is away."""
LONGEST_REST_SECONDS = 3600.0
OUTDATED_AT_ONCE = 20
"""So that an upgrade does not take all there is to calculate with."""
IMPORTS_KEPT = timedelta(days=7)
UNTOUCHED = timedelta(hours=1)
"""Bytes no row knows for so long belong to a process that is gone."""


@on(FileStored, name="files.measure", retry=MEASURING, slots=CALCULATOR)
async def measure(context: JobContext, stored: FileStored) -> None:
    """Measure a new file."""
    await _prepare(context, stored)


@on(PartOutdated, name="files.measure_again", retry=MEASURING, slots=CALCULATOR)
async def measure_again(context: JobContext, outdated: PartOutdated) -> None:
    """Measure and draw what a file lacks."""
    await _prepare(context, outdated)


async def _prepare(context: JobContext, event: FileStored | PartOutdated) -> None:
    file = await FileRepository(context.session).get(event.file_id)
    with _patience():
        await build_preparation(context.resources, context.session).measure(file)


@on(PictureAsked, name="files.draw", retry=DRAWING, slots=CALCULATOR)
async def draw(context: JobContext, asked: PictureAsked) -> None:
    """Draw a picture or a model; what the calculator fails at again and again is not drawn."""
    preparation = build_preparation(context.resources, context.session)
    try:
        with _patience():
            await preparation.draw(asked.sha256, asked.kind)
    except (UpstreamFailed, UpstreamTimeout) as failure:
        if context.attempt < DRAWING.attempts:
            raise
        await preparation.pictures.give_up(asked.sha256, asked.kind, failure.code)


@on(ContentReleased, name="files.drop_pictures")
async def drop_pictures(context: JobContext, released: ContentReleased) -> None:
    """Remove the pictures of a part nobody has any more."""
    await build_preparation(context.resources, context.session).let_go(released.sha256)


@every("10 min", name="files.catch_up")
async def catch_up(context: JobContext) -> None:
    """Have measured and drawn anew what an older release did, some of it at a time."""
    async with context.resources.get(Database).reading() as session:
        outdated = await OutdatedRepository(session).files(OUTDATED_AT_ONCE)
    await build_preparation(context.resources, context.session).catch_up(outdated, now().toordinal())


@every("1 h", name="files.sweep_pictures")
async def sweep_pictures(context: JobContext) -> None:
    """Remove pictures that were drawn when nobody had the part any more, and bytes that no row knows."""
    async with context.resources.get(Database).reading() as session:
        unused = await OutdatedRepository(session).unused_pictures()
    await build_pictures(context.resources).sweep(unused, UNTOUCHED)


@on(ImportAsked, name="files.import", retry=Retry(attempts=3), slots=DOWNLOADS, limit_seconds=1800.0)
async def fetch(context: JobContext, asked: ImportAsked) -> None:
    """Fetch the files of an import."""
    await import_files(context, asked.import_id)


@every("1 day", name="files.forget_imports")
async def forget_imports(context: JobContext) -> None:
    """Forget imports of last week, with their addresses."""
    await ImportRepository(context.session).forget(now() - IMPORTS_KEPT)


@contextmanager
def _patience() -> Iterator[None]:
    """A calculator that is away delays and does not fail; an owner who had enough today waits as well."""
    try:
        yield
    except Unavailable as away:
        raise Postpone(AWAY.rest_seconds(1), away.code) from away
    except QuotaExceeded as enough:
        rest = float(enough.headers.get("Retry-After", LONGEST_REST_SECONDS))
        raise Postpone(min(rest, LONGEST_REST_SECONDS), enough.code) from enough
