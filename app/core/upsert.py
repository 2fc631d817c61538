"""INSERT with ON CONFLICT, which both databases know, each by a construct of its own."""

from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.models import Base


def insert_into(session: AsyncSession, table: type[Base]) -> Any:  # noqa: ANN401 - of two dialects
    """An INSERT of the session's database."""
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    return dialect.insert(table)
