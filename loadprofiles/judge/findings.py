"""The ledger, compared with what the server has stored.

A session is acknowledged once its receipt is `accepted` or `duplicate`. Afterwards each student's
stored sessions are read over HTTP. An acknowledged session that is missing, or in a state that
never counts, such as `failed` or `invalid`, is lost: all sessions of a load test are plausible. A
session that counts more than once is counted twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

ACHIEVEMENT_XP = 100
"""XP of an achievement, in addition to those of the sessions; see docs/load.md."""


DOUBTED = 0.01
"""Share of the acknowledged sessions that may be held or a mismatch. The games of a load test are
plausible, but if a roster is used again, a few may overlap with games of its previous run."""

NEVER_COUNTS = frozenset({"failed", "rejected", "invalid", "conflict"})
"""States in which a session does not count unless an adult intervenes."""

NO_SESSION = frozenset({"invalid", "conflict"})
"""States of items that are kept, but are not the session of their id."""


@dataclass
class Findings:
    """Counts of acknowledged sessions by what was found of them."""

    acknowledged: int = 0
    stored: int = 0
    lost: int = 0
    counted_twice: int = 0
    waiting: int = 0
    """Stored, but not processed when they were read."""

    doubted: int = 0
    """Stored, but held or a mismatch."""

    unread: int = 0
    """Students whose sessions could not be read."""

    examples: list[str] = field(default_factory=list)
    """Descriptions of the first few problems."""

    def wrong(self, text: str) -> None:
        if len(self.examples) < 10:
            self.examples.append(text)

    def add(self, other: Findings) -> None:
        """Add the findings of other students."""
        for one in fields(self):
            if one.name != "examples":
                setattr(self, one.name, getattr(self, one.name) + getattr(other, one.name))
        for text in other.examples:
            self.wrong(text)

    def faults(self) -> list[str]:
        """Reasons to fail, apart from the thresholds `lost` and `counted_twice`."""
        faults = []
        if not self.acknowledged:
            faults.append("no session was acknowledged")
        if self.unread:
            faults.append(f"the sessions of {self.unread} students could not be read afterwards")
        if self.doubted > DOUBTED * self.acknowledged:
            faults.append(
                f"{self.doubted} acknowledged sessions are held or a mismatch, of games that were "
                "played fairly"
            )
        return [*faults, *self.examples[:3]]


def examine(
    findings: Findings,
    student: int,
    acknowledged: Iterable[str],
    progress: Mapping[str, Any],
    sessions: Sequence[Mapping[str, Any]],
) -> None:
    """Compare one student's stored `sessions` (all of GET /me/sessions) and `progress` (GET /me)
    with the acknowledged ids, and add the result to `findings`.

    If the documents have another format, the student only counts as `unread`.
    """
    try:
        stored, counted = _Stored(sessions), _Counted(progress)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        findings.unread += 1
        findings.wrong(f"student {student}: the answer cannot be read: {error!r}")
        return
    wanted = set(acknowledged)
    findings.acknowledged += len(wanted)
    for one in sorted(wanted):
        states = stored.states.get(one, set())
        if states <= NEVER_COUNTS:
            findings.lost += 1
            is_now = " and ".join(sorted(states)) or "not stored"
            findings.wrong(f"student {student}: {one} was acknowledged and is {is_now}")
            continue
        findings.stored += 1
        findings.waiting += "pending" in states
        findings.doubted += "held" in states or one in stored.mismatched
    for one, times in stored.doubles.items():
        findings.wrong(f"student {student}: {one} is stored {times} times")
    _compare(findings, student, stored, counted)


class _Stored:
    """A student's list of sessions, by state, plays and XP."""

    def __init__(self, sessions: Sequence[Mapping[str, Any]]) -> None:
        self.states: dict[str, set[str]] = {}
        self.mismatched: set[str] = set()
        self.plays: Counter[str] = Counter()
        self.xp = 0
        listed: Counter[str] = Counter()
        for row in sessions:
            one, state = str(row["session_id"]), str(row["state"])
            if state == "processed" and state not in self.states.get(one, ()):
                self.plays[str(row["game_type"])] += 1
                self.xp += int(row["xp_gained"])
            self.states.setdefault(one, set()).add(state)
            if row.get("verdict") == "mismatch":
                self.mismatched.add(one)
            if state not in NO_SESSION:
                listed[one] += 1
        self.doubles = {one: times for one, times in listed.items() if times > 1}


class _Counted:
    """A student's progress, as counted by the server."""

    def __init__(self, progress: Mapping[str, Any]) -> None:
        self.sessions = int(progress["sessions"]["processed"])
        self.xp = int(progress["xp"])
        self.badges = len(progress["achievements"])
        self.plays = Counter(
            {str(game["game_type"]): int(game["plays"]) for game in progress["games"]}
        )


def _compare(findings: Findings, student: int, stored: _Stored, counted: _Counted) -> None:
    """Compare totals: a session that is listed once may still have been counted twice or never."""
    processed = stored.plays.total()
    xp = stored.xp + counted.badges * ACHIEVEMENT_XP
    twice = max(
        sum(times - 1 for times in stored.doubles.values()),
        (counted.plays - stored.plays).total(),
        counted.sessions - processed,
        int(counted.xp > xp),
    )
    never = max(
        (stored.plays - counted.plays).total(),
        processed - counted.sessions,
        int(counted.xp < xp),
    )
    findings.counted_twice += twice
    findings.lost += never
    for name, there, here in (
        ("sessions", processed, counted.sessions),
        ("plays", processed, counted.plays.total()),
        ("XP", xp, counted.xp),
    ):
        if there != here:
            findings.wrong(
                f"student {student}: the stored sessions make {there} {name}, {here} are counted"
            )
    if (twice or never) and not findings.examples:
        findings.wrong(f"student {student}: other games are stored than counted")
