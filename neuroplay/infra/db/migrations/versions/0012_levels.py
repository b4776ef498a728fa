"""Add the level that a game chose for the next round, and find sessions whose rules were unknown.

Sessions that are here already keep no next level: the level that they were played at counts, as
before. While the index is built, syncs are accepted and sessions are stored.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

NAME = "ix_game_sessions_given_up"

VALID = """
SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass(:name)
"""


def upgrade() -> None:
    op.execute("ALTER TABLE game_sessions ADD COLUMN IF NOT EXISTS next_difficulty smallint")
    op.execute("COMMENT ON COLUMN game_sessions.difficulty IS 'the level at which the round began'")
    op.execute(
        "COMMENT ON COLUMN game_sessions.next_difficulty IS "
        "'the level that the game chose for the next round'"
    )
    op.execute(
        "COMMENT ON COLUMN students.top_difficulty IS 'the lanterns of the hardest round, 1 to 5'"
    )
    is_valid = op.get_bind().scalar(sa.text(VALID), {"name": NAME})
    with op.get_context().autocommit_block():
        if is_valid:  # built by an upgrade that was stopped before it recorded this revision
            return
        op.drop_index(NAME, "game_sessions", if_exists=True, postgresql_concurrently=True)
        op.create_index(
            NAME,
            "game_sessions",
            ["game_type", "game_version"],
            postgresql_where=sa.text(
                "verdict = 'plausible' AND trace_hash IS NOT NULL AND verify_due_at IS NULL"
            ),
            postgresql_concurrently=True,
        )
