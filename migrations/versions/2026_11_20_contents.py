"""Each content is stored once, whoever has it.

Files that had the same bytes keep the oldest; the others' bytes belong to nobody and are tidied away.

Revision: contents
Follows: user_versions
"""

import sqlalchemy as sa
from alembic import op

revision = "contents"
down_revision = "user_versions"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "contents",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("storage_key", sa.String(128), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_contents"),
        sa.UniqueConstraint("sha256", name="uq_contents_sha256"),
        sa.UniqueConstraint("storage_key", name="uq_contents_storage_key"),
    )
    op.execute(
        """
        INSERT INTO contents (id, created_at, updated_at, sha256, storage_key, size_bytes)
        SELECT id, created_at, updated_at, sha256, storage_key, size_bytes FROM files
        WHERE storage_key = (SELECT min(same.storage_key) FROM files same WHERE same.sha256 = files.sha256)
        """
    )
    with op.batch_alter_table("files") as files:
        files.drop_constraint("uq_files_storage_key", type_="unique")
        files.drop_column("storage_key")
        files.create_foreign_key("fk_files_sha256_contents", "contents", ["sha256"], ["sha256"])


def downgrade() -> None:
    with op.batch_alter_table("files") as files:
        files.drop_constraint("fk_files_sha256_contents", type_="foreignkey")
        files.add_column(sa.Column("storage_key", sa.String(128), nullable=True))
    op.execute(
        "UPDATE files SET storage_key = (SELECT storage_key FROM contents WHERE sha256 = files.sha256)"
    )
    op.drop_table("contents")
