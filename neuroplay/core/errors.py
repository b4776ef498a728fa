"""NeuroPlay's own errors.

    NeuroPlayError
    ├── TransientError            trying again later may help
    │   ├── StoreUnavailable      PostgreSQL or Redis cannot be reached, or did not answer in time
    │   └── CannotPlayAgain       a round could not be replayed from its trace (code says why)
    └── PermanentError            trying again will not help
        ├── InvalidSession        a session record that cannot be true (field, message);
        │                         a ValueError too
        ├── NotFound              no such student, class or inbox item
        │   └── OutOfReach        none among the adult's classes
        ├── Refused               the request is understood and denied (sign-in, wrong state)
        │   ├── NotARoster        a file that is no roster at all
        │   └── RosterRefused     a roster with bad lines (errors); a ValueError too
        └── SettingsError         a setting is missing or contradicts another

`code` is stable: clients, tests and dashboards may rely on it.
"""

# ruff: noqa: N818 - the names are nouns of the domain, and stable

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class NeuroPlayError(Exception):
    """Base of all errors. `code` is stable and in snake_case; `hint` says what to do."""

    code = "internal"

    def __init__(self, message: str, *, code: str | None = None, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        if code is not None:
            self.code = code


def code_of(error: Exception) -> str:
    """The error's code; `internal` if it is not a NeuroPlayError."""
    return error.code if isinstance(error, NeuroPlayError) else NeuroPlayError.code


def in_a_line(error: Exception, longest: int) -> str:
    """The class and first line of an error, cut to `longest` characters.

    Later lines are dropped: they may quote a whole SQL statement.
    """
    text = str(error).partition("\n")[0]
    return f"{type(error).__name__}: {text}"[:longest]


class TransientError(NeuroPlayError):
    code = "try_again"


class StoreUnavailable(TransientError):
    """`summary` is the message without `reason`, the server's own words for operators."""

    code = "store_unavailable"

    def __init__(self, summary: str, *, reason: str = "", hint: str = "") -> None:
        super().__init__(f"{summary}: {reason}" if reason else summary, hint=hint)
        self.summary = summary


class CannotPlayAgain(TransientError):
    """A round could not be replayed from its trace. This is no evidence against its session.

    `code` is one of:

        no_rules        this installation has no rules.js
        unknown_rules   rules.js does not have this version of the game
        overrun         the time limit was exceeded
        out_of_memory   the memory limit was exceeded
        rules_failed    the rules raised an error, or gave no result
        verifier_died   the verifier's process ended, or could not be started
    """

    code = "rules_failed"


class PermanentError(NeuroPlayError):
    code = "permanent"


class InvalidSession(PermanentError, ValueError):
    """A session record that cannot be true. `field` is the invalid wire field."""

    code = "invalid_session"

    def __init__(self, code: str, field: str, message: str) -> None:
        super().__init__(message, code=code)
        self.field = field


class NotFound(PermanentError):
    code = "not_found"


class OutOfReach(NotFound):
    """What is another's and what does not exist are told alike."""


class Refused(PermanentError):
    """A request that is understood and denied.

    `retry_after_s` is set if the request may succeed after that time. `student_id` is set if the
    refusal concerns one student only. `because` is the code of the reason behind it, for clients
    that know it; others go by `code`.
    """

    code = "refused"

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        hint: str = "",
        retry_after_s: float | None = None,
        student_id: int | None = None,
        because: str | None = None,
    ) -> None:
        super().__init__(message, code=code, hint=hint)
        self.retry_after_s = retry_after_s
        self.student_id = student_id
        self.because = because


def student_erased(student_id: int | None) -> Refused:
    """The error for a token or file of an erased student.

    A tablet deletes its data of a child only if `student_id` is that child's. None if the student
    was erased by an earlier release, which did not record the id.
    """
    return Refused("this student has been erased", code="student_erased", student_id=student_id)


MOST_LINES = 10
"""Bad lines that an error lists; the others are counted."""


class NotARoster(Refused):
    """A file that cannot be a roster, such as a picture."""

    code = "not_a_roster"


class RosterRefused(Refused, ValueError):
    """A roster with bad lines, listed in `errors`. Nothing was imported."""

    code = "bad_roster"

    def __init__(self, errors: Sequence[RosterError]) -> None:
        lines = "; ".join(map(str, errors[:MOST_LINES]))
        more = f"; and {len(errors) - MOST_LINES} more" if len(errors) > MOST_LINES else ""
        super().__init__(
            f"Nothing was imported: {lines}{more}", hint="Correct these lines and try again."
        )
        self.errors = tuple(errors)


class RosterFault(StrEnum):
    """What can be wrong with a line of a roster, or why it is skipped. The codes are stable: the
    page for adults has words for each in its languages."""

    NICKNAME_EMPTY = "nickname_empty"
    NICKNAME_LONG = "nickname_long"
    NICKNAME_UNSEEN = "nickname_unseen"
    NICKNAME_MAIL = "nickname_mail"
    NICKNAME_TAKEN = "nickname_taken"
    NAME_TWICE = "name_twice"
    NUMBER_TWICE = "number_twice"
    MORE_CELLS = "more_cells"
    AVATAR_UNKNOWN = "avatar_unknown"
    CLASS_EMPTY = "class_empty"
    CLASS_NAME = "class_name"
    CLASS_LARGE = "class_large"
    CLASS_MISSING = "class_missing"
    NOBODY = "nobody"
    NO_COLUMN = "no_column"
    NO_HEADING = "no_heading"
    NO_CSV = "no_csv"
    MANY_LINES = "many_lines"
    LETTERS = "letters"
    HEADING_AGAIN = "heading_again"
    OTHER_CLASS = "other_class"


@dataclass(frozen=True, kw_only=True, slots=True)
class RosterError:
    """One bad line of a roster. `line` counts from 1. `column` is '' if it concerns the line.
    `about` is what the message names: a line, a class or a word."""

    line: int
    fault: RosterFault
    message: str
    column: str = ""
    about: str = ""

    def __str__(self) -> str:
        where = f"line {self.line}, column {self.column}" if self.column else f"line {self.line}"
        return f"{where}: {self.message}"


class SettingsError(PermanentError):
    code = "settings"
