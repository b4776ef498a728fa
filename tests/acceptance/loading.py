"""Runs load tests as users do, also against faulty servers."""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

import loadprofiles
from tests.acceptance.installation import Installation, wait_until
from tests.browser.network import SYNC, Mood, Network, fair

LOCUSTFILE = Path(loadprofiles.__file__).with_name("locustfile.py")

PATIENCE_S = 240
"""A killed worker's sessions wait for a minute until another one may claim them."""

ME, MY_SESSIONS, SIGN_IN, METRICS = (
    "/api/v1/me",
    "/api/v1/me/sessions",
    "/api/v1/sign-in",
    "/metrics",
)


@dataclass(frozen=True, kw_only=True)
class Judged:
    """How a load test ended; `result` is its result.json, empty where it has none."""

    code: int
    out: str
    err: str
    result: dict[str, Any]

    @property
    def verdict(self) -> str:
        return str(self.result["verdict"])

    @property
    def reasons(self) -> str:
        return "\n".join(self.result["reasons"])


class LoadTest:
    """A load test that runs; what it leaves is in `folder`."""

    def __init__(self, system: Installation, command: list[str], folder: Path) -> None:
        folder.mkdir(parents=True)
        self.folder = folder
        self._out, self._err = folder / "stdout", folder / "stderr"
        with self._out.open("w") as out, self._err.open("w") as err:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                env=system.environment,
                cwd=folder,
                start_new_session=True,
            )

    @property
    def files(self) -> Path:
        return self.folder / "result"

    @property
    def said(self) -> str:
        return self._out.read_text() + self._err.read_text()

    def wait_for(self, words: str) -> None:
        """Until it has said this."""
        wait_until(lambda: words in self.said or self._process.poll() is not None, words)
        assert words in self.said

    def send(self, number: int) -> None:
        self._process.send_signal(number)

    def generators(self) -> list[psutil.Process]:
        """Its processes that are workers of Locust."""
        masters = [one for one in self._below() if "--processes" in words_of(one)]
        return [one for one in masters if one.parent() in masters]

    def _below(self) -> list[psutil.Process]:
        return psutil.Process(self._process.pid).children(recursive=True)

    def ended(self) -> Judged:
        code = self._process.wait(PATIENCE_S)
        file = self.files / "result.json"
        return Judged(
            code=code,
            out=self._out.read_text(),
            err=self._err.read_text(),
            result=json.loads(file.read_text()) if file.exists() else {},
        )

    def kill(self) -> None:
        if self._process.poll() is None:
            for one in self._below():
                with suppress(psutil.NoSuchProcess):
                    one.kill()
            self._process.kill()
            self._process.wait()


def words_of(process: psutil.Process) -> list[str]:
    """Its command line; empty where it has ended."""
    with suppress(psutil.NoSuchProcess):
        return process.cmdline()
    return []


class Bench:
    """Where load tests against one system are started; all of them are gone at its end."""

    def __init__(self, system: Installation, folder: Path) -> None:
        self.system = system
        self._folder = folder
        self._running: list[LoadTest] = []

    def loadtest(self, name: str, *words: str, system: Installation | None = None) -> LoadTest:
        """`neuroplay loadtest …`, its report in its `files`; without a calibration unless `words`
        have one."""
        out = str(self._folder / name / "result")
        if not {"--calibrate", "--worker"} & {*words}:
            words = (*words, "--calibrate", "0")
        return self._start(
            name, [sys.executable, "-m", "cli", "loadtest", *words, "--out", out], system
        )

    def locust(self, name: str, *words: str, file: Path = LOCUSTFILE) -> LoadTest:
        """Locust itself, without our command."""
        out = str(self._folder / name / "result")
        return self._start(
            name,
            [
                *(sys.executable, "-m", "locust", "-f", str(file), *words),
                *("--calibrate", "0", "--out", out),
            ],
            None,
        )

    def _start(self, name: str, command: list[str], system: Installation | None) -> LoadTest:
        started = LoadTest(system or self.system, command, self._folder / name)
        self._running.append(started)
        return started

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.system.port}"

    def roster(self, students: int) -> Path:
        """Cards of a new load class, which stays."""
        file = self._folder / "roster.json"
        self.system.json("loadtest", "roster", str(file), "--students", str(students))
        return file

    def load_classes(self) -> set[str]:
        """Codes of the load classes that are there."""
        found = self.system.json("class", "list")["classes"]
        return {one["code"] for one in found if one["name"].startswith("load test")}

    def end(self) -> None:
        for one in self._running:
            one.kill()


