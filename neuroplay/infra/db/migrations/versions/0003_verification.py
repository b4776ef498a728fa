"""Add which sessions with a trace are still to be verified.

The columns have constant defaults: nothing is rewritten, and a worker of the release before
goes on storing sessions, which are verified all the same. While the index is built, workers wait
(seconds for millions of sessions); syncs are accepted and sessions are read meanwhile.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        ALTER TABLE game_sessions
            ADD COLUMN IF NOT EXISTS verify_due_at timestamptz DEFAULT '-infinity',
            ADD COLUMN IF NOT EXISTS verify_tries smallint NOT NULL DEFAULT 0,
            ADD COLUMN IF NOT EXISTS verify_reasons text[] NOT NULL DEFAULT '{}'
        """
    )
    # A separate transaction, since adding columns locks out readers. Not CONCURRENTLY: that waits
    # for all other transactions, and so for a second upgrade that waits for this one.
    with op.get_context().autocommit_block():
        op.create_index(
            "ix_game_sessions_unverified",
            "game_sessions",
            ["verify_due_at", sa.text("stored_at DESC")],
            postgresql_where=sa.text(
                "verdict = 'plausible' AND trace_hash IS NOT NULL AND verify_due_at IS NOT NULL"
            ),
            if_not_exists=True,
        )
        op.create_index(
            "ix_game_sessions_mismatch",
            "game_sessions",
            ["session_id"],
            postgresql_where=sa.text("verdict = 'mismatch'"),
            if_not_exists=True,
        )
