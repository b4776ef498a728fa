"""A database's schema, from pg_dump."""

from __future__ import annotations

import re
import subprocess

from neuroplay.infra.embedded.binaries import postgres_bin


def schema_of(url: str) -> str:
    """All tables, constraints and indexes as SQL, the same from every server and pg_dump."""
    dumped = subprocess.run(
        [
            postgres_bin() / "pg_dump",
            *("--schema-only", "--no-owner", "--no-privileges", "--exclude-table=alembic_version"),
            url.replace("postgresql+psycopg2:", "postgresql:"),
        ],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    # Settings and comments name versions, and `\restrict` a random word.
    told = re.sub(r"^(--|SET |SELECT pg_catalog|\\).*\n", "", dumped, flags=re.MULTILINE)
    return re.sub(r"\n{3,}", "\n\n", told).strip() + "\n"
