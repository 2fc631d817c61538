"""A folder of this machine that files are kept in: whether it is there, and what only a folder has."""

import os
import re
from contextlib import suppress
from pathlib import Path

PIECE = re.compile(r".+#\d+")
"""What the local store calls a blob until it is whole."""


class LocalFolder:
    """A folder that was there once, and is known again."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._inode = path.stat().st_ino

    def is_lost(self) -> bool:
        """Whether nothing is there any more, or an empty folder that is another one: a bare mount point."""
        try:
            return self.path.stat().st_ino != self._inode and not any(self.path.iterdir())
        except OSError:
            return True

    def to_disk(self, path: Path) -> None:
        """Wait until a file and the folders that lead to it would survive a power cut."""
        for each in (path, *(parent for parent in path.parents if parent.is_relative_to(self.path))):
            handle = os.open(each, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)

    def remove_pieces(self, before: float) -> int:
        """Remove what was left half-written before a moment (seconds since 1970); how many pieces."""
        removed = 0
        for place, _, names in os.walk(self.path):
            for path in (Path(place, name) for name in names if PIECE.fullmatch(name)):
                with suppress(OSError):  # whoever tidies up must not stop a start
                    if path.stat().st_mtime < before:
                        path.unlink()
                        removed += 1
        return removed
