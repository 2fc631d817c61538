"""Links sent by mail, confirmed addresses and the age of passwords.

Revision: email_links
Follows: rate_counts
"""

import sqlalchemy as sa
from alembic import op

revision = "email_links"
down_revision = "rate_counts"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("users", sa.Column("password_changed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("users", sa.Column("email_confirmed_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "email_links",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.String(32), nullable=False),
        sa.Column("token_digest", sa.String(64), nullable=False),
        sa.Column("recipient_key", sa.String(508), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_email_links"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_email_links_user_id_users"),
        sa.UniqueConstraint("user_id", "purpose", name="uq_email_links_user_id_purpose"),
        sa.UniqueConstraint("token_digest", name="uq_email_links_token_digest"),
    )
    op.create_index("ix_email_links_expires_at", "email_links", ["expires_at"])


def downgrade() -> None:
    op.drop_table("email_links")
    op.drop_column("users", "email_confirmed_at")
    op.drop_column("users", "password_changed_at")
