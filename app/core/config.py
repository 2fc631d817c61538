"""All settings of the API: one section per concern, read once, passed on.

Each is an environment variable ``MILLWRIGHT_<SECTION>__<NAME>`` (also from ``.env``).
"""

import ipaddress
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict, SettingsError

from app.contract.settings import OF_THE_CALCULATOR, PREFIX, complaints
from app.core.rates import RateText

API_PREFIX = "/api/v1"
"""Under which the routes of every feature lie, behind the base path."""
PLACEHOLDERS = {"", "changeme", "change-me", "secret", "password", "placeholder", "example"}
MEGABYTE = 1_000_000
SECRET_BYTES = 32
LOCAL_PAGES = r"https?://(localhost|127\.0\.0\.1)(:\d+)?"


class Environment(StrEnum):
    """Where this installation runs; Secure cookies and refused placeholders follow it."""

    development = "development"
    production = "production"


class Section(BaseModel):
    """Settings of one concern: a name it does not know is a typing error, and none is shown when refused."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


class ServerSection(Section):
    """Where the API listens and what it tells about itself."""

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8000
    base_path: str = ""
    """Prefix of every route, cookie and link, such as ``/shop``; empty for none."""
    docs: bool = True
    """Whether ``/docs`` and ``/openapi.json`` answer."""
    origins: Annotated[list[str], NoDecode] = []
    """Origins of frontends besides our own, comma-separated, such as ``https://shop.example``."""
    log_level: str = "INFO"
    log_json: bool = True
    request_log: bool = True
    """One log line per request."""
    max_body_bytes: int = MEGABYTE
    """Largest body of a route that takes no file."""
    max_requests: Annotated[int, Field(ge=1)] = 200
    """Requests answered at the same time; the next one is told to come back."""
    client_pause_seconds: Annotated[float, Field(gt=0)] = 30.0
    """How long a client may send or take nothing in the middle of a request."""
    client_least_bytes_per_second: Annotated[int, Field(ge=1)] = 1000
    """How fast a request body must arrive on average once that time is over."""
    trusted_proxies: Annotated[int, Field(ge=0, le=8)] = 0
    """How many reverse proxies in front of us are believed about the client's address."""

    @property
    def api_path(self) -> str:
        """The path every route of a feature begins with."""
        return self.base_path + API_PREFIX

    @field_validator("base_path")
    @classmethod
    def _clean_base_path(cls, value: str) -> str:
        stripped = value.strip().strip("/")
        return f"/{stripped}" if stripped else ""

    @field_validator("origins", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return (
            [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value
        )


class AdminSection(Section):
    """The first administrator."""

    email: str = "admin@localhost.localdomain"
    password: SecretStr | None = None
    """When not given one is generated, written to ``<data>/first-admin.txt`` and must be changed."""


class DatabaseSection(Section):
    """The database and the connections held to it."""

    url: SecretStr = SecretStr("sqlite+aiosqlite:///data/millwright.db")
    """``sqlite+aiosqlite:///path`` or ``postgresql+asyncpg://user:password@host/name``."""
    pool_size: Annotated[int, Field(ge=1, le=200)] = 10
    pool_wait_seconds: Annotated[float, Field(gt=0)] = 5.0
    connect_seconds: Annotated[float, Field(gt=0)] = 5.0
    statement_seconds: Annotated[float, Field(gt=0)] = 30.0
    sqlite_synchronous: Annotated[str, Field(pattern="^(FULL|NORMAL)$")] = "FULL"
    """FULL survives a power cut with every answered request; NORMAL is faster and may lose the last."""


class AuthSection(Section):
    """Signing in."""

    secret: SecretStr = SecretStr("")
    """Signs access tokens; at least 32 bytes."""
    access_minutes: Annotated[int, Field(ge=1, le=24 * 60)] = 15
    session_hours: Annotated[int, Field(ge=1)] = 12
    remember_days: Annotated[int, Field(ge=1)] = 30
    bcrypt_rounds: Annotated[int, Field(ge=4, le=16)] = 12
    refresh_grace_seconds: Annotated[int, Field(ge=0, le=60)] = 10
    """How long a replaced refresh token still answers with its successor (two tabs at once)."""


class StorageSection(Section):
    """Where the bytes of files are kept."""

    url: str = "data/files"
    """A local folder."""
    max_file_bytes: Annotated[int, Field(ge=1)] = 250 * MEGABYTE
    max_base64_bytes: Annotated[int, Field(ge=1)] = 20 * MEGABYTE
    max_inline_bytes: Annotated[int, Field(ge=1)] = 10 * MEGABYTE
    """Decoded size of a file sent inside a price request."""
    demo_files: bool = True
    """Whether the five demo parts are there for everybody."""


class CalculatorSection(Section):
    """How the calculator is reached."""

    url: str = "http://127.0.0.1:7000"
    secret: SecretStr = SecretStr("")
    """Shared with the calculator; needed unless it listens on loopback."""
    connect_seconds: Annotated[float, Field(gt=0)] = 2.0
    price_seconds: Annotated[float, Field(gt=0)] = 10.0
    analysis_seconds: Annotated[float, Field(gt=0)] = 60.0
    connections: Annotated[int, Field(ge=1)] = 32
    catalog_seconds: Annotated[float, Field(ge=0)] = 30.0
    """How long a catalogue that was read is used before it is asked for again."""

    @model_validator(mode="before")
    @classmethod
    def _leave_the_calculators_own(cls, given: object) -> object:
        """Where both services have one environment, what is meant for the other is no mistake."""
        if not isinstance(given, dict):
            return given
        not_ours = OF_THE_CALCULATOR - cls.model_fields.keys()
        return {name: value for name, value in given.items() if name not in not_ours}


class PricingSection(Section):
    """What a price promises."""

    valid_days: Annotated[int, Field(ge=1, le=3650)] = 30


class LimitsSection(Section):
    """How often something may be asked, such as ``60 per minute`` or ``1 per 2 seconds``.

    By address unless said otherwise, an IPv6 address by its /64 network; the same count for all processes.
    """

    enabled: bool = True
    """Whether anything is refused for being asked too often."""
    login: RateText = "30 per minute"
    """Sign-ins, right or wrong; wrong passwords have growing waits besides."""
    refresh: RateText = "120 per minute"
    """Refreshed and ended sessions."""
    registration: RateText = "20 per hour"
    """New accounts."""
    password: RateText = "20 per hour"  # noqa: S105 - a rate
    """Changed and reset passwords."""
    mail: RateText = "20 per hour"
    """Letters asked for: confirmations and recoveries."""
    mail_to: RateText = "3 per hour"
    """The same, for one recipient, from wherever it is asked."""
    key_check: RateText = "1 per 2 seconds"
    """Checks of one API key from one address."""
    price: RateText = "60 per minute"
    """Prices without login."""
    anonymous: RateText = "1200 per minute"
    """Everything else that is asked without login."""


class Settings(BaseSettings):
    """Everything configurable; built once and passed to ``create_app``."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_nested_delimiter="__",
        env_file=".env",
        extra="ignore",
        hide_input_in_errors=True,
    )

    environment: Environment = Environment.production
    data_dir: Path = Path("data")
    """Database, files and secrets made at first start."""
    server: ServerSection = ServerSection()
    admin: AdminSection = AdminSection()
    database: DatabaseSection = DatabaseSection()
    auth: AuthSection = AuthSection()
    storage: StorageSection = StorageSection()
    calculator: CalculatorSection = CalculatorSection()
    pricing: PricingSection = PricingSection()
    limits: LimitsSection = LimitsSection()

    @property
    def is_development(self) -> bool:
        """Whether conveniences of a developer's machine are allowed."""
        return self.environment is Environment.development

    @property
    def local_pages(self) -> str | None:
        """Origins of frontends a developer runs on the same machine, as a pattern; none in production."""
        return LOCAL_PAGES if self.is_development else None

    @model_validator(mode="after")
    def _refuse_placeholders(self) -> Self:
        """Outside development a weak or missing secret stops the start instead of the shop."""
        secret = self.auth.secret.get_secret_value()
        if secret.strip().lower() in PLACEHOLDERS or len(secret.encode()) < SECRET_BYTES:
            raise ValueError(
                "MILLWRIGHT_AUTH__SECRET: must be a random value of at least 32 bytes; "
                "make one with: python3 -c 'import secrets; print(secrets.token_urlsafe(48))'"
            )
        if self.is_development:
            return self
        password = self.admin.password
        if password is not None and password.get_secret_value().strip().lower() in PLACEHOLDERS:
            raise ValueError(
                "MILLWRIGHT_ADMIN__PASSWORD: is a placeholder; choose a real one or leave it out"
            )
        if not self.calculator.secret.get_secret_value() and not _is_loopback(self.calculator.url):
            raise ValueError(
                "MILLWRIGHT_CALCULATOR__SECRET: is needed when the calculator is not on loopback"
            )
        return self


def _is_loopback(url: str) -> bool:
    host = url.split("://", 1)[-1].split("/", 1)[0].rsplit("@", 1)[-1]
    name = host[1:].split("]", 1)[0] if host.startswith("[") else host.split(":", 1)[0]
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def read_settings() -> Settings:
    """The settings of the environment; where they cannot be used the process ends, saying which and why."""
    try:
        return Settings()
    except ValidationError as error:
        sys.exit(complaints(error, PREFIX))
    except SettingsError as error:
        sys.exit(str(error))


def database_section() -> DatabaseSection:
    """The database settings alone, for tools that need no other secret."""

    class DatabaseOnly(BaseSettings):
        model_config = Settings.model_config
        database: DatabaseSection = DatabaseSection()

    return DatabaseOnly().database
