"""Mark the children whose play is made up, instead of their class: the mark goes with them."""

from __future__ import annotations

from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        "ALTER TABLE students ADD COLUMN IF NOT EXISTS has_made_up_play boolean "
        "DEFAULT false NOT NULL"
    )
    op.execute(
        "COMMENT ON COLUMN students.has_made_up_play IS 'Whether some of the play is made up, as "
        "in the demo class. Why: pages and exports say so, and no learning record store gets it.'"
    )
    op.execute(
        "UPDATE students SET has_made_up_play = true FROM classes "
        "WHERE classes.class_id = students.class_id AND classes.has_made_up_play "
        "AND students.sessions > 0"
    )
    op.execute(
        "CREATE INDEX IF NOT EXISTS ix_students_made_up ON students (class_id) "
        "WHERE has_made_up_play"
    )
    # No release has read or written it.
    op.execute("ALTER TABLE classes DROP COLUMN has_made_up_play")
