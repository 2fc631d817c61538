import subprocess
import sys
from pathlib import Path
from typing import Any

import uvicorn
from starlette.types import Receive, Scope, Send

from app.core.server import TellStop
from app.core.streams import is_stopping

ROOT = Path(__file__).resolve().parents[2]
SERVED = """
import pathlib, sys, uvicorn
from app.core.server import serve

def run(server):
    pathlib.Path(sys.argv[1]).touch()
    server.started = True

uvicorn.Server.run = run
serve(None, "127.0.0.1", 0)
"""


def test_what_a_service_writes_is_for_its_owner_only(tmp_path: Path) -> None:
    written = tmp_path / "millwright.db"

    subprocess.run([sys.executable, "-c", SERVED, str(written)], cwd=ROOT, check=True, timeout=60)

    assert written.stat().st_mode & 0o777 == 0o600


async def test_requests_can_ask_whether_the_server_was_told_to_stop() -> None:
    heard = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        heard.append(is_stopping(scope))

    async def nothing(*_: Any) -> Any: ...

    telling = TellStop(app)
    telling.server = uvicorn.Server(uvicorn.Config(telling))
    await telling({"type": "http"}, nothing, nothing)
    telling.server.should_exit = True
    await telling({"type": "http"}, nothing, nothing)

    assert heard == [False, True]
    assert not is_stopping({"type": "http"})
