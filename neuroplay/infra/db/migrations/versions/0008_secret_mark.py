"""Add a mark of the secret that cards and sign-ins derive from."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "installation",
        sa.Column("is_it", sa.Boolean, nullable=False, server_default=sa.text("true")),
        sa.Column("secret_mark", sa.Text, nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("is_it", name="pk_installation"),
        sa.CheckConstraint("is_it", name=op.f("ck_installation_one_row")),
    )
