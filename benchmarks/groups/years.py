"""A school over years, with retention on: sizes, answers, a backup and what retention costs.

Each simulated month, all that its children played is written to the tables at once, as sync, drain
and verification leave it; only one child plays for real (see years_child). Then retention removes
what the settings of a new installation say. Units of work have the simulated time. At the end
`recompute` must find no difference.

Answers and retention are measured by processor time, of Python and PostgreSQL together, which
hardly depends on what else the machine does.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import islice
from pathlib import Path
from uuid import uuid4

from sqlalchemy import Engine

from benchmarks.harness import machine
from benchmarks.harness.figures import Figure, seconds
from benchmarks.harness.options import Options
from benchmarks.harness.place import ROOT
from benchmarks.harness.processor import spent_s
from benchmarks.harness.servers import folder, postgres
from benchmarks.harness.years_child import RealChild, plain_record
from benchmarks.harness.years_picture import MONTHS_A_YEAR, Month, picture
from neuroplay.core.entities.principal import StudentPrincipal
from neuroplay.core.entities.retention import NEVER, RetentionPolicy
from neuroplay.core.use_cases.accept_sync import AcceptSync
from neuroplay.core.use_cases.drain_inbox import DrainInbox
from neuroplay.core.use_cases.inspect_sync import ListSync
from neuroplay.core.use_cases.read_progress import ReadLeaderboard, ReadProgress
from neuroplay.core.use_cases.recompute import Recompute
from neuroplay.core.use_cases.retain import Retain
from neuroplay.infra.db import migrations
from neuroplay.infra.db.backup import back_up
from neuroplay.infra.db.engine import make_engine
from neuroplay.infra.db.unit_of_work import SqlUnitOfWork
from neuroplay.infra.payloads import hash_payload

PICTURE = ROOT / "docs" / "images" / "years.svg"
CHILDREN, YEARS = 500, 5
CLASS_OF = 25
GAMES_A_DAY = 10
MONTH = timedelta(weeks=4)
BEGAN = datetime(2021, 1, 1, tzinfo=UTC)
BULK_TIMEOUT_S = 900.0
TRACES = 997
"""Different traces of those who do not play for real: to make each would take longest of all."""

MOST_CHECKED = 100
"""Children whose progress is counted again at the end, evenly spread."""

CALLS = 100
"""Calls of each kind at the end of a year."""

MEASURED = ("sync_inbox", "game_sessions", "settled_sessions", "opening_balances", "opening_days")

_TRACES = f"""
CREATE TEMPORARY TABLE traces ON COMMIT DROP AS
SELECT n, jsonb_agg((k * k * n * 17) %% 907 + 16) AS trace
  FROM generate_series(0, {TRACES - 1}) AS n, generate_series(1, 105) AS k GROUP BY n
"""  # noqa: S608 - constants
# As long as an average one takes in the inbox. PostgreSQL compresses longer ones.

_PLAYED = """
CREATE TEMPORARY TABLE played ON COMMIT DROP AS
SELECT gen_random_uuid() AS session_id, s.student_id, d.day, k,
       d.day + interval '14 hours' + k * interval '7 minutes' AS ended_at,
       (ARRAY['cyber_runner', 'echo_sequence', 'memory_pairs', 'n_back_trail', 'number_rush',
              'signal_stop'])[1 + (k + s.student_id) %% 6] AS game_type,
       250 + (k * 37 + s.student_id) %% 200 AS score
  FROM students s,
       generate_series(%(since)s::timestamptz, %(until)s::timestamptz - interval '1 day',
                       interval '1 day') AS d(day),
       generate_series(1, %(games)s) AS k
 WHERE s.student_id <> %(player)s
"""

_SESSIONS = """
INSERT INTO game_sessions (session_id, student_id, game_type, game_version, score, duration,
    accuracy, completed, difficulty, next_difficulty, started_at, ended_at, utc_offset_minutes,
    xp_gained, rating, verdict, trace_hash, seed, stored_at, verify_due_at, verify_tries)
SELECT session_id, student_id, game_type, '1', score, 150, 0.8, true, 2, 2,
       ended_at - interval '150 seconds', ended_at, 0, score + 100, 'good', 'verified',
       sha256(uuid_send(session_id)), ('x' || left(session_id::text, 8))::bit(32)::bigint,
       ended_at + interval '1 minute', NULL, 1
  FROM played ORDER BY ended_at
"""

_INBOX = f"""
INSERT INTO sync_inbox (session_id, student_id, device_id, state, payload, payload_hash,
    clock_shift_s, received_at, attempts, due_at, processed_at, release, request_id)
