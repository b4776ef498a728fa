"""Processed sessions, and the achievements that they unlocked."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from operator import attrgetter
from typing import Any, cast, get_args, get_type_hints
from uuid import UUID

from neuroplay.core.entities.achievement import UnlockedAchievement
from neuroplay.core.entities.game_session import GameSession
from neuroplay.core.entities.opening_balance import GameBalance, OpeningBalance
from neuroplay.core.entities.stored_session import BoardPlace, ListedSession, Place, SessionResult
from neuroplay.core.entities.sync_item import InboxState
from neuroplay.core.entities.verification import (
    AT_ONCE,
    LONGEST_WAIT_S,
    UNKNOWN_RULES,
    UnverifiedSession,
    Verdict,
    Verification,
)
from neuroplay.core.errors import InvalidSession
from neuroplay.core.rules.neighbours import SeedKey
from neuroplay.core.rules.plausibility import round_seed, trace_hash
from neuroplay.core.rules.session_record import moved, read_time
from neuroplay.infra.db.arrays import bytes_array, plain_array, text_array, time_array
from neuroplay.infra.db.statements import Statement
from neuroplay.infra.db.transaction import Transaction

_WRITTEN: Mapping[type, tuple[str, Callable[[Iterable[Any]], str]]] = {
    UUID: ("uuid", plain_array),
    bool: ("bool", plain_array),
    bytes: ("bytea", bytes_array),
    datetime: ("timestamptz", time_array),
    float: ("float8", plain_array),
    int: ("bigint", plain_array),
    str: ("text", text_array),
}
"""The PostgreSQL type and the array function for a column of this Python type."""

_FIELDS: Mapping[str, type] = {
    name: (get_args(hint) or (hint,))[0]
    for name, hint in get_type_hints(GameSession).items()
    if name != "metadata"
}
"""The fields of a session; each has a column of the same name."""

_ADDED = {
    **_FIELDS,
    "difficulty": int,
    "next_difficulty": int,
    "xp_gained": int,
    "rating": str,
    "verdict": str,
    "trace_hash": bytes,
    "seed": int,
}

_ARRAYS = {name: f"%({name})s::{_WRITTEN[kind][0]}[]" for name, kind in _ADDED.items()}

_ADD = Statement(f"""
INSERT INTO game_sessions ({", ".join(_ADDED)}) SELECT * FROM unnest({", ".join(_ARRAYS.values())})
""")  # noqa: S608

_fields_of: Callable[[GameSession], tuple[Any, ...]] = attrgetter(*_FIELDS)

_LEVELS = ("difficulty", "next_difficulty")
"""Of the metadata. What an earlier release stored has no next one."""

_COLUMNS = ", ".join(f"s.{name}" for name in (*_FIELDS, *_LEVELS))

_NEAR = Statement(f"""
SELECT {_COLUMNS}
  FROM unnest(%(ids)s::int[], %(starts)s::timestamptz[], %(ends)s::timestamptz[])
    AS n(student_id, starts, ends)
  JOIN game_sessions s
    ON s.student_id = n.student_id AND s.ended_at >= n.starts AND s.started_at <= n.ends
""")  # noqa: S608

_EXISTING = Statement("""
SELECT session_id FROM game_sessions WHERE session_id = ANY(%(ids)s::uuid[])
UNION
SELECT session_id FROM settled_sessions WHERE session_id = ANY(%(ids)s::uuid[])
""")

_ENDS_BETWEEN = """
SELECT min(first_end) AS earliest, max(last_end) AS latest
  FROM (SELECT ended_at AS first_end, ended_at AS last_end FROM game_sessions
         WHERE student_id = %(student_id)s
           AND (ended_at AT TIME ZONE 'UTC' + make_interval(mins => utc_offset_minutes))::date
               BETWEEN %(first)s AND %(last)s
        UNION ALL
        SELECT first_end, last_end FROM opening_days
         WHERE student_id = %(student_id)s AND day BETWEEN %(first)s AND %(last)s) AS ends
