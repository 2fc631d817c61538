"""Who listens to what in this application."""

from collections.abc import Iterable
from typing import Any

from app.core.events import Event
from app.core.jobs.definitions import Handling, Rate, Schedule, Slots, Subscription

Handler = Subscription[Any] | Schedule


class DuplicateHandler(ValueError):
    """Two handlers, two events or two limits under one name."""


class Registry:
    """The handlers of an application by their names; an object, so that one process may hold several."""

    def __init__(self, handlers: Iterable[Handler] = ()) -> None:
        self.handlers: dict[str, Handler] = {}
        self._by_event: dict[type[Event], list[Subscription[Any]]] = {}
        events: dict[str, type[Event]] = {}
        for handler in handlers:
            name = handler.handling.name
            if name in self.handlers:
                raise DuplicateHandler(f"two handlers are called {name!r}")
            self.handlers[name] = handler
            if isinstance(handler, Subscription):
                if events.setdefault(handler.event.name, handler.event) is not handler.event:
                    raise DuplicateHandler(f"two events are called {handler.event.name!r}")
                self._by_event.setdefault(handler.event, []).append(handler)
        self.rates = self._rates()
        self._check_slots()

    def listening(self, event: Event) -> list[Subscription[Any]]:
        """Who wants to know of this event."""
        return self._by_event.get(type(event), [])

    @property
    def schedules(self) -> list[Schedule]:
        """What is done again and again."""
        return [handler for handler in self.handlers.values() if isinstance(handler, Schedule)]

    @property
    def handlings(self) -> list[Handling]:
        """How every handler is run."""
        return [handler.handling for handler in self.handlers.values()]

    def _check_slots(self) -> None:
        known: dict[str, Slots] = {}
        for slots in (handling.slots for handling in self.handlings):
            if slots is not None and known.setdefault(slots.name, slots) != slots:
                raise DuplicateHandler(f"two kinds of slots are called {slots.name!r}")

    def _rates(self) -> dict[str, Rate]:
        rates: dict[str, Rate] = {}
        for handling in self.handlings:
            rate = handling.rate
            if rate is not None and rates.setdefault(rate.name, rate) != rate:
                raise DuplicateHandler(f"two limits are called {rate.name!r}")
        return rates
