"""What adults' pages cost: a school of 10,000 children after a year, alone and beside `normal`.

Each of POLLING adults asks every POLL_S seconds, half of them for the overview of the whole school
and half for a class. `normal` runs in turns without and with them.
"""

from __future__ import annotations

import http.client
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus

from benchmarks.groups import load
from benchmarks.harness import year
from benchmarks.harness.figures import Figure
from benchmarks.harness.options import Options
from benchmarks.harness.processor import spent_s
from benchmarks.harness.system import System
from neuroplay.bootstrap import Container, build
from neuroplay.config import load_settings
from neuroplay.core.entities.adult import AdultPrincipal, AdultRole
from neuroplay.core.use_cases.adult_classes import ReadOverview
from neuroplay.infra.db.engine import make_engine

CHILDREN = 10_000
POLLING = 10
POLL_S = 10.0
ALONE = 30
"""Requests of each kind while nothing else is asked."""
FILL_TIMEOUT_S = 3600.0
OVERVIEW, CLASS = "overview of the school", "a class of 40"
AIMS_MS = {OVERVIEW: 300.0, CLASS: 100.0}
MOST_RISE = 0.1
TOKEN = "benchmark"  # noqa: S105 - of a system on loopback


@dataclass
class Pages:
    """Requests of adults, with their times in milliseconds by kind."""

    port: int
    class_ids: list[int]
    times: dict[str, list[float]] = field(default_factory=lambda: {OVERVIEW: [], CLASS: []})
    refused: int = 0

    def ask(self, kind: str, adult: int, tags: dict[str, str]) -> None:
        path = "overview" if kind == OVERVIEW else f"classes/{self.class_ids[adult]}"
        headers = {"Cookie": f"np_adult={TOKEN}-{adult}", "If-None-Match": tags.get(kind, "")}
        begun = time.perf_counter()
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request("GET", f"/api/v1/adult/{path}", headers=headers)
            answer = connection.getresponse()
            answer.read()
        finally:
            connection.close()
        if answer.status == HTTPStatus.SERVICE_UNAVAILABLE:
            self.refused += 1  # the server has too much to do; the page asks again
            return
        if answer.status not in (HTTPStatus.OK, HTTPStatus.NOT_MODIFIED):
            raise RuntimeError(f"{path} answered {answer.status}")
        self.times[kind].append((time.perf_counter() - begun) * 1000)
        tags[kind] = answer.headers["ETag"]

    @contextmanager
    def polled(self) -> Iterator[None]:
        """POLLING adults look at their pages within the block."""
        ended = threading.Event()

        def look(adult: int) -> None:
            kind, tags = (OVERVIEW if adult % 2 else CLASS), dict[str, str]()
            if ended.wait(POLL_S * adult / POLLING):  # not all at once
                return
            while not ended.wait(POLL_S):
                self.ask(kind, adult, tags)

        threads = [threading.Thread(target=look, args=(adult,)) for adult in range(POLLING)]
        for one in threads:
            one.start()
        try:
            yield
        finally:
            ended.set()
            for one in threads:
                one.join()


def measure(options: Options) -> list[Figure]:
    children = next(iter(options.children), CHILDREN)
    with System.temporary() as system:
        system.start()
        system.wait_until_complete()
        class_ids, processor = _filled(system, children)
        pages = Pages(system.port, class_ids)
        for kind in pages.times:
            for _ in range(ALONE):
                pages.ask(kind, 0, {})
        alone, pages.times = pages.times, {kind: [] for kind in pages.times}
        without, beside = [], []
        for _ in range(options.runs):
            with load.begun(system, "normal", options) as process:
                without.append(load.ended(process)["figures"]["p95_ms"])
            with load.begun(system, "normal", options) as process, pages.polled():
                beside.append(load.ended(process)["figures"]["p95_ms"])
    return [
        *processor,
        *_of_pages("alone", alone),
        *_of_pages("beside normal", pages.times),
        Figure(name="adults' requests refused beside normal", unit="", values=(pages.refused,)),
        Figure(name="normal, p95 without adults", unit="ms", values=tuple(without)),
        Figure(name="normal, p95 with adults", unit="ms", values=tuple(beside)),
        Figure(
            name="normal, p95 with adults to that without, in turns",
            unit="",
            aim=1 + MOST_RISE,
            values=tuple(one / other for one, other in zip(beside, without, strict=True)),
        ),
    ]


def _filled(system: System, children: int) -> tuple[list[int], list[Figure]]:
    """Write a year, and sign in an adult of the school for each page. Returns the classes, and what
    their pages cost in processor time, which hardly depends on what else the machine does."""
    settings = load_settings(home=system.home)
    engine = make_engine(settings.sqlalchemy_url, answer_timeout_s=FILL_TIMEOUT_S)
    year.played(engine, children, now=datetime.now(UTC))
    engine.dispose()
    container = build(settings, patient=True)
    with container.uow() as uow:
        for adult in range(POLLING):
            one = uow.adults.add(f"Adult {adult}", f"adult {adult}", AdultRole.SCHOOL)
            if one is None:
                raise RuntimeError("there is such an adult")
            token = container.secrets.adult_hash("sign-in", f"{TOKEN}-{adult}")
            uow.adults.add_sign_in(one.adult_id, token)
        uow.commit()
        found = [one.class_id for one, students in uow.classes.all() if students]
        student_id = uow.students.by_class(found[0])[0].student_id
    school = AdultPrincipal(adult_id=1, name="School", role=AdultRole.SCHOOL)
    costs = [
        _cost(container, OVERVIEW, lambda: _overview(container, school)),
        _cost(container, CLASS, lambda: container.read_class.execute(school, found[0])),
        _cost(
            container,
            f"{CLASS}, unchanged",
            lambda: container.read_class.execute(school, found[0], known=lambda _: True),
        ),
        _cost(container, f"{OVERVIEW}, kept", lambda: container.read_overview.execute(school)),
        _cost(container, "a child", lambda: container.read_student.execute(school, student_id)),
    ]
    container.close()
    return found, costs


def _overview(container: Container, adult: AdultPrincipal) -> None:
    """Read it, whatever is kept of it."""
    ReadOverview(uow=container.uow, clock=lambda: datetime.now(UTC)).execute(adult)


def _cost(container: Container, name: str, read: Callable[[], object]) -> Figure:
    """Processor time of Python and PostgreSQL together."""
    read()
    times = tuple(spent_s(read, container.engine) * 1000 for _ in range(ALONE))
    return Figure(name=f"{name}, CPU", unit="ms", values=times)


def _of_pages(when: str, times: dict[str, list[float]]) -> list[Figure]:
    return [
        Figure(
            name=f"{kind}, {when}, {name}",
            unit="ms",
            aim=AIMS_MS[kind] if name == "p95" else None,
            values=(sorted(found)[min(int(len(found) * share), len(found) - 1)],),
        )
        for kind, found in times.items()
        for name, share in (("median", 0.5), ("p95", 0.95))
    ]
