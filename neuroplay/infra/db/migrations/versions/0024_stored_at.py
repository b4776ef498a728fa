"""Find the sessions that were stored lately, for adults' overview of a whole school.

A BRIN index holds two times for each 256 KiB of the table, and costs almost nothing to keep.
"""

from __future__ import annotations

from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        "CREATE INDEX IF NOT EXISTS ix_game_sessions_stored_at ON game_sessions "
        "USING brin (stored_at) WITH (pages_per_range = 32, autosummarize = on)"
    )
