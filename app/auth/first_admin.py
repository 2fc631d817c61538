"""The file that tells the owner of a new installation how to sign in."""

import os
import secrets
from pathlib import Path

FILE_NAME = "first-admin.txt"


def generated_password() -> str:
    """A password nobody chose: 144 random bits, to be changed at the first login."""
    return secrets.token_urlsafe(18)


def write_first_admin(data_dir: Path, email: str, password: str) -> Path:
    """Put the credentials where only the owner of the process can read them (mode 0600)."""
    data_dir.mkdir(parents=True, exist_ok=True)
    path = data_dir / FILE_NAME
    path.unlink(missing_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(
            f"email: {email}\npassword: {password}\nThis password must be changed at the first login.\n"
        )
        file.flush()
        os.fsync(file.fileno())
    return path
