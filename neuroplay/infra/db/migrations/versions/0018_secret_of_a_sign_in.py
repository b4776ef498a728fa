"""Add by which secret a sign-in was made: before one ends, it can be counted who still needs it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

COMMENT = (
    "Mark of the secret of its card; null if an earlier release made it. "
    "Why: before a replaced secret ends, it is counted who still has its card."
)


def upgrade() -> None:
    op.add_column("tokens", sa.Column("secret_mark", sa.Text()))
    op.execute(f"COMMENT ON COLUMN tokens.secret_mark IS '{COMMENT}'")
