"""What this machine must bring: uv and two system libraries. Standard library only."""

import ctypes
import os
import shutil
import subprocess
import sys
from pathlib import Path

SYSTEM_LIBRARIES = {"libGL.so.1": "libgl1", "libEGL.so.1": "libegl1"}
"""What the CAD kernel loads, and the Debian package each comes from."""

HOW_TO_GET_UV = (
    "uv is needed to install the packages and could not be installed with pip; "
    "install it by your package manager or as its documentation says, and start again."
)


class SetupError(Exception):
    """The machine lacks something; the message is the one sentence that says what to do."""


def say(text: str) -> None:
    """One line of progress."""
    print(text, flush=True)


def ensure_system_libraries() -> None:
    """Install the libraries the CAD kernel needs, or say the one command that does."""
    if not sys.platform.startswith("linux"):
        return
    packages = [package for library, package in SYSTEM_LIBRARIES.items() if not can_load(library)]
    if not packages:
        return
    command = ["apt-get", "install", "-y", "--no-install-recommends", *packages]
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        names = " and ".join(library for library, package in SYSTEM_LIBRARIES.items() if package in packages)
        raise SetupError(
            f"The CAD kernel needs {names}. Install with: sudo {' '.join(command)} "
            "(elsewhere than on Debian and Ubuntu the packages may be called libglvnd), and start again."
        )
    say(f"Installing system libraries: {' '.join(packages)}")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    if _run_quietly(command, environment) != 0:
        _run_quietly(["apt-get", "update"], environment)
        if _run_quietly(command, environment) != 0:
            raise SetupError(f"This command failed, please see why and start again: {' '.join(command)}")


def can_load(library: str) -> bool:
    """Whether the dynamic linker finds this library."""
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def find_uv() -> str:
    """The path of a working uv: from PATH, else installed by pip into a private place."""
    present = shutil.which("uv")
    if present and _works(present):
        return present
    private = _private_folder()
    installed = private / "bin" / "uv"
    if not _works(str(installed)):
        say(f"Installing uv into {private}")
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        if _run_quietly([*pip, "--upgrade", "--target", str(private), "uv"]) != 0:
            raise SetupError(HOW_TO_GET_UV)
    if not _works(str(installed)):
        raise SetupError(HOW_TO_GET_UV)
    return str(installed)


def _private_folder() -> Path:
    """A folder of our own: pip may fill it also where the system's Python must not be changed."""
    caches = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(caches) / "millwright" / "uv"


def _works(tool: str) -> bool:
    try:
        return _run_quietly([tool, "--version"]) == 0
    except OSError:
        return False


def _run_quietly(command: list[str], environment: dict[str, str] | None = None) -> int:
    """Run to the end; what it said is shown only when it failed for a reason worth reading."""
    done = subprocess.run(
        command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        sys.stderr.write(done.stderr)
    return done.returncode
