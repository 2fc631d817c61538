"""Which contents there are, and where their bytes lie."""

from sqlalchemy import BigInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.models import Record


class Content(Record):
    """Bytes that somebody has.

    Whoever has them points here by a foreign key to ``sha256``. Those keys are the count of references: the
    database lets no row go that one of them points to, so there is no number that could be wrong.
    """

    __tablename__ = "contents"

    sha256: Mapped[str] = mapped_column(String(64), unique=True)
    storage_key: Mapped[str] = mapped_column(String(128), unique=True)
    size_bytes: Mapped[int] = mapped_column(BigInteger())
