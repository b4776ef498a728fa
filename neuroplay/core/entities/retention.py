"""How long what a child played is kept, and what of it was removed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

NEVER = 0
"""As a number of days or months: it is kept until the student is erased."""

LONGEST_DAYS = 3_650
FEWEST_MONTHS, MOST_MONTHS = 3, 240


@dataclass(frozen=True, kw_only=True, slots=True)
class RetentionPolicy:
    """How long traces and records are kept after an item was decided, in days, and sessions after
    they were played, in months. NEVER: until the student is erased."""

    trace_days: int = 30
    raw_days: int = 90
    keep_months: int = 24


@dataclass(frozen=True, kw_only=True, slots=True)
class Cutoff:
    """What was decided before `traces` loses its trace, what was decided before `raw` its record;
    sessions that ended before `sessions` are folded. None: nothing is."""

    traces: datetime | None = None
    raw: datetime | None = None
    sessions: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Cutoffs:
    """The cutoff of the installation, and those of classes that have their own, by class id."""

    usual: Cutoff
    of_class: Mapping[int, Cutoff] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class RetentionPass:
    """A pass over all students. `after_student` is the last one whose data was checked; `began_at`
    is None between two passes. What was due when the last whole pass began, at `whole_since`, is
    gone."""

    after_student: int
    began_at: datetime | None
    whole_since: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Removed:
    """Numbers of inbox items that lost their trace, of those that were reduced to their id, and of
    folded sessions."""

    traces: int = 0
    raw: int = 0
    sessions: int = 0

    def __add__(self, other: Removed) -> Removed:
        return Removed(
            traces=self.traces + other.traces,
            raw=self.raw + other.raw,
            sessions=self.sessions + other.sessions,
        )
