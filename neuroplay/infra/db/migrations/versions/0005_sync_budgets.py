"""Add what each student's devices sent recently, so that one token cannot fill the disk."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sync_budgets",
        sa.Column("student_id", sa.Integer, nullable=False),
        sa.Column("sessions", sa.Double, nullable=False),
        sa.Column("bytes", sa.Double, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("student_id", name="pk_sync_budgets"),
        sa.ForeignKeyConstraint(
            ["student_id"],
            ["students.student_id"],
            name="fk_sync_budgets_student_id_students",
            ondelete="CASCADE",
        ),
        postgresql_with={"fillfactor": "50"},
    )
