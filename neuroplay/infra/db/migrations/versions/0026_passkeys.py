"""Add adults' passkeys, and the challenges that were answered."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "adult_passkeys",
        sa.Column(
            "passkey_id",
            sa.Integer,
            sa.Identity(),
            comment="Number of the passkey. Why: the audit and commands name it by that.",
        ),
        sa.Column("adult_id", sa.Integer, nullable=False, comment="Whose."),
        sa.Column(
            "name",
            sa.Text,
            nullable=False,
            comment="The adult's own word for the device. "
            "Why: the adult knows which one to remove.",
        ),
        sa.Column(
            "credential_id",
            sa.LargeBinary,
            nullable=False,
            comment="The device's random number for its key. Why: the key is found by it.",
        ),
        sa.Column(
            "public_key",
            sa.LargeBinary,
            nullable=False,
            comment="Public key; the private one stays on the device. Why: a sign-in is checked.",
        ),
        sa.Column(
            "sign_count",
            sa.BigInteger,
            nullable=False,
            comment="How often the device says it has signed, 0 if it does not count. "
            "Why: a copy of a key is noticed.",
        ),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            nullable=False,
            server_default=sa.text("now()"),
            comment="When it was added. Why: the adult and operators see it.",
        ),
        sa.Column(
            "last_used",
            sa.DateTime(timezone=True),
            comment="Last sign-in with it. Why: the adult and operators see it.",
        ),
        sa.PrimaryKeyConstraint("passkey_id", name="pk_adult_passkeys"),
        sa.UniqueConstraint("credential_id", name="uq_adult_passkeys_credential_id"),
        sa.ForeignKeyConstraint(
            ["adult_id"],
            ["adults.adult_id"],
            name="fk_adult_passkeys_adult_id",
            ondelete="CASCADE",
        ),
        comment="Keys of devices with which adults sign in. About: adults. "
        "Why: they need no passphrase there. Kept: until the passkey is removed, the passphrase is "
        "replaced by a link, or the account is ended or erased.",
    )
    op.create_index("ix_adult_passkeys_adult_id", "adult_passkeys", ["adult_id"])
    op.create_table(
        "adult_challenges",
        sa.Column(
            "challenge",
            sa.LargeBinary,
            nullable=False,
            comment="Seal of the challenge. Why: it is recognised.",
        ),
        sa.Column(
            "used_at",
            sa.DateTime(timezone=True),
            nullable=False,
            server_default=sa.text("now()"),
            comment="When it was answered. Why: it is forgotten when it has expired.",
        ),
        sa.PrimaryKeyConstraint("challenge", name="pk_adult_challenges"),
        comment="Random numbers that devices signed with a passkey. About: nobody. "
        "Why: an answer signs in once. Kept: a day.",
    )
