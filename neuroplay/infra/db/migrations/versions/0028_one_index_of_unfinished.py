"""Let one index hold what is unfinished, in place of two with the same condition.

With both, PostgreSQL took either for a student's unfinished sessions: right after the inbox was
empty, when it last looked, both seemed to be empty. By the other one it read the whole backlog for
each page. One index is also less to write for each session.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

NAME = "ix_sync_inbox_unfinished_student_id_state_received_at"
OLD = ("ix_sync_inbox_unfinished_student_id", "ix_sync_inbox_unfinished")

VALID = """
SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass(:name)
"""


def upgrade() -> None:
    is_valid = op.get_bind().scalar(sa.text(VALID), {"name": NAME})
    with op.get_context().autocommit_block():
        if not is_valid:  # else built by an upgrade that was stopped before it recorded this
            op.drop_index(NAME, "sync_inbox", if_exists=True, postgresql_concurrently=True)
            op.create_index(
                NAME,
                "sync_inbox",
                ["student_id", "state", "received_at"],
                postgresql_where=sa.text("state <> 'processed'"),
                postgresql_concurrently=True,
            )
        for name in OLD:
            op.drop_index(name, "sync_inbox", if_exists=True, postgresql_concurrently=True)
