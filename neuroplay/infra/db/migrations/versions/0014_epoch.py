"""Add the epoch, by which tablets notice that the database was restored."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "epoch",
        sa.Column(
            "is_it",
            sa.Boolean,
            nullable=False,
            server_default=sa.text("true"),
            comment="Always true. Why: there is one row.",
        ),
        sa.Column(
            "epoch_id",
            sa.Uuid,
            nullable=False,
            server_default=sa.text("gen_random_uuid()"),
            comment="Random, new after each restore.",
        ),
        sa.Column(
            "since",
            sa.DateTime(timezone=True),
            nullable=False,
            server_default=sa.text("now()"),
            comment="When it began. Why: an operator sees when the database was restored.",
        ),
        sa.Column(
            "safe_before",
            sa.DateTime(timezone=True),
            comment="What was acknowledged in this epoch before this time is in a backup. "
            "Why: tablets then delete their copies.",
        ),
        sa.PrimaryKeyConstraint("is_it", name="pk_epoch"),
        sa.CheckConstraint("is_it", name=op.f("ck_epoch_one_row")),
        comment="One row about the time since the last restore. About: nobody. "
        "Why: tablets notice a restore, and offer what it lost. Kept: as long as the installation.",
    )
    op.execute("INSERT INTO epoch DEFAULT VALUES")
