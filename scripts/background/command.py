"""The command line of ``scripts/jobs.py``."""

import argparse
import asyncio
import json
import os
import sys
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

from pydantic import SecretStr
from sqlalchemy.exc import SQLAlchemyError

from app.audit.dependencies import audit_log
from app.audit.service import SYSTEM
from app.background.dependencies import build_keeper, build_reader
from app.background.schemas import JobQuery, JobRead
from app.background.service import JobKeeper
from app.core.config import DatabaseSection
from app.core.db import Database, open_database
from app.core.errors import AppError, Conflict, NotFound
from app.core.job_tables import JobStatus
from scripts.local.machine import say
from scripts.local.settings import data_place
from scripts.local.venv import ROOT

SHOWN = 100


def main(arguments: list[str] | None = None) -> int:
    """0 when everything asked for was done, 1 with a sentence when not."""
    chosen = parse_arguments(arguments)
    os.chdir(ROOT)  # what is relative in the settings is meant from here
    url = data_place(chosen.data_dir, os.environ).database_url
    try:
        return asyncio.run(over(url, chosen))
    except AppError as error:
        sys.stderr.write(f"{error.detail} ({error.__cause__})\n")
    except SQLAlchemyError as error:
        sys.stderr.write(f"The database refused: {getattr(error, 'orig', None) or error}\n")
    return 1


async def over(url: str, chosen: argparse.Namespace) -> int:
    """The chosen command over the database at ``url``."""
    database = open_database(DatabaseSection(url=SecretStr(url)))
    try:
        if chosen.command == "inspect":
            await (inspect(database) if chosen.id is None else show(database, chosen.id))
            return 0
        return await change(database, chosen)
    finally:
        await database.close()


async def inspect(database: Database) -> None:
    """Counts of every handler, and what was given up."""
    async with database.reading() as session:
        reader = build_reader(session)
        counts = await reader.counts()
        dead = await reader.search(JobQuery(status=[JobStatus.dead], limit=SHOWN))
    by_handler: dict[str, list[str]] = defaultdict(list)
    for handler, status, count in counts:
        by_handler[handler].append(f"{count} {status}")
    for handler, states in by_handler.items():
        say(f"{handler}: {', '.join(states)}")
    for job in dead.items:
        say(f"dead {job.id} {job.handler} {job.key} after {job.attempts} attempts: {job.error}")
    if dead.total > len(dead.items):
        say(f"… and {dead.total - len(dead.items)} more dead ones")
    if not counts:
        say("There are no jobs.")


async def show(database: Database, job_id: UUID) -> None:
    """Everything about one job."""
    async with database.reading() as session:
        reader = build_reader(session)
        job = JobRead.model_validate(await reader.get(job_id))
        progress = [news.payload for news in await reader.progress(job_id)]
    told = {**job.model_dump(mode="json"), "progress": progress}
    say(json.dumps(told, indent=2, ensure_ascii=False))


async def change(database: Database, chosen: argparse.Namespace) -> int:
    """Retry or drop one job after the other, each in a transaction of its own."""
    ids: Sequence[UUID] = chosen.ids
    if chosen.dead:
        async with database.reading() as session:
            ids = await build_reader(session).dead(chosen.handler)
    failed = 0
    for job_id in ids:
        try:
            async with database.transaction() as session:
                await touch(build_keeper(session, audit_log(session)), chosen.command, job_id)
        except (NotFound, Conflict) as error:
            sys.stderr.write(f"{job_id}: {error.detail}\n")
            failed += 1
    done = "to be run again" if chosen.command == "retry" else "dropped"
    say(f"{len(ids) - failed} jobs {done}.")
    return 1 if failed else 0


async def touch(keeper: JobKeeper, command: str, job_id: UUID) -> None:
    """One job."""
    if command == "retry":
        await keeper.retry(SYSTEM, job_id)
    else:
        await keeper.drop(SYSTEM, job_id)


def parse_arguments(arguments: list[str] | None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description="Look after background jobs.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="inspect|retry|drop")
    inspecting = commands.add_parser("inspect", help="count jobs and list what was given up, or show one")
    inspecting.add_argument("id", nargs="?", type=UUID, metavar="ID")
    retrying = commands.add_parser("retry", help="run now what was given up, or rests")
    dropping = commands.add_parser("drop", help="forget what was given up, waits, or is still to be run")
    for one in (retrying, dropping):
        one.add_argument("ids", nargs="*", type=UUID, metavar="ID")
        one.add_argument("--dead", action="store_true", help="everything that was given up")
        one.add_argument("--handler", help="with --dead: of this handler only")
    for one in (inspecting, retrying, dropping):
        one.add_argument("--data-dir", type=Path, help="the folder of the installation, as for run.py")
    chosen = parser.parse_args(arguments)
    if chosen.command != "inspect" and bool(chosen.ids) == chosen.dead:
        parser.error(f"{chosen.command} wants either ids or --dead")
    return chosen
