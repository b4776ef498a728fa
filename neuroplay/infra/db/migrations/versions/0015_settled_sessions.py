"""Keep only the id of a session whose record is no longer needed, and find records with a trace.

While the index is built, syncs are accepted and sessions are stored. An earlier release does not
know the table: it stores a session that was reduced to its id again, and the drain finds it counted
already.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

NAME = "ix_sync_inbox_traced"

VALID = """
SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass(:name)
"""

TABLES = """
CREATE TABLE IF NOT EXISTS settled_sessions (
    session_id uuid CONSTRAINT pk_settled_sessions PRIMARY KEY,
    student_id integer NOT NULL
        CONSTRAINT fk_settled_sessions_student_id_students REFERENCES students,
    counted boolean NOT NULL,
    payload_hash bytea NOT NULL
);
CREATE INDEX IF NOT EXISTS ix_settled_sessions_student_id ON settled_sessions (student_id);
CREATE TABLE IF NOT EXISTS retention_pass (
    is_it boolean DEFAULT true CONSTRAINT pk_retention_pass PRIMARY KEY
        CONSTRAINT ck_retention_pass_one_row CHECK (is_it),
    after_student integer DEFAULT 0 NOT NULL,
    began_at timestamptz,
    whole_since timestamptz DEFAULT now() NOT NULL
);
INSERT INTO retention_pass DEFAULT VALUES ON CONFLICT DO NOTHING;
"""

TABLES_SAY = {
    "settled_sessions": "What is left of a received round whose record was removed. "
    "About: students. Why: a round that is sent again, however late, counts once. "
    "Kept: until the student is erased.",
    "retention_pass": "One row: how far the removal of what is no longer kept has come. "
    "About: nobody. Why: it goes on where it stopped, and a removal that lags is noticed. "
    "Kept: as long as the installation.",
    "sync_inbox": "Rounds as devices sent them. About: students. "
    "Why: nothing acknowledged is lost, and rules can be applied again. "
    "Kept: traces for 30 days and the rest for 90 days after the round was decided, unless a "
    "setting says otherwise; what waits for a decision until then; until the student is erased at "
    "the latest.",
}

COLUMNS_SAY = {
    "settled_sessions": {
        "session_id": "Random number that the device made.",
        "student_id": "Who played. Why: another student's round with this number is noticed.",
        "counted": "Whether it counted; if not, an adult rejected or dismissed it. "
        "Why: it can be answered what became of it.",
        "payload_hash": "The first 16 bytes of a hash of the record. "
        "Why: another round with this number is noticed.",
    },
    "retention_pass": {
        "is_it": "Always true. Why: there is one row.",
        "after_student": "The last student whose rows were looked at.",
        "began_at": "When this pass over all students began; none between two passes.",
        "whole_since": "When the last whole pass began: what was due then is gone.",
    },
}


def upgrade() -> None:
    op.execute(TABLES)
    for table, text in TABLES_SAY.items():
        _say(f"TABLE {table}", text)
    for table, columns in COLUMNS_SAY.items():
        for column, text in columns.items():
            _say(f"COLUMN {table}.{column}", text)
    is_valid = op.get_bind().scalar(sa.text(VALID), {"name": NAME})
    with op.get_context().autocommit_block():
        if is_valid:  # built by an upgrade that was stopped before it recorded this revision
            return
        op.drop_index(NAME, "sync_inbox", if_exists=True, postgresql_concurrently=True)
        op.create_index(
            NAME,
            "sync_inbox",
            ["student_id", "received_at"],
            postgresql_where=sa.text(
                "state = 'processed' AND payload #> '{metadata,trace}' IS NOT NULL"
            ),
            postgresql_concurrently=True,
        )


def _say(what: str, text: str) -> None:
    quoted = text.replace("'", "''")
    op.execute(f"COMMENT ON {what} IS '{quoted}'")
