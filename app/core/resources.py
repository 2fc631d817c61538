"""The clients a process opens once, asked for by type."""

from typing import Any, TypeVar, cast

R = TypeVar("R")


class Resources:
    """Process-wide clients by their class; filled at start, read by providers."""

    def __init__(self, *clients: object) -> None:
        self._by_type: dict[type, object] = {}
        for client in clients:
            self.add(client)

    def add(self, client: object, *, kind: type[Any] | None = None) -> None:
        """Register a client under its class, or under ``kind`` where a subclass or fake stands in."""
        self._by_type[kind or type(client)] = client

    def get(self, kind: type[R]) -> R:
        """The client of this class; a missing one is a mistake in the composition."""
        try:
            return cast("R", self._by_type[kind])
        except KeyError:
            raise LookupError(f"{kind.__name__} was not opened at start") from None
