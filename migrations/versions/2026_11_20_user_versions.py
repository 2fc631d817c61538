"""Users have versions; no row of the audit log can be put in place of another.

Revision: user_versions
Follows: catalog_versions
"""

import sqlalchemy as sa
from alembic import op

revision = "user_versions"
down_revision = "catalog_versions"
branch_labels = None
depends_on = None

NO_REPLACEMENT = """
CREATE TRIGGER audit_records_are_new BEFORE INSERT ON audit_records
WHEN EXISTS (SELECT 1 FROM audit_records WHERE id = NEW.id OR position = NEW.position)
BEGIN SELECT RAISE(ABORT, 'audit records are never changed'); END
"""
"""SQLite's INSERT OR REPLACE removes the row in its way without asking triggers of deletion."""


def upgrade() -> None:
    op.add_column("users", sa.Column("version", sa.Integer(), server_default="1", nullable=False))
    if op.get_bind().dialect.name == "sqlite":
        op.execute(NO_REPLACEMENT)


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER audit_records_are_new")
    op.drop_column("users", "version")
