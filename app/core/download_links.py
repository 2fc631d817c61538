"""Where the bytes of a row are to be had: a signed link to us, or one straight into the object store."""

from app.core.signed_links import SignedLinks
from app.core.storage import Storage


class DownloadLinks:
    """Links that work for ten minutes without a login."""

    def __init__(self, signed: SignedLinks, storage: Storage) -> None:
        self._signed = signed
        self._storage = storage

    @property
    def prefix(self) -> str:
        """The path of the API."""
        return self._signed.prefix

    def to_path(self, path: str) -> str:
        """The link to what the API itself answers at ``path``."""
        return self._signed.to(path)

    def to(self, path: str, key: str, name: str) -> str:
        """The link to the blob ``key``, which the API delivers at ``path``; it is saved under ``name``."""
        return self._storage.link(key, name) or self._signed.to(path)
