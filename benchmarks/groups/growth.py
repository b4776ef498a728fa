"""What each answer costs as an installation grows: with more sessions, and with more children.

The first sweep has CHILDREN_OF_SESSIONS children who play ten games on each day, and one more
sessions for each step; the second one gives each child GAMES_OF_A_CHILD games. All that is older
than 90 days is kept as retention leaves it: the session and its id without the record, which has no
trace here. Calls are spread over children, so that they find little of what the last one read.
All installations of a sweep are there at once, and are asked in turns.

The measure is processor time of Python and PostgreSQL together, of one call through the use cases.
A request's answer should cost the same (within FLAT), a backup at most in proportion.
"""

from __future__ import annotations

import statistics
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count, groupby, pairwise
from operator import attrgetter
from pathlib import Path
from uuid import uuid4

from benchmarks.harness import machine, picture, year
from benchmarks.harness.figures import Figure, seconds
from benchmarks.harness.options import Options
from benchmarks.harness.picture import Line, Panel
from benchmarks.harness.place import ROOT
from benchmarks.harness.processor import spent_s, spent_with_ended_s
from benchmarks.harness.servers import folder, postgres
from benchmarks.harness.year import Play
from benchmarks.harness.years_child import plain_record
from neuroplay.bootstrap import Container, build
from neuroplay.config import load_settings
from neuroplay.core.entities.principal import StudentPrincipal
from neuroplay.infra.db import migrations
from neuroplay.infra.db.backup import back_up
from neuroplay.infra.db.engine import make_engine

PICTURE = ROOT / "docs" / "images" / "growth.svg"
SESSIONS = (10_000, 1_000_000, 5_000_000)
CHILDREN = (100, 3_000, 30_000)
CHILDREN_OF_SESSIONS = 3_000
GAMES_OF_A_CHILD = 30
GAMES_A_DAY = 10

FLAT = 1.3
CALLS = 40
"""Calls of each kind in a run."""

TOGETHER = 5
ASKING = 50
"""Children who ask in turn, evenly spread."""

FILL_TIMEOUT_S = 7200.0
SECRET = "a secret of the benchmarks, with enough letters"  # noqa: S105

REQUESTS = ("/me", f"sync of {TOGETHER}", "leaderboard", "sync list", "sign-in")
DRAINED = 10
SCRAPE, DRAIN, BACKUP = "scrape", f"drain of {DRAINED} sessions", "backup"

Costs = Mapping[str, Sequence[float]]
"""Milliseconds of processor time by kind, of each run; a backup's are those of all of it."""


