"""All settings of the API: one section per concern, read once, passed on.

Each is an environment variable ``MILLWRIGHT_<SECTION>__<NAME>`` (also from ``.env``).
"""

import ipaddress
import sys
from enum import StrEnum
from pathlib import Path
from typing import Self

from pydantic import ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict, SettingsError

from app.contract.settings import PREFIX, complaints
from app.core.sections import (
    API_PREFIX,
    AdminSection,
    AuthSection,
    CalculatorSection,
    DatabaseSection,
    JobsSection,
    LimitsSection,
    MailSection,
    MailSecurity,
    PricingSection,
    QuotasSection,
    ScannerSection,
    Section,
    ServerSection,
    StorageSection,
)

__all__ = [
    "API_PREFIX",
    "AdminSection",
    "AuthSection",
    "CalculatorSection",
    "DatabaseSection",
    "Environment",
    "JobsSection",
    "LimitsSection",
    "MailSection",
    "MailSecurity",
    "PricingSection",
    "QuotasSection",
    "ScannerSection",
    "Section",
    "ServerSection",
    "Settings",
    "StorageSection",
    "database_section",
    "read_settings",
]

PLACEHOLDERS = {"", "changeme", "change-me", "secret", "password", "placeholder", "example"}
SECRET_BYTES = 32
LOCAL_PAGES = r"https?://(localhost|127\.0\.0\.1)(:\d+)?"


EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - recognised, not listened on
"""Where a service that listens on every address is reached from its own machine."""


class Environment(StrEnum):
    """Where this installation runs; Secure cookies and refused placeholders follow it."""

    development = "development"
    production = "production"


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
    quotas: QuotasSection = QuotasSection()
    scanner: ScannerSection = ScannerSection()
    calculator: CalculatorSection = CalculatorSection()
    pricing: PricingSection = PricingSection()
    limits: LimitsSection = LimitsSection()
    mail: MailSection = MailSection()
    jobs: JobsSection = JobsSection()

    @property
    def is_development(self) -> bool:
        """Whether conveniences of a developer's machine are allowed."""
        return self.environment is Environment.development

    @property
    def local_pages(self) -> str | None:
        """Origins of frontends a developer runs on the same machine, as a pattern; none in production."""
        return LOCAL_PAGES if self.is_development else None

    @property
    def site(self) -> str:
        """Where people reach us, with the base path; unless a setting says so, where we listen."""
        host = EVERYWHERE.get(self.server.host, self.server.host)
        listening = f"http://[{host}]" if ":" in host else f"http://{host}"
        named = self.server.site if "://" in self.server.site else f"https://{self.server.site}"
        where = named if self.server.site else f"{listening}:{self.server.port}"
        return where + self.server.base_path

    @model_validator(mode="after")
    def _lead_letters_somewhere(self) -> Self:
        """Outside development nobody sends letters whose links lead to his own machine."""
        has_links = bool(self.mail.confirm_link and self.mail.reset_link)
        if self.mail.host and not (self.is_development or self.server.site or has_links):
            raise ValueError(
                "MILLWRIGHT_SERVER__SITE: the host name people reach us by is needed for the links of letters"
            )
        return self

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
        if self.auth.confirm_email and not self.mail.host:
            raise ValueError("MILLWRIGHT_MAIL__HOST: is needed when customers must confirm their address")
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
