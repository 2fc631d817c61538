"""Noticing that a newer calculator came with another catalogue."""

import structlog

from app.catalog.client import CatalogClient
from app.catalog.dependencies import build_catalogue
from app.catalog.errors import CatalogInvalid
from app.catalog.library import VersionLibrary
from app.core.errors import Unavailable, UpstreamFailed, UpstreamTimeout
from app.core.jobs import JobContext, Postpone, every

AWAY_SECONDS = 30
UNFIT_SECONDS = 3600

log = structlog.get_logger("app")


@every("1 min", name="catalog.adopt_shipped")
async def adopt_shipped(context: JobContext) -> None:
    """Take in what the calculator came with, once."""
    try:
        version = await context.resources.get(CatalogClient).shipped_version()
        if await context.resources.get(VersionLibrary).content(version) is None:
            await build_catalogue(context.resources).adopt()
    except (Unavailable, UpstreamTimeout, UpstreamFailed) as away:
        raise Postpone(AWAY_SECONDS, away.code) from away
    except CatalogInvalid as unfit:
        log.error("changes of the shop do not fit the newer catalogue", reason=unfit.detail)  # noqa: TRY400
        raise Postpone(UNFIT_SECONDS, unfit.detail) from unfit