"""

_SEED_OWNERS = Statement("""
SELECT DISTINCT ON (p.class_id, s.game_type, s.game_version, s.seed)
       p.class_id, s.game_type, s.game_version, s.seed, s.session_id
  FROM unnest(%(classes)s::int[], %(games)s::text[], %(versions)s::text[], %(seeds)s::bigint[])
    AS n(class_id, game_type, game_version, seed)
  JOIN game_sessions s
    ON s.seed = n.seed AND s.game_type = n.game_type AND s.game_version = n.game_version
  JOIN students p ON p.student_id = s.student_id AND p.class_id = n.class_id
 WHERE s.verdict <> 'mismatch'
 ORDER BY p.class_id, s.game_type, s.game_version, s.seed, s.stored_at
""")

_TRACE_OWNERS = Statement("""
SELECT DISTINCT ON (trace_hash) trace_hash, session_id FROM game_sessions
 WHERE trace_hash = ANY(%(hashes)s::bytea[]) AND verdict <> 'mismatch'
 ORDER BY trace_hash, stored_at
""")

_SECOND_ON_THEIR_COURSE = """
SELECT s.session_id
  FROM game_sessions s JOIN students p USING (student_id)
 WHERE s.session_id = ANY(%s::uuid[])
   AND EXISTS (
    SELECT FROM game_sessions o JOIN students q USING (student_id)
     WHERE o.seed = s.seed AND o.game_type = s.game_type AND o.game_version = s.game_version
       AND q.class_id = p.class_id AND o.verdict <> 'mismatch'
       AND (o.stored_at, o.session_id) < (s.stored_at, s.session_id))
"""

_PAGE = """
SELECT i.inbox_id, i.session_id, i.state, i.received_at, i.clock_shift_s,
       i.payload -> 'game_type' AS game_type, i.payload -> 'score' AS score,
       i.payload -> 'ended_at' AS raw_ended_at, s.verdict, s.xp_gained, s.ended_at
  FROM sync_inbox i
  LEFT JOIN game_sessions s ON s.session_id = i.session_id AND i.state = 'processed'
 WHERE i.student_id = %(student_id)s
   AND (%(at)s::timestamptz IS NULL OR (i.received_at, i.inbox_id) < (%(at)s, %(id)s))
 ORDER BY i.received_at DESC, i.inbox_id DESC
 LIMIT %(limit)s
"""

_PAGE_OF_SETTLED = """
SELECT s.session_id, s.verdict, s.game_type, s.score, s.xp_gained, s.ended_at
  FROM game_sessions s JOIN settled_sessions USING (session_id)
 WHERE s.student_id = %(student_id)s
   AND (%(at)s::timestamptz IS NULL OR (s.ended_at, s.session_id) < (%(at)s, %(id)s::uuid))
 ORDER BY s.ended_at DESC, s.session_id DESC
 LIMIT %(limit)s
"""

LEADERBOARD = Statement("""
SELECT p.student_id, p.nickname, p.avatar, best.score
  FROM students p CROSS JOIN LATERAL (
    SELECT s.score, s.ended_at
      FROM game_sessions s
     WHERE s.student_id = p.student_id AND s.ended_at >= %(since)s
       AND s.ended_at < %(until)s
       AND s.game_type = %(game_type)s
       AND s.verdict IN ('verified', 'approved')
     ORDER BY s.score DESC, s.ended_at
     LIMIT 1
  ) AS best
 WHERE p.class_id = %(class_id)s
 ORDER BY best.score DESC, best.ended_at, p.student_id
""")
# Per student, so that the cost depends on what the class has played, and not on the whole school.
# The index has the game behind the time: sessions of other games are not read from the table.

CLAIM_UNVERIFIED = """
SET LOCAL synchronous_commit = off;
WITH due AS (
    SELECT session_id FROM game_sessions
     WHERE verdict = 'plausible' AND trace_hash IS NOT NULL
       AND (verify_due_at <= %(now)s OR verify_due_at > %(latest)s)
     ORDER BY verify_due_at, stored_at DESC
     LIMIT %(limit)s
       FOR UPDATE SKIP LOCKED
), claimed AS (
    UPDATE game_sessions AS s SET verify_tries = verify_tries + 1, verify_due_at = %(until)s
      FROM due WHERE s.session_id = due.session_id
    RETURNING s.session_id, student_id, game_type, game_version, score, duration, accuracy,
              completed, difficulty, verify_tries
)
SELECT c.*, i.payload #> '{metadata,seed}' AS seed, i.payload #> '{metadata,trace}' AS trace
  FROM claimed c
  LEFT JOIN sync_inbox i
    ON i.session_id = c.session_id AND i.state NOT IN ('invalid', 'conflict')
