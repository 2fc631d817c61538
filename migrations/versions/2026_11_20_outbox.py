"""The outbox, whose rows are the jobs, and what jobs leave behind.

Revision: outbox
Follows: audit
"""

import sqlalchemy as sa
from alembic import op

revision = "outbox"
down_revision = "audit"
branch_labels = None
depends_on = None

ROW_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)


def partial(name: str, columns: list[str], condition: str, *, unique: bool = False) -> None:
    where = sa.text(condition)
    op.create_index(name, "outbox", columns, unique=unique, sqlite_where=where, postgresql_where=where)


def upgrade() -> None:
    op.create_table(
        "outbox",
        sa.Column("seq", ROW_NUMBER, autoincrement=True, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("updated_at", TIME, nullable=False),
        sa.Column("event", sa.String(128), nullable=True),
        sa.Column("handler", sa.String(128), nullable=False),
        sa.Column("key", sa.String(255), nullable=False),
        sa.Column("holds_key", sa.Boolean(), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("run_at", TIME, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("worker", sa.String(128), nullable=True),
        sa.Column("lease_token", sa.Uuid(), nullable=True),
        sa.Column("lease_until", TIME, nullable=True),
        sa.Column("waits_for", sa.String(128), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("finished_at", TIME, nullable=True),
        sa.PrimaryKeyConstraint("seq", name="pk_outbox"),
        sa.UniqueConstraint("id", name="uq_outbox_id"),
    )
    partial("uq_outbox_key_running", ["key"], "status = 'running'", unique=True)
    partial("ix_outbox_ready", ["run_at", "seq"], "status IN ('queued', 'running')")
    partial("ix_outbox_key_unfinished", ["key", "seq"], "status <> 'done'")
    op.create_index("ix_outbox_status_finished_at", "outbox", ["status", "finished_at"])
    op.create_index("ix_outbox_created_at_id", "outbox", ["created_at", "id"])
    op.create_table(
        "job_steps",
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(128), nullable=False),
        sa.Column("result", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("job_id", "name", name="pk_job_steps"),
        sa.ForeignKeyConstraint(
            ["job_id"], ["outbox.id"], name="fk_job_steps_job_id_outbox", ondelete="CASCADE"
        ),
    )
    op.create_table(
        "job_signals",
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("topic", sa.String(128), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("job_id", "topic", name="pk_job_signals"),
        sa.ForeignKeyConstraint(
            ["job_id"], ["outbox.id"], name="fk_job_signals_job_id_outbox", ondelete="CASCADE"
        ),
    )
    op.create_table(
        "job_progress",
        sa.Column("seq", ROW_NUMBER, autoincrement=True, nullable=False),
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_job_progress"),
        sa.ForeignKeyConstraint(
            ["job_id"], ["outbox.id"], name="fk_job_progress_job_id_outbox", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_job_progress_job_id_seq", "job_progress", ["job_id", "seq"])
    op.create_table(
        "job_rates",
        sa.Column("name", sa.String(128), nullable=False),
        sa.Column("next_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_job_rates"),
    )


def downgrade() -> None:
    op.drop_table("job_rates")
    op.drop_table("job_progress")
    op.drop_table("job_signals")
    op.drop_table("job_steps")
    op.drop_table("outbox")
