"""What a client says about an upload: ``filename <base64>,filetype <base64>`` (tus, Upload-Metadata)."""

import base64
import binascii

from app.core.names import FALLBACK, clean_name
from app.uploads.errors import UnreadableHeader

NAMES = ("filename", "name")
"""What clients call the name of the file."""


def name_in(metadata: str) -> str:
    """The name of the file, made harmless.

    Raises:
        UnreadableHeader: the header is none of the protocol's.
    """
    said = dict(_pair(part) for part in metadata.split(",") if part.strip())
    return clean_name(next((said[name] for name in NAMES if said.get(name)), FALLBACK))


def _pair(part: str) -> tuple[str, str]:
    key, _, encoded = part.strip().partition(" ")
    try:
        return key, base64.b64decode(encoded.strip(), validate=True).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        raise UnreadableHeader("Upload-Metadata holds a value that is no base64.") from None
