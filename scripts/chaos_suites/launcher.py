"""Starts one API after another in a moment: it has imported everything and forks.

Every line of its input is one life: ``{}`` for one that others must end, ``{"point": "before-commit",
"after": 3}`` for one that ends by its own hand. It answers with the process id, and buries the dead.
Forking is sound here, as nothing of the application has started a thread before it serves.
"""

import json
import os
import sys
from typing import Any, NoReturn

from app.core.config import Settings
from app.core.logging import configure_logging
from app.core.server import serve
from app.main import create_app
from scripts.chaos_suites.failpoints import Death, installed
from scripts.local.services import Prctl


def main() -> None:
    """Fork for every line; end with the input."""
    print("ready", flush=True)
    for line in sys.stdin:
        pid = os.fork()
        if not pid:
            live(json.loads(line))
        print(pid, flush=True)
        os.waitpid(pid, 0)


def live(order: dict[str, Any]) -> NoReturn:
    """Serve as the settings say until killed."""
    Prctl()()
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    os.close(sys.stdin.fileno())
    settings = Settings()
    configure_logging(settings.server.log_level, json=settings.server.log_json)
    app = create_app(settings)
    dying = installed(app, order["point"], Death(order["after"])) if order else app
    serve(dying, settings.server.host, settings.server.port)
    os._exit(0)


if __name__ == "__main__":
    main()
