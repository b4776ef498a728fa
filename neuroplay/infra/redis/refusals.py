"""Explanations of Redis's error responses, without an address."""

from __future__ import annotations

from dataclasses import dataclass

from redis import exceptions


@dataclass(frozen=True, kw_only=True, slots=True)
class Refusal:
    """`passes` if the condition may be temporary, and no setting of NeuroPlay is wrong."""

    why: str
    hint: str
    passes: bool = False


_KINDS: tuple[tuple[type[Exception] | str, Refusal], ...] = (
    (
        exceptions.AuthenticationError,
        Refusal(
            why="it wants another user or password",
            hint="Write them into REDIS_URL, as redis://USER:PASSWORD@HOST:6379, without USER "
            "where there is a password only",
        ),
    ),
    (
        exceptions.NoPermissionError,
        Refusal(
            why="its user lacks permissions",
            hint="Give the user of REDIS_URL more: ACL SETUSER NAME ~* &* +@all -@admin +info",
        ),
    ),
    (
        exceptions.InvalidResponse,
        Refusal(why="what answers there is no Redis", hint="Check host and port of REDIS_URL"),
    ),
    (
        "Error 13 connecting",
        Refusal(
            why="its socket is closed to the user that NeuroPlay runs as",
            hint="Open the socket (unixsocketperm) and the folders above it to that user",
        ),
    ),
    (
        exceptions.BusyLoadingError,
        Refusal(why="it is still loading its data", hint="It needs a moment", passes=True),
    ),
    (
        "max number of clients",
        Refusal(why="it takes no more clients", hint="Raise its maxclients", passes=True),
    ),
    *(
        (
            kind,
            Refusal(
                why="it takes no writes",
                hint="Look at its log: a full disk or memory, a replica, or too few of them",
                passes=True,
            ),
        )
        for kind in (exceptions.ReadOnlyError, exceptions.OutOfMemoryError, "MISCONF", "NOREPLICAS")
    ),
)


def refusal(error: Exception) -> Refusal | None:
    """Explain an error of redis-py; None if no server responded."""
    for kind, found in _KINDS:
        if str(error).startswith(kind) if isinstance(kind, str) else isinstance(error, kind):
            return found
    return None