SELECT session_id, student_id, %(device)s::uuid, 'processed',
       jsonb_build_object('session_id', session_id, 'game_type', game_type, 'game_version', '1',
           'started_at', ended_at - interval '150 seconds', 'ended_at', ended_at,
           'utc_offset_minutes', 0, 'score', score, 'duration', 150, 'accuracy', 0.8,
           'completed', true, 'metadata', jsonb_build_object('difficulty', 2, 'next_difficulty', 2,
               'seed', k, 'reaction_times_ms', jsonb_build_array(412, 388, 455, 520),
               'trace', trace)),
       sha256(uuid_send(session_id)), 0.2, ended_at + interval '30 seconds', 1,
       '-infinity', ended_at + interval '1 minute', 'benchmark', 'r-' || k
  FROM played JOIN traces ON n = (student_id * 31 + k * 17 + extract(day FROM day)::int) %% {TRACES}
 ORDER BY ended_at
"""  # noqa: S608 - constants

_STUDENTS = """
UPDATE students AS s
   SET sessions = s.sessions + n.plays, xp = s.xp + n.xp, played_s = s.played_s + 150 * n.plays,
       play_days = ARRAY(SELECT DISTINCT unnest(s.play_days || n.days) ORDER BY 1)
  FROM (SELECT student_id, count(*) AS plays, sum(score + 100) AS xp,
               array_agg(DISTINCT (ended_at AT TIME ZONE 'UTC')::date) AS days
          FROM played GROUP BY student_id) AS n
 WHERE s.student_id = n.student_id
"""

_STUDENT_GAMES = """
INSERT INTO student_games AS g (student_id, game_type, plays, best_score, difficulty, last_ended_at)
SELECT student_id, game_type, count(*), max(score), 2, max(ended_at) FROM played GROUP BY 1, 2
ON CONFLICT (student_id, game_type) DO UPDATE
   SET plays = g.plays + excluded.plays, best_score = greatest(g.best_score, excluded.best_score),
       last_ended_at = excluded.last_ended_at
