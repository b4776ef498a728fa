"""Let the index that finds a student's tokens tell active ones from ended ones.

A sign-in looks for the student's active tokens, some twenty at most, and had to read up to 500
ended ones with them.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

NAME, OLD = "ix_tokens_student_id_revoked_at", "ix_tokens_student_id"

VALID = """
SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass(:name)
"""


def upgrade() -> None:
    is_valid = op.get_bind().scalar(sa.text(VALID), {"name": NAME})
    with op.get_context().autocommit_block():
        if not is_valid:  # else built by an upgrade that was stopped before it recorded this
            op.drop_index(NAME, "tokens", if_exists=True, postgresql_concurrently=True)
            op.create_index(
                NAME, "tokens", ["student_id", "revoked_at"], postgresql_concurrently=True
            )
        op.drop_index(OLD, "tokens", if_exists=True, postgresql_concurrently=True)
