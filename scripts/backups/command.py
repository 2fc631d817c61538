"""The command line of ``scripts/backup.py``, once the packages are there."""

import argparse
import asyncio
import os
import sys
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from app.core.errors import AppError
from scripts.backups import BackupFailed
from scripts.backups.create import create, name_of_now
from scripts.backups.installation import Installation, installation_in, installation_of
from scripts.backups.manifest import Manifest
from scripts.backups.restore import restore, verify
from scripts.local.machine import SetupError, say
from scripts.local.services import only_one
from scripts.local.venv import ROOT

MEGABYTE = 1_000_000
SHOWN = 20


def main() -> int:
    """0 when everything is as wanted, 1 with a sentence when not."""
    chosen = parse_arguments()
    os.chdir(ROOT)  # what is relative in the settings is meant from here
    try:
        done: int = chosen.run(chosen)
    except (BackupFailed, SetupError) as error:
        sys.stderr.write(f"{error}\n")
    except AppError as error:
        sys.stderr.write(f"{error.detail} ({error.__cause__})\n")
    except SQLAlchemyError as error:
        sys.stderr.write(f"The database refused: {getattr(error, 'orig', None) or error}\n")
    except OSError as error:
        sys.stderr.write(f"{error.filename or 'The database'}: {error.strerror or error}\n")
    else:
        return done
    return 1


def run_create(chosen: argparse.Namespace) -> int:
    """Make a backup; 1 also when it was written but files were missing already."""
    target = target_of(chosen.target)
    manifest = asyncio.run(
        create(installation_of(chosen.data_dir, os.environ), target, with_secrets=chosen.with_secrets)
    )
    say(f"{target}: {described(manifest)}")
    return warned(manifest)


def run_verify(chosen: argparse.Namespace) -> int:
    """Read a backup from end to end."""
    manifest = asyncio.run(verify(chosen.source))
    say(f"{chosen.source} is whole: {described(manifest)}")
    return warned(manifest)


def run_restore(chosen: argparse.Namespace) -> int:
    """Put a backup back."""
    installation = place_of(chosen)
    made_here = not installation.data_dir.exists()
    installation.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        with only_one(installation.data_dir):
            manifest = asyncio.run(restore(chosen.source, installation, force=chosen.force))
    except BaseException:
        if made_here:
            remove_if_unused(installation.data_dir)
        raise
    say(f"Restored {described(manifest)} into {installation.data_dir}")
    if not installation.secrets.exists():
        say("No secrets were restored; without given ones the next start makes new ones.")
    return warned(manifest)


def place_of(chosen: argparse.Namespace) -> Installation:
    """Where to restore: a folder that was named, or the installation of the settings."""
    if chosen.into is not None:
        return installation_in(chosen.into, chosen.database)
    if chosen.database:
        raise BackupFailed("--database goes with --into, which says where the files shall be.")
    return installation_of(chosen.data_dir, os.environ)


def target_of(given: Path) -> Path:
    """The file to write: the one named, or one named by the time in the folder named."""
    target = given / name_of_now() if given.is_dir() else given
    if not target.name.endswith((".tar", ".tar.gz", ".tgz")):
        raise BackupFailed(f"{given} is neither a folder nor a name that ends with .tar or .tar.gz.")
    if not target.parent.is_dir():
        raise BackupFailed(f"There is no folder {target.parent}.")
    return target


def remove_if_unused(data_dir: Path) -> None:
    """Take back a folder that was made for nothing."""
    (data_dir / "run.lock").unlink(missing_ok=True)
    if not any(data_dir.iterdir()):
        data_dir.rmdir()


def described(manifest: Manifest) -> str:
    """What a backup holds, in a line."""
    rows = ", ".join(
        f"{count} {name}" for name, count in manifest.tables.items() if name != "alembic_version"
    )
    megabytes = manifest.size_bytes / MEGABYTE
    return (
        f"{manifest.database} of {manifest.made_at:%Y-%m-%d %H:%M:%S} UTC, {rows}; "
        f"{manifest.stored_files} stored files, {megabytes:.1f} MB"
    )


def warned(manifest: Manifest) -> int:
    """Name the files that were lost before the backup was made; 1 if there are any."""
    if not manifest.missing:
        return 0
    shown = "".join(f"\n  {key}" for key in manifest.missing[:SHOWN])
    sys.stderr.write(
        f"{len(manifest.missing)} files were missing or changed in the storage when this was made:{shown}\n"
    )
    return 1


def parse_arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description="Back up database and files; see docs/operations.md.")
    commands = parser.add_subparsers(required=True, metavar="create|verify|restore")
    creating = commands.add_parser("create", help="write a backup while the service runs")
    creating.add_argument("target", type=path, help="a folder, or a new file .tar or .tar.gz")
    creating.add_argument("--with-secrets", action="store_true", help="also <data>/secrets.env")
    creating.set_defaults(run=run_create)
    verifying = commands.add_parser("verify", help="read a backup from end to end")
    verifying.add_argument("source", type=path)
    verifying.set_defaults(run=run_verify)
    restoring = commands.add_parser("restore", help="put a backup back; the service must not run")
    restoring.add_argument("source", type=path)
    restoring.add_argument(
        "--into", type=path, metavar="FOLDER", help="a data folder, whatever the settings say"
    )
    restoring.add_argument("--database", metavar="URL", help="with --into: the PostgreSQL database")
    restoring.add_argument("--force", action="store_true", help="replace a database that is there")
    restoring.set_defaults(run=run_restore)
    for command in (creating, restoring):
        command.add_argument("--data-dir", type=path, help="as for run.py (data in the project)")
    return parser.parse_args()


def path(text: str) -> Path:
    """A path as typed, from where it is typed."""
    return Path(text).expanduser().absolute()