@contextmanager
def bench(folder: Path) -> Iterator[Bench]:
    """A served system of its own."""
    system = Installation(home=folder / "home")
    made = Bench(system, folder)
    try:
        system.json("serve", "--detach")
        yield made
    finally:
        made.end()
        system.end()


Answer = tuple[int, list[tuple[str, str]], bytes]
"""(HTTP status, headers, body)."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A request on its way to the server."""

    method: str
    path: str
    """Without the query."""

    body: bytes
    send: Callable[[bytes], Answer]
    """Hands the request over with another body."""

    def through(self) -> Answer:
        return self.send(self.body)


Way = Callable[[Asked], Answer]
"""What a server does with a request."""


class Crooked(Network):
    """Our server behind a way of its own to deal with requests."""

    def __init__(self, url: str, way: Way) -> None:
        super().__init__(url)
        self._way = way

    def forward(self, method: str, path: str, headers: dict[str, str], body: bytes) -> Answer:
        onward = super().forward

        def send(changed: bytes) -> Answer:
            fitting = {k: v for k, v in headers.items() if k.lower() != "content-length"}
            return onward(method, path, fitting, changed)

        return self._way(Asked(method=method, path=path.partition("?")[0], body=body, send=send))


@contextmanager
def crooked(url: str, way: Way, mood: Mood = fair) -> Iterator[str]:
    """The URL of a server with such a way, behind a network in such a mood."""
    network = Crooked(url, way)
    network.mood = mood
    network.up()
    try:
        yield network.url
    finally:
        network.down()


def problem(status: int) -> Answer:
    return status, [("Content-Type", "application/problem+json")], b'{"code": "unexpected"}'


def _changed(answer: Answer, change: Callable[[Any], None]) -> Answer:
    status, headers, body = answer
    if status not in (200, 202):
        return answer
    document = json.loads(body)
    change(document)
    return status, headers, json.dumps(document).encode()


class DropsSessions:
    """Answers 202 with a receipt for each session, and forgets one in `every`."""

    def __init__(self, every: int) -> None:
        self.dropped: set[str] = set()
        self._every, self._known = every, set[str]()
        self._lock = threading.Lock()

    def __call__(self, asked: Asked) -> Answer:
        if asked.path != SYNC:
            return asked.through()
        batch = json.loads(asked.body)
        kept, gone = [], []
        for session in batch["sessions"]:
            (gone if self._is_dropped(session["session_id"]) else kept).append(session)
        receipts = [{"session_id": one["session_id"], "status": "accepted"} for one in gone]
        if not kept:
            headers = [("Content-Type", "application/json")]
            return 202, headers, json.dumps({"receipts": receipts}).encode()
        answer = asked.send(json.dumps({**batch, "sessions": kept}).encode())
        return _changed(answer, lambda document: document["receipts"].extend(receipts))

    def _is_dropped(self, session_id: str) -> bool:
        with self._lock:
            if session_id not in self._known:
                self._known.add(session_id)
                if len(self._known) % self._every == 0:
                    self.dropped.add(session_id)
            return session_id in self.dropped


def fails_fast(asked: Asked) -> Answer:
    """Signs students in, and then has a quick 500 for everything."""
    is_known = asked.path in (SIGN_IN, METRICS) or asked.path.startswith("/health")
    return asked.through() if is_known else problem(500)


def has_no_metrics(asked: Asked) -> Answer:
    return problem(404) if asked.path == METRICS else asked.through()


