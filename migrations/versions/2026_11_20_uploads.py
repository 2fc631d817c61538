"""Uploads that may break off and go on.

Revision: uploads
Follows: file_imports
"""

import sqlalchemy as sa
from alembic import op

revision = "uploads"
down_revision = "file_imports"
branch_labels = None
depends_on = None


def record_columns() -> list[sa.Column]:
    return [
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
    ]


def upgrade() -> None:
    op.create_table(
        "uploads",
        *record_columns(),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("described_as", sa.Text(), nullable=False),
        sa.Column("length_bytes", sa.BigInteger(), nullable=False),
        sa.Column("offset_bytes", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("file_id", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_uploads"),
        sa.ForeignKeyConstraint(["owner_id"], ["users.id"], name="fk_uploads_owner_id_users"),
        sa.ForeignKeyConstraint(
            ["file_id"], ["files.id"], name="fk_uploads_file_id_files", ondelete="SET NULL"
        ),
        sa.CheckConstraint(
            "offset_bytes >= 0 AND offset_bytes <= length_bytes", name="ck_uploads_offset_within"
        ),
    )
    op.create_index("ix_uploads_owner_id_finished_at", "uploads", ["owner_id", "finished_at"])
    op.create_index("ix_uploads_expires_at", "uploads", ["expires_at"])
    op.create_index("ix_uploads_file_id", "uploads", ["file_id"])
    op.create_table(
        "upload_pieces",
        *record_columns(),
        sa.Column("upload_id", sa.Uuid(), nullable=False),
        sa.Column("start_bytes", sa.BigInteger(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("storage_key", sa.String(128), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_upload_pieces"),
        sa.ForeignKeyConstraint(
            ["upload_id"], ["uploads.id"], name="fk_upload_pieces_upload_id_uploads", ondelete="CASCADE"
        ),
        sa.UniqueConstraint("storage_key", name="uq_upload_pieces_storage_key"),
        sa.UniqueConstraint("upload_id", "start_bytes", name="uq_upload_pieces_upload_id_start_bytes"),
    )


def downgrade() -> None:
    op.drop_table("upload_pieces")
    op.drop_table("uploads")
