"""The tables of background work: the outbox, whose rows are the jobs, and what jobs leave behind.

Every time in them is told by the database's clock, so that machines need not agree on theirs.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    JSON,
    BigInteger,
    BindParameter,
    ColumnElement,
    Float,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    literal,
    literal_column,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import InstrumentedAttribute, Mapped, mapped_column
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from app.core.models import Base, Record, UtcDateTime, new_id, stored_enum

HANDLER_CHARS = 128
KEY_CHARS = 255
ERROR_CHARS = 4000
ROW_NUMBER = BigInteger().with_variant(Integer(), "sqlite")
"""Counted by the database; SQLite counts plain INTEGER keys only."""


class JobStatus(StrEnum):
    """Where a job stands."""

    queued = "queued"
    running = "running"
    waiting = "waiting"
    """For a signal, such as somebody's approval."""
    done = "done"
    dead = "dead"
    """Given up; somebody retries or drops it."""


def is_status(column: InstrumentedAttribute[JobStatus], *statuses: JobStatus) -> ColumnElement[bool]:
    """A condition that names the statuses literally, as the partial indexes do."""
    return column.in_([literal_column(f"'{status.value}'") for status in statuses])


def is_unfinished(column: InstrumentedAttribute[JobStatus]) -> ColumnElement[bool]:
    """A condition that leaves out what is done in the words of the partial index."""
    return column != literal_column("'done'")


class OutboxMessage(Record):
    """One thing that one subscriber has to do; the order of ``seq`` is the order of publishing.

    ``key`` names the queue in which the job stands behind the others of its kind, ``holds_key`` keeps those
    behind it waiting also while it is dead or waits for a signal. A running job belongs to whoever knows
    ``lease_token``, until ``lease_until``.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        Index(
            "uq_outbox_key_running",
            "key",
            unique=True,
            sqlite_where=literal_column("status = 'running'"),
            postgresql_where=literal_column("status = 'running'"),
        ),
        Index(
            "ix_outbox_ready",
            "run_at",
            "seq",
            sqlite_where=literal_column("status IN ('queued', 'running')"),
            postgresql_where=literal_column("status IN ('queued', 'running')"),
        ),
        Index(
            "ix_outbox_key_unfinished",
            "key",
            "seq",
            sqlite_where=literal_column("status <> 'done'"),
            postgresql_where=literal_column("status <> 'done'"),
        ),
        Index("ix_outbox_status_finished_at", "status", "finished_at"),
        Index("ix_outbox_created_at_id", "created_at", "id"),
    )

    seq: Mapped[int] = mapped_column(ROW_NUMBER, primary_key=True, autoincrement=True, sort_order=-4)
    id: Mapped[UUID] = mapped_column(unique=True, default=new_id, sort_order=-3)
    event: Mapped[str | None] = mapped_column(String(HANDLER_CHARS))
    handler: Mapped[str] = mapped_column(String(HANDLER_CHARS))
    key: Mapped[str] = mapped_column(String(KEY_CHARS))
    holds_key: Mapped[bool]
    payload: Mapped[dict[str, Any]] = mapped_column(JSON())
    status: Mapped[JobStatus] = mapped_column(stored_enum(JobStatus, 16))
    run_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    worker: Mapped[str | None] = mapped_column(String(128))
    lease_token: Mapped[UUID | None]
    lease_until: Mapped[datetime | None]
    waits_for: Mapped[str | None] = mapped_column(String(HANDLER_CHARS))
    error: Mapped[str | None] = mapped_column(Text())
    finished_at: Mapped[datetime | None]


class JobStep(Base):
    """What a step of a job gave, so that it is never taken twice."""

    __tablename__ = "job_steps"

    job_id: Mapped[UUID] = mapped_column(ForeignKey(OutboxMessage.id, ondelete="CASCADE"), primary_key=True)
    name: Mapped[str] = mapped_column(String(HANDLER_CHARS), primary_key=True)
    result: Mapped[Any] = mapped_column(JSON())


class JobSignal(Base):
    """What a job was told from outside; the first word on a topic counts."""

    __tablename__ = "job_signals"

    job_id: Mapped[UUID] = mapped_column(ForeignKey(OutboxMessage.id, ondelete="CASCADE"), primary_key=True)
    topic: Mapped[str] = mapped_column(String(HANDLER_CHARS), primary_key=True)
    payload: Mapped[Any] = mapped_column(JSON())


class JobProgress(Base):
    """How far a job has come, for those who watch it."""

    __tablename__ = "job_progress"
    __table_args__ = (Index("ix_job_progress_job_id_seq", "job_id", "seq"),)

    seq: Mapped[int] = mapped_column(ROW_NUMBER, primary_key=True, autoincrement=True)
    job_id: Mapped[UUID] = mapped_column(ForeignKey(OutboxMessage.id, ondelete="CASCADE"))
    payload: Mapped[dict[str, Any]] = mapped_column(JSON())


class JobRate(Base):
    """When the next job under a limit shared by all workers may start."""

    __tablename__ = "job_rates"

    name: Mapped[str] = mapped_column(String(HANDLER_CHARS), primary_key=True)
    next_at: Mapped[datetime]


class Moment(FunctionElement[datetime]):
    """The database's present time and so many seconds more."""

    name = "moment"
    type = UtcDateTime()
    inherit_cache = True

    def __init__(self, seconds: float | BindParameter[float] = 0.0) -> None:
        super().__init__(seconds if isinstance(seconds, BindParameter) else literal(float(seconds), Float()))


@compiles(Moment, "postgresql")
def _moment_of_postgres(element: Moment, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401 - SQLAlchemy's own
    seconds = compiler.process(element.clauses, **options)
    return f"(statement_timestamp() + make_interval(secs => {seconds}))"


@compiles(Moment, "sqlite")
def _moment_of_sqlite(element: Moment, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401 - SQLAlchemy's own
    """To the millisecond, written as SQLAlchemy writes times, so that they compare as texts."""
    seconds = compiler.process(element.clauses, **options)
    return f"(strftime('%Y-%m-%d %H:%M:%f', 'now', printf('%+.3f seconds', {seconds})) || '000')"
