"""Every error that NeuroPlay raises on purpose.

    NeuroPlayError
    ├── TransientError            trying again later may help
    │   ├── StoreUnavailable      PostgreSQL or Redis cannot be reached, or did not answer in time
    │   └── CannotPlayAgain       the rules could not play a round again (code says why)
    └── PermanentError            trying again will not help
        ├── InvalidSession        a session record that cannot be true (field, message);
        │                         a ValueError too
        ├── NotFound              no such student, class or inbox item
        ├── Refused               the request is understood and denied (sign-in, wrong state)
        │   └── RosterRefused     a roster with bad lines (errors); a ValueError too
        │       └── RosterUnsure  a roster that may be meant otherwise (doubts, nicknames)
        └── SettingsError         a setting is missing or contradicts another

`code` is stable: clients, tests and dashboards may rely on it.
"""

# ruff: noqa: N818 - the names are nouns of the domain, and stable

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


class NeuroPlayError(Exception):
    """Base of all errors; `code` is a stable snake_case word, `hint` says what to do."""

    code = "internal"

    def __init__(self, message: str, *, code: str | None = None, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        if code is not None:
            self.code = code


def code_of(error: Exception) -> str:
    """The code of an error of ours, `internal` of any other."""
    return error.code if isinstance(error, NeuroPlayError) else NeuroPlayError.code


def in_a_line(error: Exception, longest: int) -> str:
    """The kind and the first line of an error; the rest may quote a whole statement."""
    text = str(error).partition("\n")[0]
    return f"{type(error).__name__}: {text}"[:longest]


class TransientError(NeuroPlayError):
    code = "try_again"


class StoreUnavailable(TransientError):
    code = "store_unavailable"


class CannotPlayAgain(TransientError):
    """A round could not be played again from its trace. That says nothing about its session.

    `code` is one of:

        no_rules        this installation has no rules.js
        unknown_rules   rules.js has no such game, or another version of it
        overrun         it took longer than its limit
        out_of_memory   it took more memory than its limit
        rules_failed    the rules ended with an error, or gave no result
        verifier_died   the process that plays it ended, or could not be started
    """

    code = "rules_failed"


class PermanentError(NeuroPlayError):
    code = "permanent"


class InvalidSession(PermanentError, ValueError):
    """A session record that cannot be true; `field` names the wire field at fault. It is a
    ValueError, as Python's own bad values are."""

    code = "invalid_session"

    def __init__(self, code: str, field: str, message: str) -> None:
        super().__init__(message, code=code)
        self.field = field


class NotFound(PermanentError):
    code = "not_found"


class Refused(PermanentError):
    """Understood and denied. `retry_after_s` is set where waiting lifts it, `student_id` where
    the refusal is about one student and nobody else."""

    code = "refused"

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        hint: str = "",
        retry_after_s: float | None = None,
        student_id: int | None = None,
    ) -> None:
        super().__init__(message, code=code, hint=hint)
        self.retry_after_s = retry_after_s
        self.student_id = student_id


def student_erased(student_id: int | None) -> Refused:
    """The student that a token or a file speaks of is gone for good. A tablet forgets a child only
    where the number is that child's; None where an earlier release erased without noting it."""
    return Refused("this student has been erased", code="student_erased", student_id=student_id)


MOST_LINES = 10
"""Bad lines that an error lists."""


class RosterRefused(Refused, ValueError):
    """A roster with bad lines: nothing of it was imported; `errors` names each line."""

    code = "bad_roster"

    def __init__(self, errors: Sequence[RosterError]) -> None:
        lines = "; ".join(f"line {e.line}: {e.message}" for e in errors[:MOST_LINES])
        more = f"; and {len(errors) - MOST_LINES} more" if len(errors) > MOST_LINES else ""
        super().__init__(
            f"Nothing was imported: {lines}{more}", hint="Correct these lines and try again."
        )
        self.errors = tuple(errors)


class RosterUnsure(RosterRefused):
    """A roster that can be read, but may be meant otherwise: somebody is to look at `nicknames`,
    and nothing was imported."""

    code = "unsure_roster"

    def __init__(self, doubts: Sequence[str], nicknames: Sequence[str]) -> None:
        super().__init__([])
        self.message = f"Nothing was imported: {'; '.join(doubts)}"
        self.hint = "Put the heading `nickname` above the nicknames, or confirm."
        self.doubts = tuple(doubts)
        self.nicknames = tuple(nicknames)


@dataclass(frozen=True, kw_only=True, slots=True)
class RosterError:
    """One bad line of a roster; `line` counts from 1 as an editor does."""

    line: int
    message: str


class SettingsError(PermanentError):
    code = "settings"
