"""Versions of the catalogue.

Revision: catalog_versions
Follows: api_keys
"""

import sqlalchemy as sa
from alembic import op

revision = "catalog_versions"
down_revision = "api_keys"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "catalog_versions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("version", sa.String(64), nullable=False),
        sa.Column("status", sa.String(32), nullable=False),
        sa.Column("origin", sa.String(32), nullable=False),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("published_by", sa.Uuid(), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rows", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_catalog_versions"),
        sa.UniqueConstraint("number", name="uq_catalog_versions_number"),
        sa.UniqueConstraint("version", name="uq_catalog_versions_version"),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["catalog_versions.id"], name="fk_catalog_versions_parent_id_catalog_versions"
        ),
    )
    published = sa.text("status = 'published'")
    op.create_index(
        "ix_catalog_versions_published",
        "catalog_versions",
        ["status"],
        unique=True,
        sqlite_where=published,
        postgresql_where=published,
    )


def downgrade() -> None:
    op.drop_table("catalog_versions")
