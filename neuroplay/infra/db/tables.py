"""The tables. Migrations build them; statements in repositories/ name their columns."""

from __future__ import annotations

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Double,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

Time = DateTime(timezone=True)

classes = Table(
    "classes",
    metadata,
    Column("class_id", Integer, Identity(), primary_key=True),
    Column("name", Text, nullable=False, index=True),
    Column("code", Text, nullable=False, unique=True),
    Column("leaderboard_enabled", Boolean, nullable=False, server_default=text("true")),
    Column("created_at", Time, nullable=False, server_default=text("now()")),
)

students = Table(
    "students",
    metadata,
    Column("student_id", Integer, Identity(), primary_key=True),
    Column("class_id", ForeignKey("classes.class_id"), nullable=False, index=True),
    Column("nickname", Text, nullable=False),
    Column("avatar", Text, nullable=False),
    Column("card_version", Integer, nullable=False, server_default="1"),
    Column("created_at", Time, nullable=False, server_default=text("now()")),
    Column("first_sign_in_at", Time),
    # What the student has reached: a function of the set of game_sessions.
    Column("xp", BigInteger, nullable=False, server_default="0"),
    Column("sessions", Integer, nullable=False, server_default="0"),
    Column("excellent_sessions", Integer, nullable=False, server_default="0"),
    Column("top_difficulty", SmallInteger, nullable=False, server_default="0"),
    Column("played_s", BigInteger, nullable=False, server_default="0"),
    Column("play_days", ARRAY(Date), nullable=False, server_default=text("'{}'::date[]")),
    CheckConstraint("xp >= 0", name="xp_not_negative"),
)

student_games = Table(
    "student_games",
    metadata,
    Column("student_id", ForeignKey("students.student_id", ondelete="CASCADE"), primary_key=True),
    Column("game_type", Text, primary_key=True),
    Column("plays", Integer, nullable=False),
    Column("best_score", Integer, nullable=False),
    Column("difficulty", SmallInteger, nullable=False),
    Column("last_ended_at", Time),
)

student_achievements = Table(
    "student_achievements",
    metadata,
    Column("student_id", ForeignKey("students.student_id", ondelete="CASCADE"), primary_key=True),
    Column("achievement_id", Text, primary_key=True),
    Column("unlocked_at", Time, nullable=False),
    Column("session_id", Text),
)

game_sessions = Table(
    "game_sessions",
    metadata,
    Column("session_id", Uuid, primary_key=True),
    Column("student_id", ForeignKey("students.student_id"), nullable=False),
    Column("game_type", Text, nullable=False),
    Column("game_version", Text, nullable=False),
    Column("score", Integer, nullable=False),
    Column("duration", Double, nullable=False, comment="seconds of play"),
    Column("accuracy", Double, nullable=False, comment="0 to 1"),
    Column("completed", Boolean, nullable=False),
    Column("difficulty", SmallInteger, nullable=False),
    Column("started_at", Time, comment="corrected to the server's clock"),
    Column("ended_at", Time, comment="corrected to the server's clock"),
    Column("utc_offset_minutes", Integer, nullable=False),
    Column("xp_gained", Integer, nullable=False),
    Column("rating", Text, nullable=False),
    Column("verdict", Text, nullable=False),
    Column("trace_hash", LargeBinary),
    Column("seed", BigInteger, comment="the course of a round with a trace: 32 bits"),
    Column("stored_at", Time, nullable=False, server_default=text("now()")),
    # Of a plausible session with a trace: when it is verified. Null: that has come to its end.
    Column("verify_due_at", Time, server_default=text("'-infinity'::timestamptz")),
    Column("verify_tries", SmallInteger, nullable=False, server_default="0"),
    Column("verify_reasons", ARRAY(Text), nullable=False, server_default=text("'{}'::text[]")),
    CheckConstraint(
        "verdict IN ('plausible', 'verified', 'mismatch', 'approved')", name="verdict_known"
    ),
    Index("ix_game_sessions_student_id_ended_at", "student_id", "ended_at"),
    Index(
        "ix_game_sessions_trace_hash",
        "trace_hash",
        postgresql_where=text("trace_hash IS NOT NULL"),
    ),
    Index("ix_game_sessions_seed", "seed", postgresql_where=text("seed IS NOT NULL")),
    # What is stored by a release that knows nothing of it is found here too.
    Index(
        "ix_game_sessions_unverified",
        "verify_due_at",
        text("stored_at DESC"),
        postgresql_where=text(
            "verdict = 'plausible' AND trace_hash IS NOT NULL AND verify_due_at IS NOT NULL"
        ),
    ),
    Index("ix_game_sessions_mismatch", "session_id", postgresql_where=text("verdict = 'mismatch'")),
)

tokens = Table(
    "tokens",
    metadata,
    Column("token_id", Uuid, primary_key=True),
    Column("token_hash", LargeBinary, nullable=False, unique=True),
    # Null once the student was erased: the row then only says that there was such a token, and
    # `erased_student_id` whose, so that a tablet knows which child to forget.
    Column("student_id", ForeignKey("students.student_id", ondelete="SET NULL"), index=True),
    Column("device_id", Uuid),
    Column("card_version", Integer),
    Column("created_at", Time, nullable=False),
    Column("revoked_at", Time),
    Column("erased_at", Time),
    Column("erased_student_id", Integer),
    Column("last_used", Time, nullable=False, server_default=text("now()")),
)