def lists_one_twice(asked: Asked) -> Answer:
    """Has stored each student's last session twice."""

    def double(document: Any) -> None:
        document["sessions"] += document["sessions"][-1:]

    answer = asked.through()
    return _changed(answer, double) if asked.path == MY_SESSIONS else answer


def gives_xp_twice(asked: Asked) -> Answer:
    """Lists every session once, and has counted one of them again."""

    def add(document: Any) -> None:
        if document["games"]:
            document["xp"] += 10

    answer = asked.through()
    return _changed(answer, add) if asked.path == ME else answer


class HasASlowTail:
    """Every fiftieth answer of the API, which is 2 %, takes longer than any may."""

    SLOW_S = 1.5

    def __init__(self) -> None:
        self._count = 0
        self._lock = threading.Lock()

    def __call__(self, asked: Asked) -> Answer:
        with self._lock:
            self._count += asked.path.startswith("/api/")
            is_slow = self._count % 50 == 0
        if is_slow:
            time.sleep(self.SLOW_S)
        return asked.through()


class RefusesSome:
    """One in three syncs is refused, with the time after which to try again."""

    RETRY_AFTER_S = 2

    def __init__(self) -> None:
        self.ignored: set[tuple[str, float]] = set()
        """Refusals, by device and the end of the wait, before which the device synced again."""

        self.refused = 0
        self._count = 0
        self._not_before: dict[str, float] = {}
        self._lock = threading.Lock()

    def __call__(self, asked: Asked) -> Answer:
        if asked.path != SYNC:
            return asked.through()
        device, now = json.loads(asked.body)["device_id"], time.monotonic()
        with self._lock:
            self._count += 1
            until = self._not_before.get(device, 0.0)
            if now < until:
                self.ignored.add((device, until))
            is_refused = self._count % 3 == 0
            if is_refused:
                self.refused += 1
                self._not_before[device] = now + self.RETRY_AFTER_S
        if not is_refused:
            return asked.through()
        status, headers, body = problem(503)
        return status, [*headers, ("Retry-After", str(self.RETRY_AFTER_S))], body


class NeverAnswersSome:
    """One in five syncs never gets an answer."""

    def __init__(self) -> None:
        self.over = threading.Event()
        self._count = 0
        self._lock = threading.Lock()

    def __call__(self, asked: Asked) -> Answer:
        with self._lock:
            self._count += asked.path == SYNC
            is_lost = asked.path == SYNC and self._count % 5 == 0
        if is_lost:
            self.over.wait(PATIENCE_S)
        return asked.through()


class Garbles:
    """Stores every sync, and answers each time in another way that no tablet understands."""

    def __init__(self) -> None:
        self._ways = itertools.cycle(self.BODIES)
        self._lock = threading.Lock()

    BODIES = (
        b"<!doctype html><title>Welcome</title>",
        b"[]",
        b"{}",
        b'{"receipts": 1}',
        b'{"receipts": [{"session_id": "another", "status": "accepted"}]}',
        b'{"receipts": [{"session_id": "another", "status": "lost"}]}',
    )

    def __call__(self, asked: Asked) -> Answer:
        status, headers, body = asked.through()
        if asked.path == SYNC and status == 202:
            with self._lock:
                body = next(self._ways)
        return status, headers, body


class CountsSignIns:
    """Fair; by card, how many devices a student signed in on."""

    def __init__(self) -> None:
        self.devices: dict[str, set[str]] = {}
        self._lock = threading.Lock()

    def __call__(self, asked: Asked) -> Answer:
        if asked.path == SIGN_IN:
            card = json.loads(asked.body)
            with self._lock:
                self.devices.setdefault(card["card_code"], set()).add(card["device_id"])
        return asked.through()

    @property
    def counts(self) -> Counter[int]:
        """How many students signed in on so many devices."""
        return Counter(len(devices) for devices in self.devices.values())


def is_page_of_its_own(html: str) -> bool:
    """Whether nothing of it comes from elsewhere."""
    return not any(word in html for word in ("src=", "href=", "url(", "@import", "fetch("))
