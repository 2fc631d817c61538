"""A service that does nothing, started by ``python -m tests.scripts.waits``."""

import threading

if __name__ == "__main__":
    threading.Event().wait()
