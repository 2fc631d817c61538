"""Documents, and those that belong to orders.

Revision: documents
Follows: uploads
"""

import sqlalchemy as sa
from alembic import op

revision = "documents"
down_revision = "uploads"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "documents",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("category", sa.String(64), nullable=True),
        sa.Column("format", sa.String(16), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("refusal", sa.String(255), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_documents"),
        sa.ForeignKeyConstraint(["owner_id"], ["users.id"], name="fk_documents_owner_id_users"),
        sa.ForeignKeyConstraint(["sha256"], ["contents.sha256"], name="fk_documents_sha256_contents"),
    )
    op.create_index("ix_documents_sha256", "documents", ["sha256"])
    op.create_index("ix_documents_owner_id_created_at_id", "documents", ["owner_id", "created_at", "id"])
    op.create_table(
        "order_documents",
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("order_id", "document_id", name="pk_order_documents"),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name="fk_order_documents_order_id_orders", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["document_id"], ["documents.id"], name="fk_order_documents_document_id_documents"
        ),
    )
    op.create_index("ix_order_documents_document_id", "order_documents", ["document_id"])


def downgrade() -> None:
    op.drop_table("order_documents")
    op.drop_table("documents")
