"""Commands for people; what they share is in ``scripts.local``. Standard library only, where it says so."""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - commands are started by whatever Python is there
    sys.exit("Millwright needs Python 3.11 or newer; this is %d.%d." % sys.version_info[:2])  # noqa: UP031
if sys.platform == "win32":
    sys.exit("Millwright runs on Linux and macOS; on Windows use WSL or Docker Compose.")
