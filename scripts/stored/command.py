"""The command line of ``scripts/storage.py``."""

import argparse
import asyncio
import os
import sys
from pathlib import Path

from pydantic import SecretStr
from sqlalchemy.exc import SQLAlchemyError

from app.core.config import DatabaseSection
from app.core.db import open_database
from app.core.errors import AppError
from app.core.storage import Storage
from scripts.backups import BackupFailed
from scripts.backups.installation import storage_section
from scripts.local.machine import say
from scripts.local.settings import data_place
from scripts.local.venv import ROOT
from scripts.stored.inspection import Report, inspect

MEGABYTE = 1_000_000


def main(arguments: list[str] | None = None) -> int:
    """0 when everything is where it should be, 1 with lines when not."""
    chosen = parse_arguments(arguments)
    os.chdir(ROOT)  # what is relative in the settings is meant from here
    try:
        report = asyncio.run(check(chosen))
    except AppError as error:
        sys.stderr.write(f"{error.detail} ({error.__cause__})\n")
        return 1
    except BackupFailed as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except SQLAlchemyError as error:
        sys.stderr.write(f"The database refused: {getattr(error, 'orig', None) or error}\n")
        return 1
    return told(report)


async def check(chosen: argparse.Namespace) -> Report:
    """Compare the two places of the installation."""
    place = data_place(chosen.data_dir, os.environ)
    storage = Storage.of(storage_section(place))
    database = open_database(DatabaseSection(url=SecretStr(place.database_url)))
    try:
        return await inspect(database, storage, quick=chosen.quick)
    finally:
        await database.close()


def told(report: Report) -> int:
    """Say what was found."""
    for word, keys in (("LOST", report.lost), ("DAMAGED", report.damaged), ("ORPHANED", report.orphaned)):
        for key in keys:
            sys.stderr.write(f"{word}: {key}\n")
    megabytes = report.checked_bytes / MEGABYTE
    say(
        f"{report.checked} contents, pieces and pictures of {megabytes:.1f} MB checked: "
        f"{len(report.lost)} lost, {len(report.damaged)} damaged, {len(report.orphaned)} orphaned"
    )
    return 0 if report.is_sound else 1


def parse_arguments(arguments: list[str] | None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description="Look after stored files; see docs/operations.md.")
    commands = parser.add_subparsers(required=True, metavar="check")
    checking = commands.add_parser("check", help="find lost, damaged and orphaned bytes")
    checking.add_argument("--quick", action="store_true", help="compare sizes, read nothing")
    checking.add_argument("--data-dir", type=Path, help="the folder of the installation, as for run.py")
    return parser.parse_args(arguments)
