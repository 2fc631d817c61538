"""The name of a content: the same values have the same, in whichever order they stand."""

import hashlib
import json

_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"), check_circular=False)
"""Made once, and for trees only: nothing that is named holds itself."""


def digest_of(content: object) -> str:
    """SHA-256 of the content as canonical JSON, in hexadecimal digits."""
    return hashlib.sha256(_CANONICAL.encode(content).encode()).hexdigest()
