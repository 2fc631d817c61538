"""Removing somebody for good: each feature removes what it has of him, from the top floor down."""

from collections.abc import Awaitable, Callable
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.resources import Resources

Step = Callable[[Resources, AsyncSession, UUID], Awaitable[None]]
"""Removes everything of one feature that belongs to this user, within the session's transaction."""


class Erasure:
    """The steps of all features; those that stand on others come first."""

    def __init__(self, *steps: Step) -> None:
        self.steps = steps

    async def erase(self, resources: Resources, session: AsyncSession, user_id: UUID) -> None:
        """Remove all that hangs on the user."""
        for step in self.steps:
            await step(resources, session, user_id)