@dataclass(frozen=True, kw_only=True)
class Size:
    """How large an installation is; `value` is that of the sweep's axis."""

    axis: str
    value: int
    children: int
    play: Play

    @property
    def sessions(self) -> int:
        return self.children * self.play.games * (self.play.days // self.play.every)

    def __str__(self) -> str:
        return f"{self.value:,} {self.axis}"


def sizes(sessions: Sequence[int], children: Sequence[int]) -> list[Size]:
    """The sweeps, each from small to large."""
    return [
        *(
            Size(
                axis="sessions",
                value=count,
                children=CHILDREN_OF_SESSIONS,
                play=_play(count / CHILDREN_OF_SESSIONS),
            )
            for count in sorted(sessions)
        ),
        *(
            Size(axis="children", value=count, children=count, play=_play(GAMES_OF_A_CHILD))
            for count in sorted(children)
        ),
    ]


def _play(games: float) -> Play:
    """About so many games of a child, GAMES_A_DAY or all of them on a day."""
    a_day = max(round(min(games, GAMES_A_DAY)), 1)
    return Play(days=max(round(games / a_day), 1), every=1, games=a_day)


def measure(options: Options) -> list[Figure]:
    sys.setswitchinterval(0.02)  # as the API
    found: dict[Size, Costs] = {}
    swept = sizes(options.sessions or SESSIONS, options.children or CHILDREN)
    for _, of_axis in groupby(swept, key=attrgetter("axis")):
        found |= _swept(list(of_axis), options.runs)
    chosen = "".join(
        f" --{name} {','.join(map(str, counts))}"
        for name, counts in (("sessions", options.sessions), ("children", options.children))
        if counts
    )
    about = (
        f"{datetime.now(UTC):%Y-%m-%d}, commit {machine.described()['commit']}: "
        f"python -m benchmarks growth{chosen}"
    )
    PICTURE.write_text(drawn(found, about))
    return [*_of_each(found), *growth(found)]


@contextmanager
def _installation(size: Size) -> Iterator[tuple[Container, Path]]:
    with folder() as place, postgres() as (_, url):
        container = build(load_settings(home=place, database_url=url, secret=SECRET))
        migrations.upgrade(container.engine)
        bulk = make_engine(url, answer_timeout_s=FILL_TIMEOUT_S)
        yesterday = datetime.now(UTC) - timedelta(days=1)  # the last day is free for what is sent
        took = seconds(lambda: year.played(bulk, size.children, now=yesterday, play=size.play))
        _note(f"growth: {size}: filled in {took:.0f} s")
        bulk.dispose()
        yield container, place
        container.close()


@dataclass(frozen=True, kw_only=True)
class _Child:
    principal: StudentPrincipal
    class_code: str
    card_code: str


def _children(container: Container) -> list[_Child]:
    with container.engine.connect() as connection:
        rows = connection.exec_driver_sql(
            "SELECT student_id, class_id, code, card_version FROM students JOIN classes "
            "USING (class_id) ORDER BY md5(student_id::text) LIMIT %(most)s",
            {"most": ASKING},
        ).all()
    return [
        _Child(
            principal=StudentPrincipal(
                token_id=uuid4(), student_id=student_id, class_id=class_id, device_id=uuid4()
            ),
            class_code=code,
            card_code=container.secrets.card_code(StudentPrincipal, student_id, version),
        )
        for student_id, class_id, code, version in rows
    ]


def _swept(swept: Sequence[Size], runs: int) -> dict[Size, Costs]:
    """The installations of a sweep are asked in turns, and every second time the other way round:
    what else the machine does, and how fast it is, then is the same for all."""
    with ExitStack() as opened:
        asked = {size: _Asked(*opened.enter_context(_installation(size))) for size in swept}
        for run in range(runs + 1):
            for one in reversed(asked.values()) if run % 2 else asked.values():
                one.run()
        for size, one in asked.items():
            one.back_up()
            for name, values in one.costs.items():
                _note(f"growth: {size}: {name} {statistics.median(values[1:]):.3g} ms")
    return {
        size: {name: values[1:] for name, values in one.costs.items()}  # the first one warms up
        for size, one in asked.items()
    }


class _Asked:
    """An installation, and what each run cost; those of the backup begin with a 0."""

    def __init__(self, container: Container, place: Path) -> None:
        self._container, self._place = container, place
        self._children = _children(container)
        self._runs = count()
        self._calls: Mapping[str, Callable[[_Child, int], object]] = {
            "/me": lambda child, _: container.read_progress.execute(child.principal),
            f"sync of {TOGETHER}": partial(_send, container, datetime.now(UTC)),
            "leaderboard": lambda child, _: container.read_leaderboard.execute(
                child.principal, "cyber_runner"
            ),
            "sync list": lambda _, __: container.list_sync.execute(),
            "sign-in": lambda child, _: container.sign_in.execute(
                class_code=child.class_code, card_code=child.card_code, device_id=uuid4()
            ),
            SCRAPE: lambda _, __: list(container.figures.collect()),
        }
        self.costs: dict[str, list[float]] = {name: [] for name in (*self._calls, DRAIN, BACKUP)}

    def run(self) -> None:
        """Ask all but the backup once more."""
        container, run = self._container, next(self._runs)
        for name, call in self._calls.items():
            took = _asked_ms(container, partial(_each, call, self._children, run))
            self.costs[name].append(took / CALLS)
        drained: list[int] = []
        took = _asked_ms(container, lambda: drained.extend(_drained(container)))
        if sum(drained) != CALLS * TOGETHER:
            raise RuntimeError(f"{sum(drained)} sessions were counted of {CALLS * TOGETHER}")
        self.costs[DRAIN].append(took / sum(drained) * DRAINED)

    def back_up(self) -> None:
        engine, file = self._container.engine, self._place / "growth.dump"
        backup = partial(back_up, engine, file, progress=lambda _: None)
        self.costs[BACKUP] = [0.0, spent_with_ended_s(backup, engine) * 1000]


def _asked_ms(container: Container, action: Callable[[], object]) -> float:
    return spent_s(action, container.engine) * 1000


def _each(call: Callable[[_Child, int], object], children: Sequence[_Child], run: int) -> None:
    for number in range(run * CALLS, (run + 1) * CALLS):
        call(children[number % len(children)], number // len(children))


def _send(container: Container, now: datetime, child: _Child, turn: int) -> None:
    """Sessions of the day before `now`, none of which overlap."""
    container.accept_sync.execute(
        child.principal,
        sessions=[
            plain_record(now - timedelta(minutes=10 + 3 * (turn * TOGETHER + place)))
            for place in range(TOGETHER)
        ],
        sent_at=datetime.now(UTC),
        outbox=None,
        request_id="benchmark",
    )


def _drained(container: Container) -> Iterator[int]:
    """The number of sessions that each step counts."""
    more = True
    while more:
        step = container.drain_inbox.execute(500)
        more = step.more
        yield step.processed


def _of_each(found: Mapping[Size, Costs]) -> Iterator[Figure]:
    for size, costs in found.items():
        for name, values in costs.items():
            yield Figure(name=f"{size}: {name}, CPU", unit="ms", values=tuple(values))


def growth(found: Mapping[Size, Costs]) -> Iterator[Figure]:
    """For each step of a sweep, each kind's cost to that of the step before, run by run; a backup's
    is divided by how many times more sessions it has."""
    for least, most in pairwise(found):
        if least.axis != most.axis:
            continue
        for name in found[least]:
            times = most.sessions / least.sessions if name == BACKUP else 1.0
            yield Figure(
                name=f"{name}, {most} to {least.value:,}{', by session' if times > 1 else ''}",
                unit="",
                aim=FLAT,
                values=tuple(
                    after / before / times
                    for before, after in zip(found[least][name], found[most][name], strict=True)
                ),
            )


def drawn(found: Mapping[Size, Costs], about: str) -> str:
    """The SVG. What a worker or an operator does is drawn for so many sessions that all of it has
    one scale; a flat line then is a cost in proportion."""
    panels = []
    for axis in dict.fromkeys(size.axis for size in found):
        swept = [size for size in found if size.axis == axis]
        ticks = tuple((float(size.value), f"{size.value:,}") for size in swept)
        for name, kinds in (
            (f"processor time of an answer, ms, by {axis}", REQUESTS),
            (f"processor time of the rest, ms, by {axis}", (SCRAPE, DRAIN, BACKUP)),
        ):
            lines = [_line(kind, swept, found) for kind in kinds]
            panels.append(Panel(name=name, lines=lines, ticks=ticks if len(ticks) > 1 else ()))
    return picture.picture("What NeuroPlay costs as an installation grows", about, panels)


def _line(kind: str, swept: Sequence[Size], found: Mapping[Size, Costs]) -> Line:
    of_each = kind == BACKUP
    points = [
        (
            float(size.value),
            statistics.median(found[size][kind]) * (1000 / size.sessions if of_each else 1),
        )
        for size in swept
    ]
    return f"{kind} of 1,000 sessions" if of_each else kind, points


def _note(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
