"""Noticing that a newer calculator came with another catalogue."""

from app.catalog.client import CatalogClient
from app.catalog.dependencies import build_catalogue
from app.catalog.library import VersionLibrary
from app.core.jobs import JobContext, every


@every("1 min", name="catalog.adopt_shipped")
async def adopt_shipped(context: JobContext) -> None:
    """Take in what the calculator came with, once."""
    version = await context.resources.get(CatalogClient).shipped_version()
    if await context.resources.get(VersionLibrary).content(version) is None:
        await build_catalogue(context.resources).adopt()
