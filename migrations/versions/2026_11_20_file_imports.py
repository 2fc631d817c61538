"""Imports of files from addresses.

Revision: file_imports
Follows: background_analysis
"""

import sqlalchemy as sa
from alembic import op

revision = "file_imports"
down_revision = "background_analysis"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def record_columns() -> list[sa.Column]:
    return [
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("updated_at", TIME, nullable=False),
    ]


def upgrade() -> None:
    op.create_table(
        "file_imports",
        *record_columns(),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("finished_at", TIME),
        sa.PrimaryKeyConstraint("id", name="pk_file_imports"),
        sa.ForeignKeyConstraint(["owner_id"], ["users.id"], name="fk_file_imports_owner_id_users"),
    )
    op.create_index("ix_file_imports_owner_id_finished_at", "file_imports", ["owner_id", "finished_at"])
    op.create_table(
        "file_import_sources",
        *record_columns(),
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("status", sa.String(32), nullable=False),
        sa.Column("file_id", sa.Uuid()),
        sa.Column("failure_code", sa.String(64)),
        sa.Column("failure_message", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_file_import_sources"),
        sa.UniqueConstraint("import_id", "position", name="uq_file_import_sources_import_id_position"),
        sa.ForeignKeyConstraint(
            ["import_id"],
            ["file_imports.id"],
            name="fk_file_import_sources_import_id_file_imports",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["file_id"], ["files.id"], name="fk_file_import_sources_file_id_files", ondelete="SET NULL"
        ),
    )
    op.create_index("ix_file_import_sources_file_id", "file_import_sources", ["file_id"])


def downgrade() -> None:
    op.drop_table("file_import_sources")
    op.drop_table("file_imports")
