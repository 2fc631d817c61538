"""Bringing the database to the present schema; safe for two processes starting at once."""

import asyncio
from pathlib import Path
from threading import Lock

from alembic import command
from alembic.config import Config

ROOT = Path(__file__).resolve().parents[2]
ONE_THREAD = Lock()
"""Alembic's context is global to the process."""


def alembic_config(url: str) -> Config:
    """The project's Alembic settings for the database at ``url``."""
    config = Config(ROOT / "alembic.ini")
    config.attributes["url"] = url
    config.attributes["quiet"] = True
    return config


async def upgrade(url: str) -> None:
    """Run the migrations that are missing; waits while another process runs them."""
    await asyncio.to_thread(_upgrade, alembic_config(url))


def _upgrade(config: Config) -> None:
    with ONE_THREAD:
        command.upgrade(config, "head")
