"""Bringing the database to the present schema; safe for two processes starting at once."""

import asyncio
from pathlib import Path

from alembic import command
from alembic.config import Config

ROOT = Path(__file__).resolve().parents[2]


def alembic_config(url: str) -> Config:
    """The project's Alembic settings for the database at ``url``."""
    config = Config(ROOT / "alembic.ini")
    config.attributes["url"] = url
    config.attributes["quiet"] = True
    return config


async def upgrade(url: str) -> None:
    """Run the migrations that are missing; waits while another process runs them."""
    await asyncio.to_thread(command.upgrade, alembic_config(url), "head")
