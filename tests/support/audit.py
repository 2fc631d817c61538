"""What tests do with the audit log besides writing to it."""

from typing import Any

from sqlalchemy import select, text

from app.audit.chain import Link
from app.audit.dependencies import audit_log
from app.audit.models import AuditRecord
from app.audit.service import Report
from app.core.db import Database
from tests.support.database import ON_POSTGRES


async def seal(db: Database) -> Link | None:
    async with db.transaction() as session:
        return await audit_log(session).seal()


async def inspect(db: Database, known: Link | None = None) -> Report:
    async with db.reading() as session:
        return await audit_log(session).inspect(known)


async def all_acts(db: Database) -> list[AuditRecord]:
    async with db.reading() as session:
        return list(await session.scalars(select(AuditRecord).order_by(AuditRecord.id)))


async def tamper(db: Database, statement: Any) -> None:
    """What somebody with the rights of the owner of the database can do."""
    async with db.transaction() as session:
        if ON_POSTGRES:
            await session.execute(text("ALTER TABLE audit_records DISABLE TRIGGER USER"))
        else:
            await session.execute(text("DROP TRIGGER IF EXISTS audit_records_stay"))
            await session.execute(text("DROP TRIGGER IF EXISTS audit_records_stay_as_they_are"))
        await session.execute(statement)
