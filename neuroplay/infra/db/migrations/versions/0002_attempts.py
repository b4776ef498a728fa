"""Add failed attempts and the actions of operators, and indexes to find items."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sync_attempts",
        sa.Column("attempt_id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("inbox_id", sa.BigInteger, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("error_code", sa.Text),
        sa.Column("error", sa.Text),
        sa.Column(
            "reasons", sa.ARRAY(sa.Text), nullable=False, server_default=sa.text("'{}'::text[]")
        ),
        sa.Column("release", sa.Text),
        sa.Column("who", sa.Text, comment="the operator; null for a worker"),
        sa.PrimaryKeyConstraint("attempt_id", name="pk_sync_attempts"),
        sa.ForeignKeyConstraint(
            ["inbox_id"],
            ["sync_inbox.inbox_id"],
            ondelete="CASCADE",
            name="fk_sync_attempts_inbox_id_sync_inbox",
        ),
    )
    op.create_index("ix_sync_attempts_inbox_id", "sync_attempts", ["inbox_id", "attempt_id"])
    op.create_index(
        "ix_sync_inbox_last_error_code",
        "sync_inbox",
        ["last_error_code", "inbox_id"],
        postgresql_where=sa.text("last_error_code IS NOT NULL"),
    )
    # BRIN: rows are inserted in the order of time, so an index of a few kilobytes finds a day.
    op.create_index(
        "ix_sync_inbox_received_at", "sync_inbox", ["received_at"], postgresql_using="brin"
    )