"""

_FINISH_VERIFICATION = """
WITH mine AS (
    SELECT session_id FROM game_sessions
     WHERE session_id = ANY(%(ids)s::uuid[]) AND verdict || '' = 'plausible'
       FOR UPDATE SKIP LOCKED
)
UPDATE game_sessions AS s
   SET verdict = n.verdict, verify_tries = n.tries, verify_due_at = n.due_at,
       verify_reasons = CASE WHEN n.verdict = 'plausible' AND n.reasons = '{}'
                             THEN s.verify_reasons ELSE n.reasons::text[] END
  FROM mine
  JOIN unnest(%(ids)s::uuid[], %(verdicts)s::text[], %(reasons)s::text[], %(tries)s::smallint[],
              %(due)s::timestamptz[])
    AS n(session_id, verdict, reasons, tries, due_at) USING (session_id)
 WHERE s.session_id = mine.session_id
"""
# A session that is returned untried keeps its earlier reasons.
#
# SKIP LOCKED, since an erasure may hold some of these rows: waiting for one while holding another
# could deadlock.


_UNLOCK = Statement("""
INSERT INTO student_achievements AS a (student_id, achievement_id, unlocked_at, session_id)
SELECT * FROM unnest(%(students)s::int[], %(achievements)s::text[], %(times)s::timestamptz[],
                     %(sessions)s::text[])
ON CONFLICT (student_id, achievement_id) DO UPDATE
   SET unlocked_at = excluded.unlocked_at, session_id = excluded.session_id
 WHERE excluded.unlocked_at < a.unlocked_at
""")

TRY_KNOWN = """
WITH known AS (
    SELECT s.session_id
      FROM game_sessions s
      JOIN unnest(%(games)s::text[], %(versions)s::text[]) AS n(game_type, game_version)
        USING (game_type, game_version)
     WHERE s.verdict = 'plausible' AND s.trace_hash IS NOT NULL AND s.verify_due_at IS NULL
       AND s.verify_reasons = ARRAY[%(reason)s]
       FOR UPDATE OF s SKIP LOCKED
)
UPDATE game_sessions AS s SET verify_due_at = %(at)s, verify_tries = 0
  FROM known WHERE s.session_id = known.session_id
