"""Starts a service and ends without stopping it: ``python -m tests.scripts.starts_and_dies <log>``."""

import os
import sys
from pathlib import Path

from scripts.local.services import Service

if __name__ == "__main__":
    service = Service("service", "tests.scripts.waits", Path(sys.argv[1]), "http://127.0.0.1:9/")
    service.start(Path(sys.executable), os.environ)
    sys.stdout.write(str(service.pid))
    sys.stdout.flush()
    os._exit(9)