"""

STATEMENTS = (_TRACES, _PLAYED, _SESSIONS, _INBOX, _STUDENTS, _STUDENT_GAMES)


def measure(options: Options) -> list[Figure]:
    sys.setswitchinterval(0.02)  # as the API
    children = next(iter(options.children), CHILDREN)
    years = options.years or YEARS
    with folder() as place, postgres() as (_, url):
        engine = make_engine(url, pool_size=2, by_index=True)
        bulk = make_engine(url, answer_timeout_s=BULK_TIMEOUT_S)
        migrations.upgrade(engine)
        school = School(engine, bulk, children, place)
        for month in range(years * MONTHS_A_YEAR):
            school.month()
            if (month + 1) % MONTHS_A_YEAR == 0:
                school.measure((month + 1) // MONTHS_A_YEAR)
            _note(f"month {month + 1} of {years * MONTHS_A_YEAR}: {school.months[-1]}")
        checked, differences = school.differences()
        school.close()
        engine.dispose()
        bulk.dispose()
    about = (
        f"{datetime.now(UTC):%Y-%m-%d}, commit {machine.described()['commit']}: "
        f"python -m benchmarks years --children {children} --years {years}"
    )
    PICTURE.write_text(picture(school.months, school.answers, children, about))
    return [
        Figure(
            name=f"differences that recompute finds, of {checked} children",
            unit="",
            values=(float(differences),),
            aim=0,
        ),
        Figure(
            name="folding, in a second of processor time",
            unit="sessions/s",
            values=tuple(school.folding),
            aim=20_000,
            more_is_better=True,
        ),
        *school.figures,
    ]


@dataclass
class School:
    """Classes of CLASS_OF children whose time goes on month by month."""

    engine: Engine
    bulk: Engine
    """The same database, for what no process of NeuroPlay does."""
    children: int
    place: Path
    now: datetime = BEGAN
    figures: list[Figure] = field(default_factory=list)
    months: list[Month] = field(default_factory=list)
    folding: list[float] = field(default_factory=list)
    answers: dict[str, list[float]] = field(default_factory=dict)
    retained_s: float = 0.0
    """Processor time that retention took this year."""
    drained_s: float = 0.0
    """Processor time of the drains of what the real child played this year."""

    def __post_init__(self) -> None:
        self.device = uuid4()
        principals = []
        with self.uow() as uow:
            for number in range(-(-self.children // CLASS_OF)):
                class_id = uow.classes.add(f"Class {number}", f"Y{number:04}").class_id
                for child in range(min(CLASS_OF, self.children - number * CLASS_OF)):
                    one = uow.students.add(
                        class_id, f"Child {child}", "fox", first_sign_in_at=BEGAN
                    )
                    principals.append(
                        StudentPrincipal(
                            token_id=uuid4(),
                            student_id=one.student_id,
                            class_id=class_id,
                            device_id=self.device,
                        )
                    )
            uow.commit()
        self.child, player = principals[:2]
        self.player = player.student_id
        self.real = RealChild(principal=player, uow=self.uow, clock=lambda: self.now)

    def uow(self, *, in_steps: bool = False) -> SqlUnitOfWork:
        return _At(self, in_steps)

    def month(self) -> None:
        """Everybody plays for a month; then what is not kept goes."""
        values = {
            "since": self.now,
            "until": self.now + MONTH,
            "games": GAMES_A_DAY,
            "device": str(self.device),
            "player": self.player,
        }
        with self.bulk.begin() as connection:
            for statement in STATEMENTS:
                connection.exec_driver_sql(statement, values)
        ends = self.now + MONTH
        while self.now < ends:
            self.now += timedelta(days=1)
            self.real.day(GAMES_A_DAY, self.drained)
        if len(self.months) < 2:  # by then everybody has all the badges that there are to have
            self.recompute(correct=True)
        folded: list[int] = []
        unfolded = RetentionPolicy(keep_months=NEVER)
        self.retained_s += spent_s(lambda: self.retain(unfolded), self.bulk)
        took = spent_s(lambda: folded.append(self.retain(RetentionPolicy())), self.bulk)
        self.retained_s += took
        if folded[0]:
            self.folding.append(folded[0] / took)
        self.vacuum()
        self.months.append(Month(megabytes=self.sizes()))

    def drained(self, action: Callable[[], object]) -> None:
        self.drained_s += spent_s(action, self.bulk)

    def retain(self, policy: RetentionPolicy) -> int:
        """The number of sessions that were folded."""
        steps = Retain(uow=self.uow, retention=policy).everything()
        return sum(one.removed.sessions for one in steps)

    def vacuum(self) -> None:
        """As PostgreSQL's own autovacuum does within the month."""
        with self._outside_transaction() as run:
            run("VACUUM ANALYZE")

    def sizes(self) -> dict[str, float]:
        """Megabytes of each table with its indexes."""
        with self.engine.connect() as connection:
            rows = connection.exec_driver_sql(
                "SELECT relname, pg_total_relation_size(oid) FROM pg_class "
                "WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
            ).all()
        found = {name: size / 1e6 for name, size in rows}
        return {name: found[name] for name in MEASURED}

    def measure(self, year: int) -> None:
        """Add the figures of a year that has just ended."""
        accept = AcceptSync(
            uow=self.uow, clock=lambda: self.now, hash_payload=hash_payload, wake_up=lambda: None
        )
        calls: dict[str, Callable[[int], object]] = {
            "/me": lambda _: ReadProgress(uow=self.uow, clock=lambda: self.now).execute(self.child),
            "sync of 5": lambda n: accept.execute(
                self.child,
                sessions=[
                    plain_record(self.now - timedelta(hours=1, minutes=3 * (n * 5 + k)))
                    for k in range(5)
                ],
                sent_at=self.now,
                outbox=None,
                request_id="benchmark",
            ),
            "leaderboard": lambda _: ReadLeaderboard(uow=self.uow, clock=lambda: self.now).execute(
                self.child, "cyber_runner"
            ),
            "sync list": lambda _: ListSync(uow=self.uow).execute(),
        }
        for name, call in calls.items():
            call(CALLS)
            took = spent_s(partial(_each, call), self.bulk) * 1000 / CALLS
            self.answers.setdefault(name, []).append(took)
            self._add(year, f"{name}, CPU", "ms", took)
        while DrainInbox(uow=self.uow, clock=lambda: self.now, release="benchmark").execute().more:
            pass
        file = self.place / f"year-{year}.dump"
        self._add(
            year,
            "backup",
            "s",
            seconds(lambda: back_up(self.bulk, file, progress=lambda _: None)),
        )
        self._add(year, "backup, size", "MB", file.stat().st_size / 1e6)
        file.unlink()
        self._add(
            year,
            "retention of a day, CPU",
            "ms",
            self.retained_s * 1000 / (MONTHS_A_YEAR * MONTH.days),
        )
        self._add(
            year,
            f"drain of {GAMES_A_DAY} games of a child, CPU",
            "ms",
            self.drained_s * 1000 / (MONTHS_A_YEAR * MONTH.days),
        )
        self.retained_s = self.drained_s = 0.0
        for name, size in self.months[-1].megabytes.items():
            self._add(year, name, "MB", size)

    def differences(self) -> tuple[int, int]:
        """How many children were checked, and the differences of them all."""
        step = max(self.children // MOST_CHECKED, 1)
        return -(-self.children // step), self.recompute(correct=False, step=step)

    def recompute(self, *, correct: bool, step: int = 1) -> int:
        """The number of differences between stored progress and what sessions and balances give."""
        one = Recompute(uow=self.uow, clock=lambda: self.now)
        some = islice(one.students(), 0, None, step)
        return sum(len(one.execute(student, correct=correct)) for student in some)

    def close(self) -> None:
        self.real.close()

    def _add(self, year: int, name: str, unit: str, *values: float) -> None:
        self.figures.append(Figure(name=f"year {year}, {name}", unit=unit, values=values))

    @contextmanager
    def _outside_transaction(self) -> Iterator[Callable[[str], object]]:
        with self.bulk.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            yield connection.exec_driver_sql


class _At(SqlUnitOfWork):
    """A unit of work at the school's time."""

    def __init__(self, school: School, in_steps: bool) -> None:
        super().__init__(school.engine, in_steps=in_steps)
        self._school = school

    def now(self) -> datetime:
        return self._school.now


def _each(call: Callable[[int], object]) -> None:
    for number in range(CALLS):
        call(number)


def _note(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