devices = Table(
    "devices",
    metadata,
    Column("device_id", Uuid, primary_key=True),
    Column("student_id", ForeignKey("students.student_id", ondelete="CASCADE"), primary_key=True),
    Column("last_contact", Time, nullable=False),
    Column("pending", Integer, nullable=False, server_default="0"),
    Column("oldest", Time),
    Index("ix_devices_student_id", "student_id"),
    Index("ix_devices_holding", "oldest", postgresql_where=text("pending > 0")),
)

sync_inbox = Table(
    "sync_inbox",
    metadata,
    Column("inbox_id", BigInteger, Identity(), primary_key=True),
    Column("session_id", Uuid),
    Column("student_id", ForeignKey("students.student_id"), nullable=False),
    Column("device_id", Uuid, nullable=False),
    Column("state", Text, nullable=False),
    Column("payload", JSONB, nullable=False),
    Column("payload_hash", LargeBinary, nullable=False),
    Column("clock_shift_s", Double, nullable=False),
    Column("received_at", Time, nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    # When a pending row may be claimed: at once, or after a back-off.
    Column("due_at", Time, nullable=False),
    Column("leased_until", Time, comment="claimed, and not finished yet"),
    Column("processed_at", Time),
    Column("dismissed_at", Time, comment="an operator closed it; the state stays beneath"),
    Column("last_error_code", Text),
    Column("last_error", Text),
    Column("reasons", ARRAY(Text), nullable=False, server_default=text("'{}'::text[]")),
    Column("release", Text),
    Column("request_id", Text),
    CheckConstraint(
        "state IN ('pending', 'processed', 'failed', 'held', 'invalid', 'conflict', 'rejected')",
        name="state_known",
    ),
    Index(
        "uq_sync_inbox_session_id",
        "session_id",
        unique=True,
        postgresql_where=text("state NOT IN ('invalid', 'conflict')"),
    ),
    Index(
        "uq_sync_inbox_invalid",
        "student_id",
        "payload_hash",
        unique=True,
        postgresql_where=text("state = 'invalid'"),
    ),
    Index(
        "ix_sync_inbox_session_id_aside",
        "session_id",
        postgresql_where=text("state IN ('invalid', 'conflict')"),
    ),
    Index("ix_sync_inbox_due", "due_at", "inbox_id", postgresql_where=text("state = 'pending'")),
    Index(
        "ix_sync_inbox_unfinished",
        "state",
        "received_at",
        postgresql_where=text("state <> 'processed'"),
    ),
    Index("ix_sync_inbox_student_id", "student_id", "received_at", "inbox_id"),
    Index(
        "ix_sync_inbox_unfinished_student_id",
        "student_id",
        "state",
        postgresql_where=text("state <> 'processed'"),
    ),
    Index(
        "ix_sync_inbox_last_error_code",
        "last_error_code",
        "inbox_id",
        postgresql_where=text("last_error_code IS NOT NULL"),
    ),
    Index("ix_sync_inbox_dismissed", "state", postgresql_where=text("dismissed_at IS NOT NULL")),
    Index("ix_sync_inbox_received_at", "received_at", postgresql_using="brin"),
    # Room in each page for the version of a row that a claim writes.
    postgresql_with={"fillfactor": "50"},
)

# One row: what holds for the database as a whole.
installation = Table(
    "installation",
    metadata,
    Column("is_it", Boolean, primary_key=True, server_default=text("true")),
    Column("secret_mark", Text, nullable=False),
    Column("since", Time, nullable=False),
    CheckConstraint("is_it", name="one_row"),
)

# What a student's tablets sent lately, as of `at`; it comes back evenly with time.
sync_budgets = Table(
    "sync_budgets",
    metadata,
    Column("student_id", ForeignKey("students.student_id", ondelete="CASCADE"), primary_key=True),
    Column("sessions", Double, nullable=False),
    Column("bytes", Double, nullable=False),
    Column("at", Time, nullable=False),
    # Room in each page for the next versions of its rows.
    postgresql_with={"fillfactor": "50"},
)

# What is not told by the row itself: tries that did not end well, and what operators did.
sync_attempts = Table(
    "sync_attempts",
    metadata,
    Column("attempt_id", BigInteger, Identity(), primary_key=True),
    Column(
        "inbox_id",
        BigInteger,
        ForeignKey("sync_inbox.inbox_id", ondelete="CASCADE"),
        nullable=False,
    ),
    Column("at", Time, nullable=False),
    Column("state", Text, nullable=False),
    Column("error_code", Text),
    Column("error", Text),
    Column("reasons", ARRAY(Text), nullable=False, server_default=text("'{}'::text[]")),
    Column("release", Text),
    Column("who", Text, comment="the operator; null for a worker"),
    Index("ix_sync_attempts_inbox_id", "inbox_id", "attempt_id"),
)

audit = Table(
    "audit",
    metadata,
    Column("audit_id", BigInteger, Identity(), primary_key=True),
    Column("who", Text, nullable=False),
    Column("what", Text, nullable=False),
    Column("target", Text, nullable=False, index=True),
    Column("details", JSONB, nullable=False),
    Column("at", Time, nullable=False),
)
