"""From how many days and months something is kept to the moment before which it goes."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import fields, replace
from datetime import datetime, timedelta

from neuroplay.core.entities.retention import NEVER, Cutoff, RetentionPolicy
from neuroplay.core.entities.student import SchoolClass

NAMES = tuple(one.name for one in fields(RetentionPolicy))
"""A class has fields of the same names."""

UNDO_DAYS = 30
"""For how long an import of a roster can be undone."""


def cutoff_of(policy: RetentionPolicy, now: datetime) -> Cutoff:
    """The cutoff of a policy at `now`."""
    return Cutoff(
        traces=_days_before(now, policy.trace_days),
        raw=_days_before(now, policy.raw_days),
        sessions=None if policy.keep_months == NEVER else months_before(now, policy.keep_months),
    )


def policy_of(school_class: SchoolClass, usual: RetentionPolicy) -> RetentionPolicy:
    """The policy for a class; what it does not say is as usual."""
    own = {name: getattr(school_class, name) for name in NAMES}
    return replace(usual, **{name: value for name, value in own.items() if value is not None})


def months_before(moment: datetime, months: int) -> datetime:
    """The same time of the same day, that many calendar months earlier; the last day of a month
    that is too short for it."""
    year, month = divmod(moment.year * 12 + moment.month - 1 - months, 12)
    day = min(moment.day, monthrange(year, month + 1)[1])
    return moment.replace(year=year, month=month + 1, day=day)


def _days_before(moment: datetime, days: int) -> datetime | None:
    return None if days == NEVER else moment - timedelta(days=days)
