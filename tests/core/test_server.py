import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SERVED = """
import pathlib, sys, uvicorn
from app.core.server import serve

uvicorn.run = lambda *_, **__: pathlib.Path(sys.argv[1]).touch()
serve(None, "127.0.0.1", 0)
"""


def test_what_a_service_writes_is_for_its_owner_only(tmp_path: Path) -> None:
    written = tmp_path / "millwright.db"

    subprocess.run([sys.executable, "-c", SERVED, str(written)], cwd=ROOT, check=True, timeout=60)

    assert written.stat().st_mode & 0o777 == 0o600
