"""Disks that are full, may not be written to, or have lost their end; mended when their context ends."""

import os
import subprocess
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

HELD_BYTES = 64 * 1024
IMAGE_BYTES = 8 * 1024 * 1024


def fill(ballast: Path) -> None:
    """Write into this file until its disk is full."""
    with ballast.open("wb", buffering=0) as file:
        try:
            while file.write(bytes(HELD_BYTES)):
                pass
        except OSError:
            return


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """Nothing in this folder may be opened for writing; what is open already stays so."""
    subprocess.run(["mount", "--bind", str(folder), str(folder)], check=True)
    try:
        subprocess.run(["mount", "-o", "remount,bind,ro", str(folder)], check=True)
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@contextmanager
def broken(device: Path, path: Path, content: bytes, found: Counter[str]) -> Iterator[None]:
    """The bytes of a file lie on a device that has lost its end; nothing happens where none can be made."""
    image, mounted = device.with_suffix(".image"), device
    mounted.mkdir(exist_ok=True)
    image.write_bytes(bytes(IMAGE_BYTES))
    steps = (
        ["mkfs.ext4", "-q", "-O", "^has_journal", str(image)],
        ["mount", "-o", "loop", str(image), str(mounted)],
    )
    if not all(subprocess.run(step, capture_output=True, check=False).returncode == 0 for step in steps):
        found["devices that could not be made"] += 1
        yield
        return
    try:
        hidden = mounted / "bytes"
        hidden.write_bytes(content)
        os.sync()
        subprocess.run(["mount", "--bind", str(hidden), str(path)], check=True)
        with hidden.open("rb") as file:
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        os.truncate(image, 0)
        found["reads that failed in the device"] += not _is_readable(path)
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(path)], check=False)
        subprocess.run(["umount", "--lazy", str(mounted)], check=False)
        image.unlink()


def _is_readable(path: Path) -> bool:
    try:
        return len(path.read_bytes()) > 0
    except OSError:
        return False
