"""Add what fair play needs: the first sign-in, the time played, the seed of each round.

Students who are here already get the first sign-in of their tokens and the time that their stored
sessions take: one pass over both tables, seconds for millions of sessions, while drains wait.
Sessions that are here already keep no seed: they are known by their inputs, as before. Those that
were held for their answer times alone, though a trace says more, are judged again.

A worker of the release before stores sessions without a seed, and counts their time for nobody:
`neuroplay db recompute` shows that, and puts it right.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

NAME = "ix_game_sessions_seed"

VALID = """
SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass(:name)
"""

FIRST_SIGN_INS = """
UPDATE students AS s SET first_sign_in_at = t.first
  FROM (SELECT student_id, min(created_at) AS first FROM tokens
         WHERE student_id IS NOT NULL GROUP BY student_id) AS t
 WHERE s.student_id = t.student_id AND s.first_sign_in_at IS NULL
"""

TIME_PLAYED = """
UPDATE students AS s SET played_s = p.played_s
  FROM (SELECT student_id,
               sum(greatest(ceil(duration), 1,
                   CASE WHEN completed AND game_type = 'cyber_runner' THEN 120 END))
                 AS played_s
          FROM game_sessions GROUP BY student_id) AS p
 WHERE s.student_id = p.student_id
"""

JUDGED_AGAIN = """
UPDATE sync_inbox
   SET state = 'pending', due_at = now(), attempts = 0, leased_until = NULL,
       processed_at = NULL
 WHERE state = 'held' AND reasons <> '{}'
   AND reasons <@ ARRAY['more_answers_than_time', 'inhumanly_fast_answers',
                        'identical_answer_times', 'negative_answer_time']
   AND jsonb_typeof(payload #> '{metadata,trace}') = 'array'
"""


def upgrade() -> None:
    op.execute(
        """
        ALTER TABLE students
            ADD COLUMN IF NOT EXISTS first_sign_in_at timestamptz,
            ADD COLUMN IF NOT EXISTS played_s bigint NOT NULL DEFAULT 0
        """
    )
    op.execute("ALTER TABLE game_sessions ADD COLUMN IF NOT EXISTS seed bigint")
    op.execute(
        "COMMENT ON COLUMN game_sessions.seed IS 'the course of a round with a trace: 32 bits'"
    )
    is_valid = op.get_bind().scalar(sa.text(VALID), {"name": NAME})
    with op.get_context().autocommit_block():
        # A separate transaction, since adding columns locks out readers.
        for statement in (FIRST_SIGN_INS, TIME_PLAYED, JUDGED_AGAIN):
            op.execute(statement)
        if is_valid:  # built by an upgrade that was stopped before it recorded this revision
            return
        op.drop_index(NAME, "game_sessions", if_exists=True, postgresql_concurrently=True)
        op.create_index(
            NAME,
            "game_sessions",
            ["seed"],
            postgresql_where=sa.text("seed IS NOT NULL"),
            postgresql_concurrently=True,
        )
