import asyncio
import sys
from pathlib import Path

import pytest
from alembic import command
from alembic.util.exc import CommandError

from app.core.db import Database
from app.core.migrations import ROOT, alembic_config

MIGRATE = """
import asyncio, sys
from app.core.migrations import upgrade
asyncio.run(upgrade(sys.argv[1]))
"""


class TestUpgrade:
    async def test_the_models_need_no_further_migration(self, live: Database) -> None:
        url = live.engine.url.render_as_string(hide_password=False)
        try:
            await asyncio.to_thread(command.check, alembic_config(url))
        except CommandError as difference:
            pytest.fail(str(difference))

    async def test_two_processes_starting_at_once_migrate_once(self, tmp_path: Path) -> None:
        url = f"sqlite+aiosqlite:///{tmp_path}/new/both.db"
        starts = [
            await asyncio.create_subprocess_exec(sys.executable, "-c", MIGRATE, url, cwd=ROOT)
            for _ in range(2)
        ]

        assert [await start.wait() for start in starts] == [0, 0]
