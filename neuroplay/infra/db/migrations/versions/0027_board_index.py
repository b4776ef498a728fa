"""Let an index tell the game of each of a student's sessions.

A board asks for a class's sessions of one game in this week. With the game in the index, sessions
of other games are not read from the table, where each lies on a page of its own. The index without
it has no use beside this one.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

NAME = "ix_game_sessions_student_id_ended_at_game_type"
OLD = "ix_game_sessions_student_id_ended_at"

VALID = """
SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass(:name)
"""


def upgrade() -> None:
    is_valid = op.get_bind().scalar(sa.text(VALID), {"name": NAME})
    with op.get_context().autocommit_block():
        if not is_valid:  # else built by an upgrade that was stopped before it recorded this
            op.drop_index(NAME, "game_sessions", if_exists=True, postgresql_concurrently=True)
            op.create_index(
                NAME,
                "game_sessions",
                ["student_id", "ended_at", "game_type"],
                postgresql_concurrently=True,
            )
        op.drop_index(OLD, "game_sessions", if_exists=True, postgresql_concurrently=True)
