"""The settings of a local start: what the user gave, completed by what can be decided here.

Standard library only. An option of the command line wins over the environment, the environment over
``.env``, and all of them over the defaults of this file.
"""

import ipaddress
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from scripts.local.machine import SetupError
from scripts.local.venv import ROOT

DOTENV = ROOT / ".env"
PREFIX = "MILLWRIGHT_"
SECRETS_FILE = "secrets.env"
SECRET_NAMES = ("MILLWRIGHT_AUTH__SECRET", "MILLWRIGHT_CALCULATOR__SECRET")
ANYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - recognised, not listened on
"""Where a service that listens on every address is reached from this machine."""


@dataclass(frozen=True)
class Options:
    """What was said on the command line; ``None`` where nothing was."""

    host: str | None = None
    port: int | None = None
    calculator_port: int | None = None
    data_dir: Path | None = None
    demo_files: bool = True


@dataclass(frozen=True)
class LocalSettings:
    """Where both services listen, and the environment they are started with."""

    environment: dict[str, str]
    data_dir: Path
    host: str
    port: int
    base_path: str
    calculator_host: str
    calculator_port: int
    starts_calculator: bool
    """False when the settings name a calculator that runs elsewhere."""

    @property
    def api_url(self) -> str:
        """The address of the API from this machine, with its base path."""
        return f"{_url(self.host, self.port)}{self.base_path}"

    @property
    def calculator_url(self) -> str:
        """The address of our own calculator from this machine."""
        return _url(self.calculator_host, self.calculator_port)


@dataclass(frozen=True)
class DataPlace:
    """Where the data of an installation lie."""

    data_dir: Path
    database_url: str
    storage: Mapping[str, str]
    """The settings of the storage by their names, ``url`` and what an object store needs."""


def data_place(data_dir: Path | None, environment: Mapping[str, str], dotenv: Path = DOTENV) -> DataPlace:
    """The place the same option and settings give a start; nothing is made."""
    given = _given(environment, dotenv)
    chosen = _chosen(data_dir, given)
    places = _places(chosen) | given
    whole = f"{PREFIX}STORAGE__"
    storage = {
        name.removeprefix(whole).lower(): value for name, value in places.items() if name.startswith(whole)
    }
    return DataPlace(chosen, places["MILLWRIGHT_DATABASE__URL"], storage)


def resolve(options: Options, environment: Mapping[str, str], dotenv: Path = DOTENV) -> LocalSettings:
    """Decide everything, make the data folder and its secrets.

    Raises ``SetupError`` with a sentence for the user.
    """
    given = _given(environment, dotenv)
    data_dir = _made(_chosen(options.data_dir, given))
    host = options.host or given.get("MILLWRIGHT_SERVER__HOST") or "127.0.0.1"
    port = options.port or _port(given, "MILLWRIGHT_SERVER__PORT", 8000)
    calculator_host = given.get("MILLWRIGHT_CALCULATOR__HOST") or "127.0.0.1"
    calculator_port = options.calculator_port or _port(given, "MILLWRIGHT_CALCULATOR__PORT", 7000)
    own_calculator = _url(calculator_host, calculator_port)
    others = {name: value for name, value in environment.items() if not name.upper().startswith(PREFIX)}
    decided = {
        "MILLWRIGHT_DATA_DIR": str(data_dir),
        "MILLWRIGHT_SERVER__HOST": host,
        "MILLWRIGHT_SERVER__PORT": str(port),
        "MILLWRIGHT_CALCULATOR__HOST": calculator_host,
        "MILLWRIGHT_CALCULATOR__PORT": str(calculator_port),
    }
    if not options.demo_files:
        decided["MILLWRIGHT_STORAGE__DEMO_FILES"] = "false"
    defaults = {
        "MILLWRIGHT_ENVIRONMENT": "development" if is_loopback(host) else "production",
        "MILLWRIGHT_CALCULATOR__URL": own_calculator,
        **_places(data_dir),
        **_secrets(data_dir, given),
    }
    return LocalSettings(
        environment=others | defaults | given | decided,
        data_dir=data_dir,
        host=host,
        port=port,
        base_path=_base_path(given.get("MILLWRIGHT_SERVER__BASE_PATH", "")),
        calculator_host=calculator_host,
        calculator_port=calculator_port,
        starts_calculator=given.get("MILLWRIGHT_CALCULATOR__URL", own_calculator).rstrip("/")
        == own_calculator,
    )


def ours(environment: Mapping[str, str]) -> dict[str, str]:
    """Our settings in an environment, their names in capitals."""
    return {name.upper(): value for name, value in environment.items() if name.upper().startswith(PREFIX)}


def read_env_file(path: Path) -> dict[str, str]:
    """Our settings in a file of ``NAME=value`` lines; comments, ``export`` and quotes are understood."""
    settings = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        name, equals, value = line.strip().removeprefix("export ").partition("=")
        if equals and name.strip().upper().startswith(PREFIX):
            settings[name.strip().upper()] = _unquoted(value.strip())
    return settings


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches the host."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _unquoted(value: str) -> str:
    if value[:1] in {"'", '"'}:
        return value[1:].partition(value[0])[0]
    return value.partition(" #")[0].strip()


def _given(environment: Mapping[str, str], dotenv: Path) -> dict[str, str]:
    return (read_env_file(dotenv) if dotenv.exists() else {}) | ours(environment)


def _places(data_dir: Path) -> dict[str, str]:
    return {
        "MILLWRIGHT_DATABASE__URL": f"sqlite+aiosqlite:///{data_dir / 'millwright.db'}",
        "MILLWRIGHT_STORAGE__URL": str(data_dir / "files"),
    }


def _chosen(option: Path | None, given: Mapping[str, str]) -> Path:
    """An option is meant from where the command is typed, a setting from the project's folder."""
    if option is not None:
        return option.expanduser().absolute()
    return ROOT / Path(given.get("MILLWRIGHT_DATA_DIR") or "data").expanduser()


def _made(data_dir: Path) -> Path:
    try:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise SetupError(f"The data folder {data_dir} cannot be made: {error.strerror}.") from error
    return data_dir


def _port(given: Mapping[str, str], name: str, default: int) -> int:
    value = given.get(name) or str(default)
    if not value.isdecimal() or not 1 <= int(value) <= 65535:  # noqa: PLR2004 - the range of ports
        raise SetupError(f"{name} is {value!r}, which is no port (1 to 65535).")
    return int(value)


def _secrets(data_dir: Path, given: Mapping[str, str]) -> dict[str, str]:
    """The secrets of this installation, made at its first start (mode 0600); given ones need no file."""
    missing = [name for name in SECRET_NAMES if name not in given]
    if not missing:
        return {}
    path = data_dir / SECRETS_FILE
    present = read_env_file(path) if path.exists() else {}
    made = {name: secrets.token_urlsafe(48) for name in missing if name not in present}
    if made:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(handle, "a", encoding="utf-8") as file:
            file.writelines(f"{name}={value}\n" for name, value in made.items())
            file.flush()
            os.fsync(file.fileno())
    path.chmod(0o600)
    return present | made


def _url(host: str, port: int) -> str:
    reached = ANYWHERE.get(host, host)
    return f"http://[{reached}]:{port}" if ":" in reached else f"http://{reached}:{port}"


def _base_path(value: str) -> str:
    stripped = value.strip().strip("/")
    return f"/{stripped}" if stripped else ""
