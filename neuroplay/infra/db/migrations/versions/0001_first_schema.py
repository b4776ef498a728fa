"""Create the tables: people, inbox, sessions, progress, audit."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy import Text
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit",
        sa.Column("audit_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("details", postgresql.JSONB(astext_type=Text()), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("audit_id", name=op.f("pk_audit")),
    )
    op.create_index(op.f("ix_audit_target"), "audit", ["target"], unique=False)
    op.create_table(
        "classes",
        sa.Column("class_id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column(
            "leaderboard_enabled", sa.Boolean(), server_default=sa.text("true"), nullable=False
        ),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("class_id", name=op.f("pk_classes")),
        sa.UniqueConstraint("code", name=op.f("uq_classes_code")),
    )
    op.create_index(op.f("ix_classes_name"), "classes", ["name"], unique=False)
    op.create_table(
        "students",
        sa.Column("student_id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("class_id", sa.Integer(), nullable=False),
        sa.Column("nickname", sa.Text(), nullable=False),
        sa.Column("avatar", sa.Text(), nullable=False),
        sa.Column("card_version", sa.Integer(), server_default="1", nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("xp", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("sessions", sa.Integer(), server_default="0", nullable=False),
        sa.Column("excellent_sessions", sa.Integer(), server_default="0", nullable=False),
        sa.Column("top_difficulty", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column(
            "play_days", sa.ARRAY(sa.Date()), server_default=sa.text("'{}'::date[]"), nullable=False
        ),
        sa.CheckConstraint("xp >= 0", name=op.f("ck_students_xp_not_negative")),
        sa.ForeignKeyConstraint(
            ["class_id"], ["classes.class_id"], name=op.f("fk_students_class_id_classes")
        ),
        sa.PrimaryKeyConstraint("student_id", name=op.f("pk_students")),
    )
    op.create_index(op.f("ix_students_class_id"), "students", ["class_id"], unique=False)
    op.create_table(
        "devices",
        sa.Column("device_id", sa.Uuid(), nullable=False),
        sa.Column("student_id", sa.Integer(), nullable=False),
        sa.Column("last_contact", sa.DateTime(timezone=True), nullable=False),
        sa.Column("pending", sa.Integer(), server_default="0", nullable=False),
        sa.Column("oldest", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["student_id"],
            ["students.student_id"],
            name=op.f("fk_devices_student_id_students"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("device_id", "student_id", name=op.f("pk_devices")),
    )
    op.create_index(
        "ix_devices_holding",
        "devices",
        ["oldest"],
        unique=False,
        postgresql_where=sa.text("pending > 0"),
    )
    op.create_index("ix_devices_student_id", "devices", ["student_id"], unique=False)
    op.create_table(
        "game_sessions",
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("student_id", sa.Integer(), nullable=False),
        sa.Column("game_type", sa.Text(), nullable=False),
        sa.Column("game_version", sa.Text(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("duration", sa.Double(), nullable=False, comment="seconds of play"),
        sa.Column("accuracy", sa.Double(), nullable=False, comment="0 to 1"),
        sa.Column("completed", sa.Boolean(), nullable=False),
        sa.Column("difficulty", sa.SmallInteger(), nullable=False),
        sa.Column(
            "started_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="corrected to the server's clock",
        ),
        sa.Column(
            "ended_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="corrected to the server's clock",
        ),
        sa.Column("utc_offset_minutes", sa.Integer(), nullable=False),
        sa.Column("xp_gained", sa.Integer(), nullable=False),
        sa.Column("rating", sa.Text(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("trace_hash", sa.LargeBinary(), nullable=True),
        sa.Column(
            "stored_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.CheckConstraint(
            "verdict IN ('plausible', 'verified', 'mismatch', 'approved')",
            name=op.f("ck_game_sessions_verdict_known"),
        ),
        sa.ForeignKeyConstraint(
            ["student_id"],
            ["students.student_id"],
            name=op.f("fk_game_sessions_student_id_students"),
        ),
        sa.PrimaryKeyConstraint("session_id", name=op.f("pk_game_sessions")),
    )
    op.create_index(
        "ix_game_sessions_student_id_ended_at",
        "game_sessions",
        ["student_id", "ended_at"],
        unique=False,
    )
    op.create_index(
        "ix_game_sessions_trace_hash",
        "game_sessions",
        ["trace_hash"],
        unique=False,
        postgresql_where=sa.text("trace_hash IS NOT NULL"),
    )
    op.create_table(
        "student_achievements",
        sa.Column("student_id", sa.Integer(), nullable=False),
        sa.Column("achievement_id", sa.Text(), nullable=False),
        sa.Column("unlocked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("session_id", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["student_id"],
            ["students.student_id"],
            name=op.f("fk_student_achievements_student_id_students"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "student_id", "achievement_id", name=op.f("pk_student_achievements")
        ),
    )
    op.create_table(
        "student_games",
        sa.Column("student_id", sa.Integer(), nullable=False),
        sa.Column("game_type", sa.Text(), nullable=False),
        sa.Column("plays", sa.Integer(), nullable=False),
        sa.Column("best_score", sa.Integer(), nullable=False),
        sa.Column("difficulty", sa.SmallInteger(), nullable=False),
        sa.Column("last_ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["student_id"],
            ["students.student_id"],
            name=op.f("fk_student_games_student_id_students"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("student_id", "game_type", name=op.f("pk_student_games")),
    )
    op.create_table(
        "sync_inbox",
        sa.Column("inbox_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=True),
        sa.Column("student_id", sa.Integer(), nullable=False),
        sa.Column("device_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("payload", postgresql.JSONB(astext_type=Text()), nullable=False),
        sa.Column("payload_hash", sa.LargeBinary(), nullable=False),
        sa.Column("clock_shift_s", sa.Double(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "leased_until",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="claimed, and not finished yet",
        ),
        sa.Column("processed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error_code", sa.Text(), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column(
            "reasons", sa.ARRAY(sa.Text()), server_default=sa.text("'{}'::text[]"), nullable=False
        ),
        sa.Column("release", sa.Text(), nullable=True),
        sa.Column("request_id", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "state IN ('pending', 'processed', 'failed', 'held', 'invalid', 'conflict', 'rejected')",  # noqa: E501
            name=op.f("ck_sync_inbox_state_known"),
        ),
        sa.ForeignKeyConstraint(
            ["student_id"], ["students.student_id"], name=op.f("fk_sync_inbox_student_id_students")
        ),
        sa.PrimaryKeyConstraint("inbox_id", name=op.f("pk_sync_inbox")),
        postgresql_with={"fillfactor": "50"},
    )
    op.create_index(
        "ix_sync_inbox_due",
        "sync_inbox",
        ["due_at", "inbox_id"],
        unique=False,
        postgresql_where=sa.text("state = 'pending'"),
    )
    op.create_index(
        "ix_sync_inbox_session_id_aside",
        "sync_inbox",
        ["session_id"],
        unique=False,
        postgresql_where=sa.text("state IN ('invalid', 'conflict')"),
    )
    op.create_index(
        "ix_sync_inbox_student_id",
        "sync_inbox",
        ["student_id", "received_at", "inbox_id"],
        unique=False,
    )
    op.create_index(
        "ix_sync_inbox_unfinished",
        "sync_inbox",
        ["state", "received_at"],
        unique=False,
        postgresql_where=sa.text("state <> 'processed'"),
    )
    op.create_index(
        "uq_sync_inbox_invalid",
        "sync_inbox",
        ["student_id", "payload_hash"],
        unique=True,
        postgresql_where=sa.text("state = 'invalid'"),
    )
    op.create_index(
        "uq_sync_inbox_session_id",
        "sync_inbox",
        ["session_id"],
        unique=True,
        postgresql_where=sa.text("state NOT IN ('invalid', 'conflict')"),
    )
    op.create_table(
        "tokens",
        sa.Column("token_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("student_id", sa.Integer(), nullable=True),
        sa.Column("device_id", sa.Uuid(), nullable=True),
        sa.Column("card_version", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["student_id"],
            ["students.student_id"],
            name=op.f("fk_tokens_student_id_students"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("token_id", name=op.f("pk_tokens")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_tokens_token_hash")),
    )
    op.create_index(op.f("ix_tokens_student_id"), "tokens", ["student_id"], unique=False)