"""


class SqlGameSessionRepository:
    """`add` buffers sessions until `flush`, which writes them all with one statement."""

    def __init__(self, db: Transaction) -> None:
        self._db = db
        self._added: list[tuple[Any, ...]] = []

    def existing(self, session_ids: Sequence[UUID]) -> frozenset[UUID]:
        uuids = [one for one in session_ids if isinstance(one, UUID)]
        if not uuids:
            return frozenset()
        return frozenset(self._db.column(_EXISTING, {"ids": plain_array(uuids)}))

    def add(self, session: GameSession, *, xp_gained: int, rating: str, verdict: Verdict) -> None:
        self._added.append(
            (
                *_fields_of(session),
                session.difficulty,
                session.next_difficulty,
                xp_gained,
                rating,
                verdict,
                trace_hash(session),
                round_seed(session),
            )
        )

    def forget(self) -> None:
        self._added.clear()

    def flush(self) -> None:
        added, self._added = self._added, []
        if added:
            columns = zip(_ADDED.items(), zip(*added, strict=True), strict=True)
            self._db.run(
                _ADD, {name: _WRITTEN[kind][1](values) for (name, kind), values in columns}
            )

    def near(self, spans: Mapping[int, tuple[datetime, datetime]]) -> dict[int, list[GameSession]]:
        found: dict[int, list[GameSession]] = {}
        if not spans:
            return found
        rows = self._db.rows(
            _NEAR,
            {
                "ids": plain_array(spans),
                "starts": time_array(start for start, _ in spans.values()),
                "ends": time_array(end for _, end in spans.values()),
            },
        )
        for row in rows:
            found.setdefault(row.student_id, []).append(_session(row))
        return found

    def ends_between(
        self, student_id: int, first: date, last: date
    ) -> tuple[datetime, datetime] | None:
        self.flush()
        asked = {"student_id": student_id, "first": first, "last": last}
        row = self._db.one(_ENDS_BETWEEN, asked)
        return None if row.earliest is None else (row.earliest, row.latest)

    def result(self, session_id: UUID) -> SessionResult | None:
        row = self._db.row(
            "SELECT xp_gained, rating, verdict, verify_reasons, stored_at, "
            "  ARRAY(SELECT achievement_id FROM student_achievements a "
            "  WHERE a.student_id = s.student_id AND a.session_id = s.session_id::text ORDER BY 1)"
            "  AS achievements "
            "FROM game_sessions s WHERE session_id = %s::uuid",
            (str(session_id),),
        )
        if row is None:
            return None
        return SessionResult(
            xp_gained=row.xp_gained,
            rating=row.rating,
            verdict=Verdict(row.verdict),
            verify_reasons=tuple(row.verify_reasons),
            stored_at=row.stored_at,
            achievements=tuple(row.achievements),
        )

    def of_student(self, student_id: int) -> list[GameSession]:
        rows = self._db.rows(
            f"SELECT {_COLUMNS} FROM game_sessions s WHERE student_id = %s "  # noqa: S608
            "ORDER BY ended_at, session_id",
            (student_id,),
        )
        return [_session(row) for row in rows]

    def opening_balance(self, student_id: int) -> OpeningBalance:
        games = self._db.rows(
            "SELECT game_type, plays, xp, excellent_sessions, top_difficulty, played_s, "
            "best_score, difficulty, last_ended_at, earned FROM opening_balances "
            "WHERE student_id = %s",
            (student_id,),
        )
        days = self._db.rows(
            "SELECT day, first_end, last_end FROM opening_days WHERE student_id = %s",
            (student_id,),
        )
        return OpeningBalance(
            games={row.game_type: _balance(row) for row in games},
            days={row.day: (row.first_end, row.last_end) for row in days},
        )

    def trace_owners(self, trace_hashes: Sequence[bytes]) -> dict[bytes, UUID]:
        rows = self._db.rows(_TRACE_OWNERS, {"hashes": bytes_array(trace_hashes)})
        return {bytes(row.trace_hash): row.session_id for row in rows}

    def seed_owners(self, keys: Collection[SeedKey]) -> dict[SeedKey, UUID]:
        classes, games, versions, seeds = zip(*sorted(keys, key=str), strict=True)
        rows = self._db.rows(
            _SEED_OWNERS,
            {
                "classes": plain_array(classes),
                "games": text_array(games),
                "versions": text_array(versions),
                "seeds": plain_array(seeds),
            },
        )
        return {
            (row.class_id, row.game_type, row.game_version, row.seed): row.session_id
            for row in rows
        }

    def second_on_their_course(self, session_ids: Sequence[UUID]) -> frozenset[UUID]:
        rows = self._db.column(_SECOND_ON_THEIR_COURSE, (plain_array(session_ids),))
        return frozenset(rows)

    def claim_unverified(
        self, limit: int, *, now: datetime, lease_s: float
    ) -> list[UnverifiedSession]:
        rows = self._db.rows(
            CLAIM_UNVERIFIED,
            {
                "now": now,
                "latest": now + timedelta(seconds=LONGEST_WAIT_S),
                "until": now + timedelta(seconds=lease_s),
                "limit": limit,
            },
        )
        return [
            UnverifiedSession(
                session=GameSession(
                    session_id=row.session_id,
                    student_id=row.student_id,
                    game_type=row.game_type,
                    game_version=row.game_version,
                    score=row.score,
                    duration=row.duration,
                    accuracy=row.accuracy,
                    completed=row.completed,
                    metadata={"difficulty": row.difficulty, "seed": row.seed, "trace": row.trace},
                ),
                tries=row.verify_tries,
            )
            for row in rows
        ]

    def try_known(self, versions: Collection[tuple[str, str]]) -> None:
        games, names = zip(*sorted(versions), strict=True)
        self._db.run(
            TRY_KNOWN,
            {
                "games": text_array(games),
                "versions": text_array(names),
                "reason": UNKNOWN_RULES,
                "at": AT_ONCE,
            },
        )

    def finish_verification(self, outcomes: Sequence[Verification]) -> None:
        self._db.run(
            _FINISH_VERIFICATION,
            {
                "ids": plain_array(one.session_id for one in outcomes),
                "verdicts": plain_array(one.verdict for one in outcomes),
                # PostgreSQL's nested arrays must be rectangular; an array of texts need not be.
                "reasons": text_array(text_array(one.reasons) for one in outcomes),
                "tries": plain_array(one.tries for one in outcomes),
                "due": time_array(one.due_at for one in outcomes),
            },
        )

    def page(self, student_id: int, cursor: Place | None, limit: int) -> list[ListedSession]:
        at, number = cursor or (None, None)
        if isinstance(number, UUID):
            return self._settled(student_id, at, number, limit)
        rows = self._db.rows(
            _PAGE, {"student_id": student_id, "at": at, "id": number, "limit": limit}
        )
        listed = [
            ListedSession(
                session_id=row.session_id,
                state=InboxState(row.state),
                verdict=None if row.verdict is None else Verdict(row.verdict),
                game_type=row.game_type,
                score=row.score,
                xp_gained=row.xp_gained,
                ended_at=row.ended_at or _claimed_end(row),
                inbox_id=row.inbox_id,
                received_at=row.received_at,
            )
            for row in rows
        ]
        left = limit - len(listed)
        return listed + (self._settled(student_id, None, None, left) if left else [])

    def _settled(
        self, student_id: int, at: datetime | None, after: UUID | None, limit: int
    ) -> list[ListedSession]:
        """Sessions whose record was removed, from this place on."""
        name = None if after is None else str(after)
        rows = self._db.rows(
            _PAGE_OF_SETTLED, {"student_id": student_id, "at": at, "id": name, "limit": limit}
        )
        return [
            ListedSession(
                session_id=row.session_id,
                state=InboxState.PROCESSED,
                verdict=Verdict(row.verdict),
                game_type=row.game_type,
                score=row.score,
                xp_gained=row.xp_gained,
                ended_at=row.ended_at,
                inbox_id=None,
                received_at=None,
            )
            for row in rows
        ]

    def leaderboard(
        self, class_id: int, game_type: str, since: datetime, until: datetime
    ) -> list[BoardPlace]:
        asked = {"class_id": class_id, "game_type": game_type, "since": since, "until": until}
        return [BoardPlace(*row) for row in self._db.rows(LEADERBOARD, asked)]


class SqlAchievementRepository:
    """`unlock` buffers achievements until `flush`, which writes them all with one statement."""

    def __init__(self, db: Transaction) -> None:
        self._db = db
        self._unlocked: dict[tuple[int, str], UnlockedAchievement] = {}

    def unlock(self, achievement: UnlockedAchievement) -> None:
        key = achievement.student_id, achievement.achievement_id
        known = self._unlocked.get(key)
        if known is None or achievement.unlocked_at < known.unlocked_at:
            self._unlocked[key] = achievement

    def forget(self) -> None:
        self._unlocked.clear()

    def flush(self) -> None:
        rows = [self._unlocked[key] for key in sorted(self._unlocked)]
        self._unlocked.clear()
        if rows:
            self._db.run(
                _UNLOCK,
                {
                    "students": plain_array(row.student_id for row in rows),
                    "achievements": text_array(row.achievement_id for row in rows),
                    "times": time_array(row.unlocked_at for row in rows),
                    "sessions": text_array(str(row.session_id) for row in rows),
                },
            )


def _session(row: Sequence[Any]) -> GameSession:
    """Of a row of _COLUMNS."""
    values = dict(zip(_FIELDS, row, strict=False))
    return GameSession(metadata=dict(zip(_LEVELS, row[len(_FIELDS) :], strict=True)), **values)


def _balance(row: Any) -> GameBalance:
    columns = row._asdict()
    del columns["game_type"]
    return GameBalance(**{**columns, "earned": frozenset(row.earned)})


def _claimed_end(row: Any) -> datetime | None:
    """The end of play that an unprocessed record claims, on the server's clock."""
    try:
        end = read_time({"ended_at": row.raw_ended_at}, "ended_at", required=False)
    except InvalidSession:
        return None
    return moved(end, cast("float", row.clock_shift_s))
