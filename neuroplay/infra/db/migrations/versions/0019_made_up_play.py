"""Mark a class whose play is made up in part, as in the demo class."""

from __future__ import annotations

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        "ALTER TABLE classes ADD COLUMN IF NOT EXISTS has_made_up_play boolean "
        "DEFAULT false NOT NULL"
    )
    op.execute(
        "COMMENT ON COLUMN classes.has_made_up_play IS 'Whether the class was created with made-up "
        "play, as the demo class. Why: pages say so.'"
    )
