"""What a restore says in the end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cli.output.terminal import counted, note

if TYPE_CHECKING:
    from neuroplay.config import Settings
    from neuroplay.operation.backups import Contents


def students_and_games(found: Contents) -> str:
    """`3 students with 60 games, 1 pending, 2 to be decided`."""
    parts = [f"{counted(found.students, 'student')} with {counted(found.sessions, 'game')}"]
    if found.pending:
        parts.append(f"{found.pending} pending")
    if found.undecided:
        parts.append(f"{found.undecided} to be decided")
    return ", ".join(parts)


def say_what_follows(settings: Settings, revision: str, secret_mark: str | None) -> None:
    from neuroplay.operation import schema

    if problem := schema.secret_problem(settings, secret_mark):
        note(f"It belongs to another secret: {problem.message}. {problem.hint}.")
    if revision != schema.head() and not settings.embedded_database:
        note("Its schema is behind this release. Run: neuroplay db migrate")
    if settings.embedded_database and not (
        settings.secret or settings.secret_file or (settings.home / "secret").exists()
    ):
        note(
            f"Before you run neuroplay serve, copy the secret that belongs to this backup to "
            f"{settings.home / 'secret'}. With a different secret, all cards are invalid"
        )
