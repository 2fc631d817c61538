"""The audit log, which the database itself refuses to change.

Revision: audit
Follows: email_links
"""

import sqlalchemy as sa
from alembic import op

revision = "audit"
down_revision = "email_links"
branch_labels = None
depends_on = None

FROZEN = (
    "id",
    "created_at",
    "actor_kind",
    "actor_id",
    "action",
    "object_kind",
    "object_id",
    "before",
    "after",
    "address",
    "request_id",
)
"""All but what sealing sets, once."""

DELETED = "audit records are never deleted"
CHANGED = "audit records are never changed"

SQLITE = (
    f"""
    CREATE TRIGGER audit_records_stay BEFORE DELETE ON audit_records
    BEGIN SELECT RAISE(ABORT, '{DELETED}'); END
    """,
    f"""
    CREATE TRIGGER audit_records_stay_as_they_are BEFORE UPDATE ON audit_records
    WHEN OLD.position IS NOT NULL OR {" OR ".join(f"NEW.{name} IS NOT OLD.{name}" for name in FROZEN)}
    BEGIN SELECT RAISE(ABORT, '{CHANGED}'); END
    """,
)
POSTGRES = (
    f"""
    CREATE FUNCTION audit_records_stay() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION '{DELETED}'; END $$
    """,
    f"""
    CREATE FUNCTION audit_records_stay_as_they_are() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF OLD.position IS NOT NULL
            OR to_jsonb(NEW) - ARRAY['position', 'digest', 'updated_at']
                IS DISTINCT FROM to_jsonb(OLD) - ARRAY['position', 'digest', 'updated_at']
        THEN RAISE EXCEPTION '{CHANGED}';
        END IF;
        RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER audit_records_stay BEFORE DELETE ON audit_records
    FOR EACH ROW EXECUTE FUNCTION audit_records_stay()
    """,
    """
    CREATE TRIGGER audit_records_stay_all BEFORE TRUNCATE ON audit_records
    FOR EACH STATEMENT EXECUTE FUNCTION audit_records_stay()
    """,
    """
    CREATE TRIGGER audit_records_stay_as_they_are BEFORE UPDATE ON audit_records
    FOR EACH ROW EXECUTE FUNCTION audit_records_stay_as_they_are()
    """,
)


def upgrade() -> None:
    op.create_table(
        "audit_records",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_kind", sa.String(32), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("action", sa.String(64), nullable=False),
        sa.Column("object_kind", sa.String(64), nullable=False),
        sa.Column("object_id", sa.String(64), nullable=True),
        sa.Column("before", sa.JSON(), nullable=True),
        sa.Column("after", sa.JSON(), nullable=True),
        sa.Column("address", sa.String(64), nullable=False),
        sa.Column("request_id", sa.String(64), nullable=True),
        sa.Column("position", sa.Integer(), nullable=True),
        sa.Column("digest", sa.String(64), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_audit_records"),
        sa.UniqueConstraint("position", name="uq_audit_records_position"),
    )
    op.create_index("ix_audit_records_created_at", "audit_records", ["created_at"])
    op.create_index("ix_audit_records_actor_id", "audit_records", ["actor_id"])
    op.create_index("ix_audit_records_object", "audit_records", ["object_kind", "object_id"])
    unsealed = sa.text("position IS NULL")
    op.create_index(
        "ix_audit_records_unsealed",
        "audit_records",
        ["id"],
        sqlite_where=unsealed,
        postgresql_where=unsealed,
    )
    for statement in POSTGRES if op.get_bind().dialect.name == "postgresql" else SQLITE:
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("audit_records")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION audit_records_stay_as_they_are()")
        op.execute("DROP FUNCTION audit_records_stay()")
