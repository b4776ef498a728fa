"""Add the opening balances, into which old sessions are folded.

An earlier release does not know them: until it is stopped, its `db recompute --correct` would count
folded sessions out.
"""

from __future__ import annotations

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE IF NOT EXISTS opening_balances (
    student_id integer CONSTRAINT fk_opening_balances_student_id_students REFERENCES students,
    game_type text NOT NULL,
    plays integer NOT NULL,
    xp bigint NOT NULL,
    excellent_sessions integer NOT NULL,
    top_difficulty smallint NOT NULL,
    played_s bigint NOT NULL,
    best_score integer NOT NULL,
    difficulty smallint NOT NULL,
    last_ended_at timestamptz NOT NULL,
    earned text[] NOT NULL,
    CONSTRAINT pk_opening_balances PRIMARY KEY (student_id, game_type)
);
CREATE TABLE IF NOT EXISTS opening_days (
    student_id integer CONSTRAINT fk_opening_days_student_id_students REFERENCES students,
    day date NOT NULL,
    first_end timestamptz NOT NULL,
    last_end timestamptz NOT NULL,
    CONSTRAINT pk_opening_days PRIMARY KEY (student_id, day)
);
"""

TABLES_SAY = {
    "opening_balances": "What old rounds of a student in a game came to, which are no longer kept "
    "one by one. About: students. Why: XP, levels and badges can be counted again. "
    "Kept: until the student is erased.",
    "opening_days": "Days of play of which rounds are no longer kept one by one. About: students. "
    "Why: a streak may need them when an old round arrives late. "
    "Kept: until the student is erased.",
    "game_sessions": "Rounds that counted. About: students. "
    "Why: XP, levels, badges and the leaderboard follow from them. "
    "Kept: for 24 months after they were played, unless a setting says otherwise; then their sums "
    "are kept. Until the student is erased at the latest.",
}

COLUMNS_SAY = {
    "opening_balances": {
        "student_id": "Who played.",
        "game_type": "Which game.",
        "plays": "Number of rounds.",
        "xp": "Points that they gave, without those of badges.",
        "excellent_sessions": "How many of them were excellent. Why: a badge counts them.",
        "top_difficulty": "Lanterns of the hardest, 1 to 5. Why: a badge needs it.",
        "played_s": "Seconds of play. Why: more than the time since the first sign-in is doubtful.",
        "best_score": "Best score.",
        "difficulty": "Level that the last of them chose for the next round.",
        "last_ended_at": "When the last of them ended. Why: the level of a later round counts.",
        "earned": "Badges that single ones of them earned.",
    },
    "opening_days": {
        "student_id": "Who played.",
        "day": "Day in the student's calendar.",
        "first_end": "When the first of these rounds ended.",
        "last_end": "When the last of these rounds ended.",
    },
}


def upgrade() -> None:
    op.execute(TABLES)
    for table, text in TABLES_SAY.items():
        _say(f"TABLE {table}", text)
    for table, columns in COLUMNS_SAY.items():
        for column, text in columns.items():
            _say(f"COLUMN {table}.{column}", text)


def _say(what: str, text: str) -> None:
    quoted = text.replace("'", "''")
    op.execute(f"COMMENT ON {what} IS '{quoted}'")
