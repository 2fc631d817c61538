"""The sections of the API's settings: one per concern."""

import re
from enum import StrEnum
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator
from pydantic_settings import NoDecode

from app.contract.settings import OF_THE_CALCULATOR
from app.core.rates import RateText

API_PREFIX = "/api/v1"
"""Under which the routes of every feature lie, behind the base path."""
MEGABYTE = 1_000_000
ORIGIN = re.compile(r"https?://([a-z0-9.-]+|\[[0-9a-f:.]+\])(:[0-9]{1,5})?")
LinkText = Annotated[str, Field(pattern=r"^(https?://[^{}\s]+\{token\}[^{}\s]*)?$")]
"""An address with a place for a token; behind ``#`` it stays out of the logs of servers."""
SiteText = Annotated[str, Field(pattern=r"^((https?://)?[^\s/{}#?@]+)?$")]


class Section(BaseModel):
    """Settings of one concern: a name it does not know is a typing error, and none is shown when refused."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


class ServerSection(Section):
    """Where the API listens and what it tells about itself."""

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8000
    base_path: str = ""
    """Prefix of every route, cookie and link, such as ``/shop``; empty for none."""
    site: SiteText = ""
    """Host name people reach us by, or with ``http://`` before it, for letters; empty: where we listen."""
    docs: bool = True
    """Whether ``/docs`` and ``/openapi.json`` answer."""
    origins: Annotated[list[str], NoDecode] = []
    """Origins of frontends besides our own, comma-separated, such as ``https://shop.example``."""
    log_level: str = "INFO"
    log_json: bool = True
    request_log: bool = True
    """One log line per request; a quick question that was answered is told with ``DEBUG`` only."""
    max_body_bytes: int = MEGABYTE
    """Largest body of a route that takes no file."""
    max_requests: Annotated[int, Field(ge=1)] = 200
    """Requests answered at the same time; the next one is told to come back. Half may be event streams."""
    stream_seconds: Annotated[float, Field(gt=0, le=3600)] = 300.0
    """How long a stream of events lasts; browsers come back by themselves."""
    client_pause_seconds: Annotated[float, Field(gt=0)] = 30.0
    """How long a client may send or take nothing in the middle of a request."""
    client_least_bytes_per_second: Annotated[int, Field(ge=1)] = 1000
    """How fast an upload must arrive on average once that time is over."""
    client_body_seconds: Annotated[float, Field(gt=0)] = 20.0
    """How long any other body may take to arrive; a file within it has another second for every 50 kB."""
    trusted_proxies: Annotated[int, Field(ge=0, le=8)] = 0
    """How many reverse proxies in front of us are believed about the client's address."""
    phone_region: Annotated[str, Field(pattern="^[A-Z]{2}$")] = "RU"
    """Country of phone numbers written without a country code (ISO 3166-1)."""

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

    @field_validator("origins")
    @classmethod
    def _are_origins(cls, value: list[str]) -> list[str]:
        """Each with scheme and host and nothing behind: a page that may send cookies is named in full."""
        origins = [origin.rstrip("/").lower() for origin in value]
        for origin in origins:
            if not ORIGIN.fullmatch(origin):
                raise ValueError(f"{origin} is no origin such as https://shop.example")
        return origins


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
    longest_days: Annotated[int, Field(ge=1)] = 180
    """After so long a session ends, however often it was used; then the password is asked for again."""
    bcrypt_rounds: Annotated[int, Field(ge=4, le=16)] = 12
    refresh_grace_seconds: Annotated[int, Field(ge=0, le=60)] = 10
    """How long a replaced refresh token still answers with its successor (two tabs at once)."""
    confirm_email: bool = False
    """Whether customers must confirm their e-mail address before anything else; administrators need not."""
    confirm_hours: Annotated[int, Field(ge=1, le=24 * 30)] = 24
    """How long the link of a confirmation letter works."""
    recovery_minutes: Annotated[int, Field(ge=5, le=24 * 60)] = 60
    """How long the link of a letter that sets a new password works."""
    letter_pause_seconds: Annotated[int, Field(ge=0, le=24 * 3600)] = 300
    """How soon the same letter to the same recipient may be asked for again."""
    password_days: Annotated[int, Field(ge=0, le=3650)] = 0
    """After how many days a password must be changed; 0 for never."""


class StorageSection(Section):
    """Where the bytes of files are kept."""

    url: str = "data/files"
    """A local folder, or ``s3://bucket/prefix`` in any S3-compatible store."""
    endpoint: str = ""
    """Where the S3-compatible store answers, such as ``https://minio.example:9000``; empty for Amazon's."""
    region: str = "us-east-1"
    access_key: str = ""
    """Of the S3 store; empty for what the surroundings give (``AWS_…``, the role of the machine)."""
    secret_key: SecretStr = SecretStr("")
    presigned_links: bool = True
    """Whether links of downloads lead straight into an S3 store; it must be given its keys here for that."""
    public_endpoint: str = ""
    """Where browsers reach the S3 store, if not at ``endpoint``."""
    max_file_bytes: Annotated[int, Field(ge=1)] = 250 * MEGABYTE
    max_base64_bytes: Annotated[int, Field(ge=1)] = 20 * MEGABYTE
    max_inline_bytes: Annotated[int, Field(ge=1)] = 10 * MEGABYTE
    """Decoded size of a file sent inside a price request."""
    import_seconds: Annotated[float, Field(gt=0, le=300)] = 60.0
    """How long one file may take to be fetched from an address somebody names."""
    import_allow_private: bool = False
    """Whether such an address may lead into networks that are not public: this machine, this company."""
    upload_hours: Annotated[int, Field(ge=1, le=24 * 30)] = 24
    """How long an upload that broke off may be gone on with, counted from its last bytes."""
    demo_files: bool = True
    """Whether the five demo parts are there for everybody."""


