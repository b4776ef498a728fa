"""Let a class keep traces, records and sessions for another time than the installation."""

from __future__ import annotations

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

COLUMNS = {
    "trace_days": "Days for which traces of this class are kept; 0 for ever, none as the "
    "installation says. Why: a school may decide.",
    "raw_days": "Days for which records of this class are kept; 0 for ever, none as the "
    "installation says. Why: a school may decide.",
    "keep_months": "Months for which sessions of this class are kept one by one; 0 for ever, none "
    "as the installation says. Why: a school may decide.",
}


def upgrade() -> None:
    for column, text in COLUMNS.items():
        op.execute(f"ALTER TABLE classes ADD COLUMN IF NOT EXISTS {column} smallint")
        op.execute(f"COMMENT ON COLUMN classes.{column} IS '{text}'")
