"""The ledger: every session that the server acknowledged, held against what it has stored.

A session is acknowledged once a receipt said `accepted` or `duplicate`. Afterwards each student is
asked over HTTP for everything that is stored: what is missing there is lost, what counts more than
once is counted twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

ID_BYTES = 16

ACHIEVEMENT_XP = 100
"""What an achievement adds to the XP of the sessions themselves, see docs/load.md."""


class Ledger:
    """Acknowledged sessions by student, 16 bytes each; an id stands here once.

    Students go by their number in the roster.
    """

    def __init__(self) -> None:
        self._by_student: dict[int, bytearray] = {}

    def __len__(self) -> int:
        return sum(map(len, self._by_student.values())) // ID_BYTES

    def add(self, student: int, ids: Iterable[str]) -> None:
        """Note sessions that were not acknowledged before."""
        noted = self._by_student.setdefault(student, bytearray())
        for one in ids:
            noted += UUID(one).bytes

    def take(self) -> dict[str, bytes]:
        """Everything noted so far, to be merged elsewhere; nothing of it stays here."""
        taken = {str(student): bytes(ids) for student, ids in self._by_student.items()}
        self._by_student.clear()
        return taken

    def merge(self, taken: Mapping[str, bytes]) -> None:
        for student, ids in taken.items():
            self._by_student.setdefault(int(student), bytearray()).extend(ids)

    def students(self) -> list[int]:
        return sorted(self._by_student)

    def of(self, student: int) -> Iterator[str]:
        """The ids that were acknowledged to a student."""
        noted = bytes(self._by_student.get(student, b""))
        for start in range(0, len(noted), ID_BYTES):
            yield str(UUID(bytes=noted[start : start + ID_BYTES]))


@dataclass
class Findings:
    """What the stored sessions say of the acknowledged ones."""

    acknowledged: int = 0
    stored: int = 0
    lost: int = 0
    counted_twice: int = 0
    waiting: int = 0
    """Acknowledged and stored, but not yet processed when it was looked at."""

    unread: int = 0
    """Students whose sessions could not be read."""

    examples: list[str] = field(default_factory=list)
    """Of what is wrong: a few lines for people."""

    def wrong(self, text: str) -> None:
        if len(self.examples) < 10:
            self.examples.append(text)


def examine(
    findings: Findings,
    student: int,
    acknowledged: Iterable[str],
    progress: Mapping[str, Any],
    sessions: Sequence[Mapping[str, Any]],
) -> None:
    """Hold one student's stored `sessions` (all of GET /me/sessions) and `progress` (GET /me)
    against what was acknowledged."""
    wanted = set(acknowledged)
    listed = Counter(str(one["session_id"]) for one in sessions if one["session_id"])
    states = {str(one["session_id"]): one["state"] for one in sessions}
    findings.acknowledged += len(wanted)
    missing = [one for one in wanted if one not in listed]
    findings.lost += len(missing)
    findings.stored += len(wanted) - len(missing)
    for one in missing:
        findings.wrong(f"student {student}: {one} was acknowledged and is not stored")
    for one, times in listed.items():
        if times > 1:
            findings.counted_twice += times - 1
            findings.wrong(f"student {student}: {one} is stored {times} times")
    findings.waiting += sum(states[one] == "pending" for one in wanted if one in states)
    # What is listed once may still have been counted twice: then the sums do not agree.
    done = [one for one in sessions if one["state"] == "processed"]
    badges = len(progress["achievements"])
    sums = {
        "sessions": (len(done), progress["sessions"]["processed"]),
        "plays": (len(done), sum(game["plays"] for game in progress["games"])),
        "XP": (
            sum(one["xp_gained"] or 0 for one in done) + badges * ACHIEVEMENT_XP,
            progress["xp"],
        ),
    }
    apart = {name: pair for name, pair in sums.items() if pair[0] != pair[1]}
    if not apart:
        return
    more = any(counted > stored for stored, counted in apart.values())
    short = any(counted < stored for stored, counted in apart.values())
    stored, counted = sums["sessions"]
    findings.counted_twice += max(counted - stored, 1) if more else 0
    findings.lost += max(stored - counted, 1) if short else 0
    for name, (stored, counted) in apart.items():
        findings.wrong(
            f"student {student}: the stored sessions make {stored} {name}, {counted} are counted"
        )