class QuotasSection(Section):
    """How much one user may keep and have measured; 0 for as much as wanted."""

    bytes_per_user: Annotated[int, Field(ge=0)] = 0
    """All that is stored of a user, also what others store too, and uploads that are still coming."""
    files_per_user: Annotated[int, Field(ge=0)] = 0
    """Files, documents and uploads that are still coming."""
    analyses_per_day: Annotated[int, Field(ge=0)] = 0
    """New parts that are measured; what was measured before costs nothing."""


class ScannerSection(Section):
    """A virus scanner that looks at documents before they are given out."""

    address: Annotated[str, Field(pattern=r"^($|tcp://.+:[0-9]{1,5}$|unix:///.+$)")] = ""
    """ClamAV's daemon: ``tcp://host:3310`` or ``unix:///run/clamav/clamd.ctl``; empty for none."""
    seconds: Annotated[float, Field(gt=0, le=600)] = 60.0
    """How long looking at one document may take."""


class CalculatorSection(Section):
    """How the calculator is reached."""

    url: str = "http://127.0.0.1:7000"
    secret: SecretStr = SecretStr("")
    """Shared with the calculator; needed unless it listens on loopback."""
    connect_seconds: Annotated[float, Field(gt=0)] = 2.0
    price_seconds: Annotated[float, Field(gt=0)] = 10.0
    analysis_seconds: Annotated[float, Field(gt=0)] = 60.0
    connections: Annotated[int, Field(ge=1)] = 32
    wait_seconds: Annotated[float, Field(ge=0, le=60)] = 2.0
    """How long a question about facts waits for what is being measured before it is told to ask again."""
    catalog_seconds: Annotated[float, Field(ge=0)] = 30.0
    """How long the public side of a catalogue is used before it is asked for again."""
    published_seconds: Annotated[float, Field(ge=0, le=60)] = 0.5
    """How soon every process notices that an administrator has published another catalogue."""

    @model_validator(mode="before")
    @classmethod
    def _leave_the_calculators_own(cls, given: object) -> object:
        """Where both services have one environment, what is meant for the other is no mistake."""
        if not isinstance(given, dict):
            return given
        not_ours = OF_THE_CALCULATOR - cls.model_fields.keys()
        return {name: value for name, value in given.items() if name not in not_ours}


class JobsSection(Section):
    """Background work: what happens after a request was answered, and what happens every so often."""

    embedded: bool = True
    """Whether the API runs jobs itself; false where ``python -m app.worker`` does."""
    concurrency: Annotated[int, Field(ge=1, le=100)] = 8
    """Jobs at work in one process at the same time."""
    poll_seconds: Annotated[float, Field(gt=0, le=10)] = 0.2
    """How often an idle worker looks for work."""
    lease_seconds: Annotated[float, Field(ge=1, le=300)] = 20.0
    """After this long without a sign of life a worker's jobs are taken over by others."""
    stop_seconds: Annotated[float, Field(ge=0, le=300)] = 4.0
    """How long a worker that is told to stop lets its jobs go on before it gives them back."""
    keep_days: Annotated[int, Field(ge=1, le=3650)] = 14
    """How long done jobs are kept."""
    port: Annotated[int, Field(ge=0, le=65535)] = 0
    """Where a worker process answers for its health and metrics; 0 for any free port."""


class PricingSection(Section):
    """What a price promises."""

    valid_days: Annotated[int, Field(ge=1, le=3650)] = 30


class MailSecurity(StrEnum):
    """How the connection to the mail server is encrypted."""

    starttls = "starttls"
    tls = "tls"
    none = "none"


class MailSection(Section):
    """Letters to customers: through a mail server, or printed where a developer has none."""

    host: str = ""
    """The SMTP server; without one letters are printed in development and not sent in production."""
    port: Annotated[int, Field(ge=1, le=65535)] = 587
    username: str = ""
    password: SecretStr = SecretStr("")
    security: MailSecurity = MailSecurity.starttls
    ca_file: Path | None = None
    """Certificates of a private authority that vouches for the server, besides the public ones."""
    sender: str = "Millwright <no-reply@localhost.localdomain>"
    """From whom letters are."""
    seconds: Annotated[float, Field(gt=0, le=600)] = 30.0
    """How long one step of the conversation with the server may take."""
    confirm_link: LinkText = ""
    """The page that posts ``{token}`` to ``/email/confirm``; empty: one of our own, at the site."""
    reset_link: LinkText = ""
    """The page that asks for a new password and posts both to ``/password/reset``; empty as above."""


class LimitsSection(Section):
    """How often something may be asked, such as ``60 per minute`` or ``1 per 2 seconds``.

    By address unless said otherwise, an IPv6 address by its /64 network; the same count for all processes.
    """

    enabled: bool = True
    """Whether anything is refused for being asked too often."""
    login: RateText = "30 per minute"
    """Sign-ins, right or wrong; wrong passwords have growing waits besides."""
    guesses: RateText = "50 per 10 minutes"
    """Sign-ins under one name from all networks together where its owner was not seen before."""
    refresh: RateText = "120 per minute"
    """Refreshed and ended sessions."""
    registration: RateText = "20 per hour"
    """New accounts; also new user names of one account."""
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
