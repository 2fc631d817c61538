"""Which installation is meant: its database, its files, its secrets."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from app.contract.settings import PREFIX, complaints
from app.core.config import StorageSection
from app.core.storage import Storage
from scripts.backups import BackupFailed
from scripts.backups.contents import AnyDatabase
from scripts.backups.manifest import SECRETS
from scripts.backups.postgres import PostgresDatabase
from scripts.backups.sqlite import SqliteDatabase
from scripts.local.settings import DataPlace, data_place


@dataclass(frozen=True)
class Installation:
    """The places a backup is made of, or restored into."""

    data_dir: Path
    database: AnyDatabase
    storage_settings: StorageSection

    @property
    def storage(self) -> Storage:
        """Where the files are."""
        return Storage.of(self.storage_settings)

    @property
    def secrets(self) -> Path:
        """The file of secrets made at the first start, if they were not given."""
        return self.data_dir / SECRETS


def installation_of(data_dir: Path | None, environment: Mapping[str, str]) -> Installation:
    """The one the settings and ``--data-dir`` name, as ``run.py`` understands them."""
    place = data_place(data_dir, environment)
    return Installation(place.data_dir, database_at(place.database_url), storage_section(place))


def installation_in(folder: Path, database_url: str | None) -> Installation:
    """One in a folder, whatever the settings say; its database elsewhere where a URL is given."""
    chosen = folder.expanduser().absolute()
    database = database_at(database_url) if database_url else SqliteDatabase(chosen / "millwright.db")
    return Installation(chosen, database, StorageSection(url=str(chosen / "files")))


def storage_section(place: DataPlace) -> StorageSection:
    """The storage of the settings, with the keys of an object store."""
    try:
        return StorageSection.model_validate(dict(place.storage))
    except ValidationError as error:
        raise BackupFailed(complaints(error, f"{PREFIX}STORAGE__")) from error


def database_at(url: str) -> AnyDatabase:
    """The database behind a URL of the settings."""
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise BackupFailed("The database URL cannot be understood.") from error
    if parsed.drivername == "postgresql+asyncpg":
        return PostgresDatabase(url)
    if parsed.drivername == "sqlite+aiosqlite" and parsed.database not in {None, "", ":memory:"}:
        return SqliteDatabase(Path(str(parsed.database)).absolute())
    raise BackupFailed("The database URL must name a SQLite file or begin with postgresql+asyncpg://.")
