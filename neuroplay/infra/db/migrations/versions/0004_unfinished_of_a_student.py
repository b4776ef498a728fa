"""Add an index to count a student's unfinished games.

Syncs are accepted and drained while it is built. One that was begun and not finished is begun anew.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

NAME = "ix_sync_inbox_unfinished_student_id"


VALID = """
SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass(:name)
"""


def upgrade() -> None:
    is_valid = op.get_bind().scalar(sa.text(VALID), {"name": NAME})
    if is_valid:  # built by an upgrade that was stopped before it recorded this revision
        return
    with op.get_context().autocommit_block():
        op.drop_index(NAME, "sync_inbox", if_exists=True, postgresql_concurrently=True)
        op.create_index(
            NAME,
            "sync_inbox",
            ["student_id", "state"],
            postgresql_where=sa.text("state <> 'processed'"),
            postgresql_concurrently=True,
        )
