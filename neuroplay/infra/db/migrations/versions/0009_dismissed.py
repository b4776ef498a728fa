"""Add when an operator dismissed an item."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

INDEX = "ix_sync_inbox_dismissed"


def upgrade() -> None:
    op.execute("ALTER TABLE sync_inbox ADD COLUMN IF NOT EXISTS dismissed_at timestamptz")
    op.execute(
        "COMMENT ON COLUMN sync_inbox.dismissed_at IS "
        "'an operator closed it; the state stays beneath'"
    )
    # CONCURRENTLY, so that syncs are accepted meanwhile. An incomplete index is dropped first.
    with op.get_context().autocommit_block():
        op.drop_index(INDEX, "sync_inbox", if_exists=True, postgresql_concurrently=True)
        op.create_index(
            INDEX,
            "sync_inbox",
            ["state"],
            postgresql_where=sa.text("dismissed_at IS NOT NULL"),
            postgresql_concurrently=True,
        )
