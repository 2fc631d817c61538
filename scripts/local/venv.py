"""The project's virtual environment: made once from a lock with hashes. Standard library only."""

import fcntl
import hashlib
import importlib
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from scripts.local.machine import SetupError, ensure_system_libraries, find_uv, say

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
RUN_LOCK = ROOT / "requirements-run.lock"
"""Both services, nothing for developers."""
DEV_LOCK = ROOT / "requirements.lock"
"""Everything, also what the tests need; the same versions as in ``RUN_LOCK``."""
OLDEST_PYTHON = (3, 11)


def set_up(*, dev: bool = False, venv: Path = VENV) -> Path:
    """Bring the virtual environment to the lock and answer the path of its Python.

    Quick when nothing changed. Raises ``SetupError`` with the sentence for the user.
    """
    ensure_system_libraries()
    lock = DEV_LOCK if dev else RUN_LOCK
    with _one_at_a_time(lock):
        python = venv / "bin" / "python"
        usable = _is_usable(python)
        if usable and _is_current(venv, lock):
            return python
        uv = find_uv()
        if not usable:
            say(f"Creating {_short(venv)} with Python {sys.version_info.major}.{sys.version_info.minor}")
            if venv.exists():
                shutil.rmtree(venv)
            _uv(uv, "venv", "--quiet", "--python", sys.executable, str(venv))
        say(f"Installing packages from {lock.name} (the first time this takes some minutes)")
        _uv(uv, "pip", "install", "--python", str(python), "--require-hashes", "-r", str(lock))
        _stamp(venv, lock).write_text(_digest(lock))
    return python


def use_project_python(script: Path, needed: Iterable[str]) -> None:
    """Go on in the virtual environment, unless this Python has the packages (as in the image)."""
    is_ours = Path(sys.prefix).resolve() == VENV.resolve()
    if is_ours or (not VENV.exists() and all(importlib.util.find_spec(name) for name in needed)):
        return
    python = set_up()
    os.execv(python, [str(python), str(script.resolve()), *sys.argv[1:]])  # noqa: S606 - ourselves


def run_command(module: str, script: Path, needed: Iterable[str]) -> int:
    """The exit status of ``main()`` of a module, in a Python that has the packages; 1 where there is none."""
    try:
        use_project_python(script, needed)
    except SetupError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    done: int = importlib.import_module(module).main()
    return done


def _is_current(venv: Path, lock: Path) -> bool:
    """Whether the lock was installed here before, by itself or inside the larger one."""
    if _installed(venv, lock) == _digest(lock):
        return True
    return lock == RUN_LOCK and _installed(venv, DEV_LOCK) == _digest(DEV_LOCK)


def _installed(venv: Path, lock: Path) -> str | None:
    stamp = _stamp(venv, lock)
    return stamp.read_text() if stamp.exists() else None


def _stamp(venv: Path, lock: Path) -> Path:
    return venv / f".{lock.name}.sha256"


def _digest(lock: Path) -> str:
    return hashlib.sha256(lock.read_bytes()).hexdigest()


def _is_usable(python: Path) -> bool:
    if not python.exists():
        return False
    test = f"import sys; raise SystemExit(sys.version_info < {OLDEST_PYTHON!r})"
    return subprocess.run([str(python), "-c", test], check=False, capture_output=True).returncode == 0


def _uv(uv: str, *arguments: str) -> None:
    environment = {**os.environ, "UV_PYTHON_DOWNLOADS": "never"}
    # an activated environment would be named in a warning, and is not the one that is meant
    environment.pop("VIRTUAL_ENV", None)
    done = subprocess.run([uv, *arguments], cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, check=False)
    if done.returncode != 0:
        raise SetupError(
            f"The packages could not be installed: 'uv {' '.join(arguments[:2])}' failed, see above."
        )


@contextmanager
def _one_at_a_time(lock: Path) -> Iterator[None]:
    """Two commands started at once do not install into one place together."""
    with lock.open("rb") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _short(path: Path) -> str:
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)
