"""Add how many minutes a class plays on a day; 30 for existing ones."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "classes",
        sa.Column("day_minutes", sa.SmallInteger(), nullable=False, server_default=sa.text("30")),
    )
