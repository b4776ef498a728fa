"""Let a class end: it is archived, and can be brought back."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

ARCHIVED = (
    "When the class was archived; null while it plays. Why: a class of an earlier year is not "
    "listed, and its cards give no new sign-in."
)


def upgrade() -> None:
    op.add_column("classes", sa.Column("archived_at", sa.DateTime(timezone=True)))
    op.execute(f"COMMENT ON COLUMN classes.archived_at IS '{ARCHIVED}'")
