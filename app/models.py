"""Every table, for Alembic and the mapper."""

from app.core.idempotency import IdempotencyRecord

__all__ = ["IdempotencyRecord"]
