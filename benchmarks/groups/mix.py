"""Processor time of a request in the mix of the profile `spike`, by program.

32 connections without pauses make the turns of 512 students of load classes as `loadprofiles` does,
but for sign-in and hanging up. Processor time counts until the workers have processed every
session, so that it hardly depends on what else the machine does. On a busy machine some requests
are refused; they are counted, and belong to no other figure.
"""

from __future__ import annotations

import itertools
import time
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from random import Random
from typing import Any, Protocol

from benchmarks.groups.flow import sign_in
from benchmarks.harness import closed_loop
from benchmarks.harness.closed_loop import Answers
from benchmarks.harness.figures import Figure
from benchmarks.harness.options import Options
from benchmarks.harness.system import System
from loadprofiles.play.games import GAMES, Finished, Player, batch_of
from loadprofiles.profiles import PROFILES

PROFILE = PROFILES["spike"]
SYNC, ME, WORKER_SCRIPT = "/api/v1/gameplay/sync", "/api/v1/me", "/sw.js"
BOARDS = "/api/v1/leaderboards/{game_type}"
SENT_AGAIN = 3
"""Most sessions of a backlog that were acknowledged before."""

CONNECTIONS = 32
STUDENTS = 16
"""For each connection, in turn."""

TURNS = 300
"""Of each connection in a run."""

WARM_UP = 1 / 6
"""Of a run."""

PROGRAMS = ("api", "postgres", "worker", "redis")

EXPECTED = (200, 202, 304)


class Asked(Protocol):
    """An installation that is asked."""

    address: str
    port: int

    def cards(self, students: int) -> list[tuple[str, str]]: ...

    def cpu_s_by_program(self) -> dict[str, float]: ...

    def command(self, *arguments: str) -> Any: ...


@dataclass(frozen=True, kw_only=True)
class Run:
    """A run with all that follows from it."""

    answers: Answers
    cpu_s: Mapping[str, float]
    """Seconds of processor time by program."""

    drained_s: float = 0.0
    """From the last answer until the workers had processed every session."""


def measure(options: Options) -> list[Figure]:
    with System.temporary() as system:
        system.start()
        system.wait_until_complete()
        return figures_of(runs(system, options.runs))


def runs(system: Asked, count: int) -> list[Run]:
    """So many runs after a warm-up. Raises RuntimeError."""
    found: list[Run] = []
    cards = system.cards(CONNECTIONS * STUDENTS)
    with closing(closed_loop.connected(system.port, system.address)) as connection:
        signed_in = [sign_in(connection, *card) for card in cards]
        etag = _etag(connection)
    for run in range(count + 1):
        before = system.cpu_s_by_program()
        turns = TURNS if run else round(TURNS * WARM_UP)
        answers = closed_loop.run(
            system.port,
            requests,
            signed_in,
            etag,
            turns,
            run,
            status=EXPECTED,
            address=system.address,
        )
        if answers.unexpected > answers.refused:
            raise RuntimeError(
                f"{answers.unexpected - answers.refused} requests were answered neither "
                f"{EXPECTED} nor 503"
            )
        ended = time.monotonic()
        _await_workers(system)
        drained_s = time.monotonic() - ended
        after = system.cpu_s_by_program()
        cpu = {name: after[name] - before.get(name, 0.0) for name in after}
        found.append(Run(answers=answers, cpu_s=cpu, drained_s=drained_s))
    return found[1:]


def figures_of(runs: Sequence[Run]) -> list[Figure]:
    def a_request(seconds: Sequence[float]) -> tuple[float, ...]:
        return tuple(
            one * 1000 / len(run.answers.times_ms) for one, run in zip(seconds, runs, strict=True)
        )

    return [
        Figure(
            name="mix of spike, CPU of all servers",
            unit="ms/req",
            values=a_request([sum(one.cpu_s.values()) for one in runs]),
        ),
        *(
            Figure(
                name=f"mix of spike, CPU of {program}",
                unit="ms/req",
                values=a_request([one.cpu_s.get(program, 0.0) for one in runs]),
            )
            for program in PROGRAMS
        ),
        Figure(
            name=f"mix of spike, {CONNECTIONS} connections",
            unit="req/s",
            more_is_better=True,
            values=tuple(one.answers.per_second for one in runs),
        ),
        Figure(
            name="mix of spike, p99",
            unit="ms",
            values=tuple(one.answers.percentile_ms(0.99) for one in runs),
        ),
        Figure(
            name="mix of spike, refused",
            unit="requests",
            values=tuple(float(one.answers.refused) for one in runs),
        ),
        Figure(
            name="mix of spike, CPU of the client",
            unit="ms/req",
            values=a_request([one.answers.client_cpu_s for one in runs]),
        ),
    ]


def requests(
    signed_in: Sequence[tuple[str, str]], etag: str, turns: int, seed: int
) -> list[list[bytes]]:
    """The requests of each connection: those of its share of the students (token, device), in
    turn."""
    made = []
    for number in range(CONNECTIONS):
        random = Random(seed * CONNECTIONS + number)
        students = itertools.cycle(
            [_Student(*one, random=random) for one in signed_in[number::CONNECTIONS]]
        )
        made.append(
            [asked for student in itertools.islice(students, turns) for asked in student.turn(etag)]
        )
    return made


@dataclass
class _Student:
    """A student whose every request succeeds."""

    token: str
    device_id: str
    random: Random
    outbox: list[Finished] = field(default_factory=list)
    sent: deque[Finished] = field(default_factory=lambda: deque(maxlen=SENT_AGAIN))

    def __post_init__(self) -> None:
        self.player = Player(self.random)

    def turn(self, etag: str) -> list[bytes]:
        """The requests of a turn."""
        (kind,) = self.random.choices([*PROFILE.turns], [*PROFILE.turns.values()])
        home = closed_loop.get(ME, token=self.token)
        match kind:
            case "home":
                return [home]
            case "board":
                game = self.random.choice(GAMES).game_type
                return [closed_loop.get(BOARDS.format(game_type=game), token=self.token)]
            case "open":
                return [closed_loop.get(WORKER_SCRIPT, etag=etag), home]
            case "backlog":
                games = self.random.randint(*PROFILE.backlog)
                self.outbox += [self.player.finish_a_game() for _ in range(games)]
                again = list(self.sent)[: self.random.randint(0, len(self.sent))]
                return [self._sync(again)]
        self.outbox.append(self.player.finish_a_game())
        return [self._sync()] if kind == "game" else []

    def _sync(self, again: Sequence[Finished] = ()) -> bytes:
        new, self.outbox = self.outbox, []
        self.sent.extend(new[:SENT_AGAIN])
        body = batch_of([*again, *new], self.device_id)
        return closed_loop.request(SYNC, body.encode(), token=self.token)


def _await_workers(system: Asked) -> None:
    """Raises RuntimeError if they are not done within a minute."""
    ends = time.monotonic() + 60
    while system.command("sync", "status")["pending"]:
        if time.monotonic() > ends:
            raise RuntimeError("the workers are not done")
        time.sleep(0.2)


def _etag(connection: Any) -> str:
    answer = closed_loop.ask(connection, closed_loop.get(WORKER_SCRIPT))
    head = answer.partition(b"\r\n\r\n")[0].decode("latin-1")
    for line in head.split("\r\n")[1:]:
        name, _, value = line.partition(":")
        if name.lower() == "etag":
            return value.strip()
    raise RuntimeError("the service worker has no ETag")
