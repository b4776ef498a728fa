"""Add adults, their classes, invitations and sign-ins."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

AUDIT = (
    "What operators and adults did, and which children adults looked at. "
    "About: operators, adults and students by number. "
    "Why: it can be answered who erased, approved, changed or saw something. "
    "Kept: as long as the installation; the details of a student go when the student is erased."
)
AUDIT_WHO = (
    "The operator''s user name on the machine and for whom the operator acted, or an adult''s "
    "number. About: operators, adults. Why: somebody answers for it."
)


def upgrade() -> None:
    op.create_table(
        "adults",
        sa.Column(
            "adult_id",
            sa.Integer,
            sa.Identity(),
            comment="Number of the adult. Why: the audit names adults by it.",
        ),
        sa.Column(
            "name",
            sa.Text,
            nullable=False,
            comment="Name that the operator chose. Why: the adult signs in with it, and others "
            "recognise whom they gave a class.",
        ),
        sa.Column(
            "name_key",
            sa.Text,
            nullable=False,
            comment="The name without case, accents, spaces and signs. "
            "Why: no two adults have names that look the same.",
        ),
        sa.Column("role", sa.Text, nullable=False, comment="Teacher or school. Why: what it sees."),
        sa.Column(
            "passphrase",
            sa.Text,
            comment="Argon2id hash of the passphrase, which is not stored; null before the first "
            "sign-in and after the end. Why: a sign-in is recognised.",
        ),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            nullable=False,
            server_default=sa.text("now()"),
            comment="When the adult was invited. Why: an operator sees how old an invitation is.",
        ),
        sa.Column(
            "ended_at",
            sa.DateTime(timezone=True),
            comment="When access ended. Why: an adult who left cannot sign in.",
        ),
        sa.PrimaryKeyConstraint("adult_id", name="pk_adults"),
        sa.UniqueConstraint("name_key", name="uq_adults_name_key"),
        sa.CheckConstraint("role IN ('teacher', 'school')", name=op.f("ck_adults_role")),
        comment="Accounts of teachers and of the school. About: adults. "
        "Why: each adult sees the own classes alone. Kept: until `neuroplay adult erase`.",
    )
    op.create_table(
        "adult_classes",
        sa.Column("adult_id", sa.Integer, nullable=False, comment="Whose."),
        sa.Column("class_id", sa.Integer, nullable=False, comment="Which class."),
        sa.PrimaryKeyConstraint("adult_id", "class_id", name="pk_adult_classes"),
        _of_adult("adult_classes"),
        sa.ForeignKeyConstraint(
            ["class_id"],
            ["classes.class_id"],
            name="fk_adult_classes_class_id",
            ondelete="CASCADE",
        ),
        comment="Which classes a teacher sees. About: adults. Why: nobody sees another's class. "
        "Kept: until the class is taken away or erased, or the adult is erased.",
    )
    op.create_index("ix_adult_classes_class_id", "adult_classes", ["class_id"])
    op.create_table(
        "adult_links",
        sa.Column(
            "token_hash",
            sa.LargeBinary,
            nullable=False,
            comment="Keyed hash of the link, which is not stored. Why: a link is recognised.",
        ),
        sa.Column("adult_id", sa.Integer, nullable=False, comment="Whom it invites."),
        _when("created_at", "When it was made. Why: an operator sees it."),
        _when(
            "expires_at",
            "Until when it works. Why: a link that is found later opens nothing.",
            default=False,
        ),
        sa.Column(
            "used_at",
            sa.DateTime(timezone=True),
            comment="When it was used. Why: it works once.",
        ),
        sa.PrimaryKeyConstraint("token_hash", name="pk_adult_links"),
        _of_adult("adult_links"),
        comment="Invitations, by which an adult sets a passphrase. About: adults. "
        "Why: no account exists without an invitation. "
        "Kept: 30 days after they were used or expired.",
    )
    op.create_index("ix_adult_links_adult_id", "adult_links", ["adult_id"])
    op.create_table(
        "adult_sign_ins",
        sa.Column(
            "token_hash",
            sa.LargeBinary,
            nullable=False,
            comment="Keyed hash of the cookie, which is not stored. Why: a request is recognised.",
        ),
        sa.Column("adult_id", sa.Integer, nullable=False, comment="Whose."),
        _when("created_at", "When it began. Why: it ends after 30 days."),
        _when("last_used", "Last use, to a minute. Why: it ends after 12 hours without use."),
        sa.PrimaryKeyConstraint("token_hash", name="pk_adult_sign_ins"),
        _of_adult("adult_sign_ins"),
        comment="Browsers in which adults are signed in. About: adults. "
        "Why: they need not give the passphrase for each page. "
        "Kept: until they sign out, or 12 hours after the last use, or 30 days.",
    )
    op.create_index("ix_adult_sign_ins_adult_id", "adult_sign_ins", ["adult_id"])
    op.execute(f"COMMENT ON TABLE audit IS '{AUDIT}'")
    op.execute(f"COMMENT ON COLUMN audit.who IS '{AUDIT_WHO}'")


def _when(name: str, comment: str, *, default: bool = True) -> sa.Column[object]:
    return sa.Column(
        name,
        sa.DateTime(timezone=True),
        nullable=False,
        server_default=sa.text("now()") if default else None,
        comment=comment,
    )


def _of_adult(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["adult_id"], ["adults.adult_id"], name=f"fk_{table}_adult_id", ondelete="CASCADE"
    )
