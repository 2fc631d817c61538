"""Facts know the version of their analyser; pictures of parts; who is at work on a content.

Revision: background_analysis
Follows: contents
"""

import sqlalchemy as sa
from alembic import op

revision = "background_analysis"
down_revision = "contents"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    with op.batch_alter_table("analyses") as table:
        table.add_column(sa.Column("facts_version", sa.Integer(), nullable=False, server_default="0"))
        table.add_column(sa.Column("complete", sa.Boolean(), nullable=False, server_default=sa.true()))
    op.create_table(
        "pictures",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("updated_at", TIME, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("storage_key", sa.String(128)),
        sa.Column("size_bytes", sa.BigInteger()),
        sa.Column("failure_code", sa.String(64)),
        sa.PrimaryKeyConstraint("id", name="pk_pictures"),
        sa.UniqueConstraint("sha256", "kind", name="uq_pictures_sha256_kind"),
        sa.UniqueConstraint("storage_key", name="uq_pictures_storage_key"),
        sa.CheckConstraint("(storage_key IS NULL) <> (failure_code IS NULL)", name="ck_pictures_one_outcome"),
    )
    op.create_table(
        "content_leases",
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("work", sa.String(32), nullable=False),
        sa.Column("token", sa.Uuid(), nullable=False),
        sa.Column("until", TIME, nullable=False),
        sa.PrimaryKeyConstraint("sha256", "work", name="pk_content_leases"),
    )


def downgrade() -> None:
    op.drop_table("content_leases")
    op.drop_table("pictures")
    with op.batch_alter_table("analyses") as table:
        table.drop_column("complete")
        table.drop_column("facts_version")
