"""Remember which students were found to be one child."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

TABLE = (
    "Students who were merged into another, since they are one child. About: students. Why: an "
    "erasure also reaches them in an older backup, and their tablets are told nothing wrong. "
    "Kept: until the student is erased."
)
COLUMNS = {
    "merged_id": "The number that the merged student had.",
    "student_id": "Into whom.",
    "created_at": "When the merged student was created. Why: it tells students of a number apart.",
    "merged_at": "When they were merged. Why: the family can ask.",
}
KNOWN_AS = (
    "The number by which the device knows the student, if that one was merged; otherwise null. "
    "Why: it shows and deletes the data of the right child."
)


def upgrade() -> None:
    op.create_table(
        "merged_students",
        sa.Column("merged_id", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("student_id", sa.Integer, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("merged_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("merged_id", name="pk_merged_students"),
        sa.ForeignKeyConstraint(
            ["student_id"],
            ["students.student_id"],
            name="fk_merged_students_student_id_students",
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_merged_students_student_id", "merged_students", ["student_id"])
    op.add_column("tokens", sa.Column("merged_student_id", sa.Integer()))
    op.execute(f"COMMENT ON TABLE merged_students IS '{TABLE}'")
    for column, text in COLUMNS.items():
        op.execute(f"COMMENT ON COLUMN merged_students.{column} IS '{text}'")
    op.execute(f"COMMENT ON COLUMN tokens.merged_student_id IS '{KNOWN_AS}'")
