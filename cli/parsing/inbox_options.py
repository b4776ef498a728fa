"""The options that select inbox items, shared by several commands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer

from cli.output.errors import usage_error
from cli.parsing.references import StudentFilter, student_of
from cli.parsing.when import point_in_time
from neuroplay.core.entities.sync_item import InboxState
from neuroplay.core.entities.verification import Verdict

if TYPE_CHECKING:
    from neuroplay.bootstrap import Container
    from neuroplay.core.entities.inbox_filter import InboxFilter

STATES = tuple(state.value for state in InboxState)
VERDICTS = tuple(map(str, Verdict))


Parse = Callable[[str, str], Any]
"""Parses the text of an option, whose name is for the error."""


def _option(name: str, metavar: str, help: str, parse: Parse | None = None) -> Any:
    def parser(text: str) -> Any:
        return text if parse is None else parse(name, text)

    return typer.Option(name, metavar=metavar, help=help, parser=parser)


def _one_of(known: tuple[str, ...]) -> Parse:
    def parse(option: str, text: str) -> str:
        if text not in known:
            raise usage_error(
                f"{option}: unknown {option.strip('-')} {text!r}",
                hint=f"Choose one of: {', '.join(known)}",
            )
        return text

    return parse


def _time(option: str, text: str) -> datetime | None:
    return point_in_time(text, option=option)


def _device(option: str, text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise usage_error(
            f"{option}: {text!r} is not a UUID",
            hint="See the DEVICE column of: neuroplay sync list --json",
        ) from None


_STATES, _VERDICTS = ", ".join(STATES), ", ".join(VERDICTS)
_STATE = _option(
    "--state", "STATE", f"Only this state ({_STATES}); may be repeated.", _one_of(STATES)
)
_CLASS = _option("--class", "CLASS", "Only this class (name, code or id).")
_SINCE = _option("--since", "TIME", "Received at or after this time: 2h, 3d, 2026-11-20.", _time)
_UNTIL = _option("--until", "TIME", "Received before this time.", _time)
_PLAYED_SINCE = _option("--played-since", "TIME", "Played at or after this time.", _time)
_ERROR = _option("--error", "CODE", "Only with this error code.")
_DEVICE = _option("--device", "UUID", "Only from this device.", _device)
_VERDICT = _option(
    "--verdict",
    "VERDICT",
    f"Only counted games with this verdict ({_VERDICTS}).",
    _one_of(VERDICTS),
)


@dataclass(frozen=True, kw_only=True)
class Which:
    """The values of these options."""

    state: Annotated[list[str] | None, _STATE] = None
    student: StudentFilter = None
    school_class: Annotated[str | None, _CLASS] = None
    since: Annotated[datetime | None, _SINCE] = None
    until: Annotated[datetime | None, _UNTIL] = None
    played_since: Annotated[datetime | None, _PLAYED_SINCE] = None
    error: Annotated[str | None, _ERROR] = None
    device: Annotated[UUID | None, _DEVICE] = None
    verdict: Annotated[str | None, _VERDICT] = None

    @property
    def is_everything(self) -> bool:
        return self == Which()

    def resolve(self, container: Container, *, acting: bool = False) -> InboxFilter:
        """The filter. With `acting`, only unambiguous references to a student or a class are
        accepted. Raises NotFound, Refused."""
        from neuroplay.core.entities.inbox_filter import InboxFilter

        student, school_class = self.student, None
        if self.school_class is not None:
            school_class = container.find_class.one(self.school_class, acting=acting)
        return InboxFilter(
            states=tuple(InboxState(name) for name in self.state or ()),
            student_id=None if student is None else student_of(container, student, acting=acting),
            class_id=None if school_class is None else school_class.class_id,
            since=self.since,
            until=self.until,
            played_since=self.played_since,
            error=self.error,
            device_id=self.device,
            verdict=None if self.verdict is None else Verdict(self.verdict),
        )
