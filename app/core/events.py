"""Facts that others may care about, published in the transaction that makes them true."""

from dataclasses import dataclass, fields
from typing import ClassVar


@dataclass(frozen=True)
class Event:
    """The base of every event: a frozen dataclass of ids with a name that never changes.

    ``name`` is stored with every job that is still to be done, as are the fields; who renames one adds the
    new event, drains the old and removes it later. A new field needs a default.
    """

    name: ClassVar[str]

    @property
    def key(self) -> str:
        """What the event is about; jobs of one subscriber about the same thing run one by one, in order.

        The first field, unless the event says otherwise.
        """
        first = next(iter(fields(self)), None)
        return "" if first is None else str(getattr(self, first.name))
