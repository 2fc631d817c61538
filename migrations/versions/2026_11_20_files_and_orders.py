"""Files, what was measured of them, and orders.

Revision: files_and_orders
Follows: accounts
"""

import sqlalchemy as sa
from alembic import op

revision = "files_and_orders"
down_revision = "accounts"
branch_labels = None
depends_on = None


def record_columns() -> list[sa.Column]:
    return [
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
    ]


def money(name: str) -> sa.Column:
    """Decimals on PostgreSQL, whole cents on SQLite."""
    whole_cents = op.get_bind().dialect.name == "sqlite"
    return sa.Column(name, sa.BigInteger() if whole_cents else sa.Numeric(18, 2), nullable=False)


def upgrade() -> None:
    op.create_table(
        "analyses",
        *record_columns(),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("facts", sa.JSON()),
        sa.Column("failure_code", sa.String(64)),
        sa.Column("failure_message", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_analyses"),
        sa.UniqueConstraint("sha256", name="uq_analyses_sha256"),
        sa.CheckConstraint("(facts IS NULL) <> (failure_code IS NULL)", name="ck_analyses_one_outcome"),
    )
    op.create_table(
        "files",
        *record_columns(),
        sa.Column("owner_id", sa.Uuid()),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("format", sa.String(16), nullable=False),
        sa.Column("storage_key", sa.String(128), nullable=False),
        sa.Column("is_demo", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_files"),
        sa.ForeignKeyConstraint(["owner_id"], ["users.id"], name="fk_files_owner_id_users"),
        sa.UniqueConstraint("storage_key", name="uq_files_storage_key"),
    )
    op.create_index("ix_files_sha256", "files", ["sha256"])
    op.create_index("ix_files_owner_id_created_at_id", "files", ["owner_id", "created_at", "id"])
    op.create_table(
        "orders",
        *record_columns(),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(32), nullable=False),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("code", sa.String(64)),
        sa.Column("note", sa.Text()),
        sa.Column("deadline", sa.Date()),
        sa.Column("service_id", sa.String(64), nullable=False),
        sa.Column("file_id", sa.Uuid()),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        money("unit_price"),
        money("total_price"),
        sa.Column("valid_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("quote_hash", sa.String(64), nullable=False),
        sa.Column("choices", sa.JSON(), nullable=False),
        sa.Column("price", sa.JSON(), nullable=False),
        sa.Column("total_seconds", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_orders"),
        sa.ForeignKeyConstraint(["owner_id"], ["users.id"], name="fk_orders_owner_id_users"),
        sa.ForeignKeyConstraint(["file_id"], ["files.id"], name="fk_orders_file_id_files"),
        sa.UniqueConstraint("number", name="uq_orders_number"),
        sa.CheckConstraint("quantity >= 1", name="ck_orders_quantity_positive"),
        sa.CheckConstraint("total_price > 0", name="ck_orders_total_price_positive"),
    )
    op.create_index("ix_orders_file_id", "orders", ["file_id"])
    op.create_index("ix_orders_owner_id_created_at_id", "orders", ["owner_id", "created_at", "id"])


def downgrade() -> None:
    op.drop_table("orders")
    op.drop_table("files")
    op.drop_table("analyses")
