"""Fake of the repository that removes what is not kept any longer."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from neuroplay.core.entities.opening_balance import CountedSession, OpeningBalance
from neuroplay.core.entities.retention import Cutoff, Cutoffs, Removed, RetentionPass
from neuroplay.core.entities.sync_item import SHORT_HASH, InboxItem, InboxState
from neuroplay.core.use_cases.opening_balance import together
from tests.fakes.sessions import bare, is_to_verify
from tests.fakes.tables import SettledSession, Tables


class FakeRetention:
    """Takes the time of a dismissal from the item's attempts."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def take_pass(self) -> RetentionPass | None:
        return self._tables.passes[0]

    def save_pass(self, place: RetentionPass) -> None:
        self._tables.passes[:] = [place]

    def remove_imports(self, before: datetime) -> None:
        for import_id in [i for i, (one, _) in self._tables.imports.items() if one.at < before]:
            del self._tables.imports[import_id]

    def owing(self, student_ids: Sequence[int], cutoffs: Cutoffs) -> list[int]:
        return [i for i in sorted(student_ids) if self.count([i], cutoffs) != Removed()]

    def count(self, student_ids: Sequence[int], cutoffs: Cutoffs) -> Removed:
        return Removed(
            traces=len(self._due(student_ids, cutoffs, self._loses_trace)),
            raw=len(self._due(student_ids, cutoffs, self._is_settled)),
            sessions=len(self.foldable(student_ids, cutoffs, limit=sys.maxsize)),
        )

    def hold(self, student_ids: Sequence[int]) -> None:
        """Nothing to do: units of work of the fake store do not meet."""

    def remove_traces(self, student_ids: Sequence[int], cutoffs: Cutoffs, *, limit: int) -> int:
        due = self._due(student_ids, cutoffs, self._loses_trace)[:limit]
        for item in due:
            payload: dict[str, Any] = dict(item.payload)
            payload["metadata"] = {k: v for k, v in payload["metadata"].items() if k != "trace"}
            self._tables.inbox[item.inbox_id] = replace(item, payload=payload)
        return len(due)

    def settle(self, student_ids: Sequence[int], cutoffs: Cutoffs, *, limit: int) -> int:
        due = self._due(student_ids, cutoffs, self._is_settled)[:limit]
        for item in due:
            del self._tables.inbox[item.inbox_id]
            self._tables.attempts.pop(item.inbox_id, None)
            holds = item.kind not in (InboxState.INVALID, InboxState.CONFLICT)
            if holds and item.session_id is not None:
                self._tables.settled[item.session_id] = SettledSession(
                    student_id=item.student_id,
                    counted=item.kind is InboxState.PROCESSED,
                    payload_hash=item.payload_hash[:SHORT_HASH],
                )
        return len(due)

    def foldable(
        self, student_ids: Sequence[int], cutoffs: Cutoffs, *, limit: int
    ) -> list[CountedSession]:
        found = []
        for session_id, row in self._tables.sessions.items():
            session = row.session
            before = self._cutoff(session.student_id, cutoffs).sessions
            if (
                session.student_id in student_ids
                and session_id in self._tables.settled
                and before is not None
                and session.ended_at is not None
                and session.ended_at < before
                and not is_to_verify(row)
            ):
                found.append(
                    CountedSession(
                        session=replace(bare(session), started_at=None),
                        xp_gained=row.xp_gained,
                        rating=row.rating,
                    )
                )
        return sorted(found, key=lambda one: one.session.student_id)[:limit]

    def fold(self, balances: Mapping[int, OpeningBalance], session_ids: Sequence[UUID]) -> None:
        for student_id, more in balances.items():
            known = self._tables.balances.get(student_id, OpeningBalance())
            games, days = dict(known.games), dict(known.days)
            for game_type, one in more.games.items():
                games[game_type] = together(games[game_type], one) if game_type in games else one
            for day, ends in more.days.items():
                both = (*days.get(day, ()), *ends)
                days[day] = min(both), max(both)
            self._tables.balances[student_id] = OpeningBalance(games=games, days=days)
        for session_id in session_ids:
            del self._tables.sessions[session_id]

    def _due(
        self,
        student_ids: Sequence[int],
        cutoffs: Cutoffs,
        is_due: Callable[[InboxItem, Cutoff], bool],
    ) -> list[InboxItem]:
        return [
            item
            for _, item in sorted(self._tables.inbox.items())
            if item.student_id in student_ids
            and is_due(item, self._cutoff(item.student_id, cutoffs))
        ]

    def _cutoff(self, student_id: int, cutoffs: Cutoffs) -> Cutoff:
        class_id = self._tables.students[student_id].class_id
        return cutoffs.of_class.get(class_id, cutoffs.usual)

    def _loses_trace(self, item: InboxItem, cutoff: Cutoff) -> bool:
        metadata: Any = item.payload.get("metadata")
        stored = self._tables.sessions.get(item.session_id or "")
        return (
            item.state is InboxState.PROCESSED
            and self._was_decided(item, cutoff.traces)
            and isinstance(metadata, dict)
            and "trace" in metadata
            and stored is not None
            and stored.verdict != "mismatch"
            and not is_to_verify(stored)
        )

    def _is_settled(self, item: InboxItem, cutoff: Cutoff) -> bool:
        if not self._was_decided(item, cutoff.raw):
            return False
        if item.state is InboxState.PROCESSED:
            stored = self._tables.sessions.get(item.session_id or "")
            return stored is not None and not is_to_verify(stored)
        return item.state in (InboxState.REJECTED, InboxState.DISMISSED)

    def _was_decided(self, item: InboxItem, before: datetime | None) -> bool:
        decided = item.processed_at
        if item.state is InboxState.DISMISSED:
            decided = self._tables.attempts[item.inbox_id][-1].at
        return (
            before is not None
            and item.received_at < before
            and decided is not None
            and decided < before
        )
