"""The command line of ``scripts/audit.py``."""

import argparse
import asyncio
import os
import sys
from pathlib import Path

from pydantic import SecretStr
from sqlalchemy.exc import SQLAlchemyError

from app.audit.chain import Link
from app.audit.dependencies import audit_log
from app.audit.service import Report
from app.core.config import DatabaseSection
from app.core.db import open_database
from app.core.errors import AppError
from scripts.local.machine import say
from scripts.local.settings import data_place
from scripts.local.venv import ROOT


def main(arguments: list[str] | None = None) -> int:
    """0 when the chain is whole, 1 with a sentence when not."""
    chosen = parse_arguments(arguments)
    os.chdir(ROOT)  # what is relative in the settings is meant from here
    try:
        report = asyncio.run(inspect(data_place(chosen.data_dir, os.environ).database_url, chosen.head))
    except AppError as error:
        sys.stderr.write(f"{error.detail} ({error.__cause__})\n")
        return 1
    except SQLAlchemyError as error:
        sys.stderr.write(f"The database refused: {getattr(error, 'orig', None) or error}\n")
        return 1
    return told(report)


async def inspect(database_url: str, head: Link | None) -> Report:
    """Walk along the chain in this database."""
    database = open_database(DatabaseSection(url=SecretStr(database_url)))
    try:
        async with database.reading() as session:
            return await audit_log(session).inspect(head)
    finally:
        await database.close()


def told(report: Report) -> int:
    """Say what was found."""
    for place in report.broken:
        sys.stderr.write(f"BROKEN: {place}\n")
    say(f"{report.head.position} records sealed, head {report.head}")
    if report.unsealed:
        say(
            f"{report.unsealed} records not sealed yet, "
            f"the oldest of {report.unsealed_since:%Y-%m-%d %H:%M:%S} UTC"
        )
    if not report.broken:
        say("The chain is whole.")
    return 1 if report.broken else 0


def parse_arguments(arguments: list[str] | None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description="Inspect the audit log; see docs/security.md.")
    commands = parser.add_subparsers(required=True, metavar="verify")
    verifying = commands.add_parser("verify", help="walk along the chain of digests")
    verifying.add_argument("--data-dir", type=Path, help="the folder of the installation, as for run.py")
    verifying.add_argument("--head", type=link, help="POSITION:DIGEST noted before")
    return parser.parse_args(arguments)


def link(text: str) -> Link:
    """A head as it is printed."""
    position, _, digest = text.partition(":")
    return Link(int(position), digest)
