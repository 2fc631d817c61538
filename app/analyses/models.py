"""What was measured, or why it could not be; one row per content."""

from typing import Any

from sqlalchemy import JSON, CheckConstraint, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.models import Record


class Analysis(Record):
    """The outcome for one content: either facts or a failure, never both."""

    __tablename__ = "analyses"
    __table_args__ = (CheckConstraint("(facts IS NULL) <> (failure_code IS NULL)", name="one_outcome"),)

    sha256: Mapped[str] = mapped_column(String(64), unique=True)
    facts: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    failure_code: Mapped[str | None] = mapped_column(String(64))
    failure_message: Mapped[str | None] = mapped_column(Text())
