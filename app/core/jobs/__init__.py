"""Background work as features see it: ``on`` an event, ``every`` period, and what a job is given."""

from app.core.jobs.context import JobContext
from app.core.jobs.definitions import Rate, Retry, Slots, every, on
from app.core.jobs.endings import GiveUp, Postpone
from app.core.jobs.registry import Registry

__all__ = ["GiveUp", "JobContext", "Postpone", "Rate", "Registry", "Retry", "Slots", "every", "on"]
