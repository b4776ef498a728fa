"""Cost of monitoring: the sync route with metrics, logs and error reports on and off, a scrape, and
health checks of a healthy system and of one whose servers hang."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from uuid import uuid4

import psutil

from benchmarks.groups.sync import CONNECTIONS, requests
from benchmarks.harness import closed_loop
from benchmarks.harness.figures import Figure, repeat
from benchmarks.harness.options import Options
from benchmarks.harness.servers import folder
from benchmarks.harness.system import System
from tests.integration.api.envelopes import receiving

PROCESSES = 4
SCRAPES = 20

ARMS = (
    ("nothing noted", "benchmarks.yardsticks.unobserved", False),
    ("metrics and logs", "neuroplay.api.server", False),
    ("metrics, logs and Sentry", "neuroplay.api.server", True),
)
"""Name, module, and whether errors are reported."""


def measure(options: Options) -> list[Figure]:
    return [*_cost(options.runs), *_questions(options.runs)]


def _cost(runs: int) -> list[Figure]:
    taken: dict[str, list[float]] = {name: [] for name, _, _ in ARMS}
    with servers() as (running, card):
        for run in range(runs + 1):
            # The order rotates, so that no arm is always the first.
            for name in [*taken][run % len(taken) :] + [*taken][: run % len(taken)]:
                server = running[name]
                asked = [server.signed_in(*card) for _ in range(CONNECTIONS)]
                answers = closed_loop.run(
                    server.port, requests, "/api/v1/gameplay/sync", asked, status=202
                )
                if run:  # the first run is a warm-up
                    taken[name].append(answers.per_second)
    nothing = taken["nothing noted"]
    costs = {
        name: tuple(1 - one / least for one, least in zip(rates, nothing, strict=True))
        for name, rates in taken.items()
        if rates is not nothing
    }
    return [
        *(
            Figure(name=f"sync, {name}", unit="req/s", values=tuple(rates))
            for name, rates in taken.items()
        ),
        *(Figure(name=f"cost, {name}", unit="", aim=0.1, values=c) for name, c in costs.items()),
    ]


class _Server(System):
    def signed_in(self, class_code: str, card_code: str) -> tuple[str, str]:
        device_id = str(uuid4())
        words = {"class_code": class_code, "card_code": card_code, "device_id": device_id}
        status, answer = self.post("/api/v1/sign-in", words)
        if status != 200:
            raise RuntimeError(f"sign-in answered {status}: {answer}")
        return answer["token"], device_id


@contextmanager
def servers() -> Iterator[tuple[dict[str, _Server], tuple[str, str]]]:
    """An API for each of ARMS, on the same PostgreSQL and Valkey, and a card."""
    from neuroplay.infra.embedded.postgres import EmbeddedPostgres
    from neuroplay.infra.embedded.redis import EmbeddedValkey

    with ExitStack() as stack:
        place = stack.enter_context(folder())
        homes = (place / "home", place / "run")
        receiver = stack.enter_context(receiving())
        settings = {
            "DATABASE_URL": stack.enter_context(EmbeddedPostgres(*homes).running()),
            "REDIS_URL": stack.enter_context(EmbeddedValkey(*homes).running()),
            "NEUROPLAY_SECRET": "x" * 40,
        }
        started: dict[str, _Server] = {}
        for number, (name, module, reports) in enumerate(ARMS):
            server = started[name] = _Server(place / str(number))
            counts = place / f"{number}.counts"
            counts.mkdir()
            server.environment |= {
                **settings,
                "NEUROPLAY_PORT": str(server.port),
                "PROMETHEUS_MULTIPROC_DIR": str(counts),
                "SENTRY_DSN": receiver.dsn if reports else "",
            }
            if not number:
                server.migrate()
            stack.enter_context(server.running(module))
        made = next(iter(started.values())).command("class", "create", "bench", "--students", "1")
        yield started, (made["class"]["code"], made["students"][0]["card_code"])


def _questions(runs: int) -> list[Figure]:
    with System.temporary() as system:
        system.environment |= {
            "NEUROPLAY_API_WORKERS": str(PROCESSES),
            "NEUROPLAY_TASK_WORKERS": str(PROCESSES),
        }
        system.start()
        system.wait_until_complete()
        asked = [(one["token"], one["device_id"]) for one in system.students(CONNECTIONS)]
        closed_loop.run(system.port, requests, "/api/v1/gameplay/sync", asked, status=202)
        for path in ("/api/v1/me", "/api/v1/games", "/", "/nowhere", "/api/v1/me/sessions"):
            for _ in range(40):
                system.get(path)
        while system.command("sync", "status")["pending"]:
            time.sleep(0.2)
        scrapes = repeat(lambda: _time_ms(system, "/metrics"), runs=SCRAPES)
        well = repeat(lambda: _time_ms(system, "/health"), runs=SCRAPES)
        with _standing_still(system):
            hung = tuple(_time_ms(system, "/health") for _ in range(max(runs, 3)))
    return [
        Figure(
            name=f"scrape, {PROCESSES} API and {PROCESSES} worker processes",
            unit="ms",
            aim=50,
            values=scrapes,
        ),
        Figure(name="/health, well", unit="ms", aim=20, values=well),
        Figure(name="/health, PostgreSQL and Redis hang", unit="ms", aim=1_200, values=hung),
    ]


def _time_ms(system: System, path: str) -> float:
    begun = time.perf_counter()
    status, _ = system.get(path)
    if status not in {200, 503}:
        raise RuntimeError(f"{path} answered {status}")
    return (time.perf_counter() - begun) * 1000


@contextmanager
def _standing_still(system: System) -> Iterator[None]:
    assert system.process is not None
    children = psutil.Process(system.process.pid).children(recursive=True)
    names = ("postgres", "valkey-server")
    stopped = [one for one in children if one.name().startswith(names)]
    assert len({one.name() for one in stopped}) >= 2, stopped
    for one in stopped:
        one.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        for one in stopped:
            one.send_signal(signal.SIGCONT)
