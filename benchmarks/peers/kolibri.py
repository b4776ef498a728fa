"""Kolibri as a side: an offline-first learning platform, as `kolibri start` serves it.

Its own server (CherryPy's, one process, as many threads as it chooses) and its own SQLite files,
which are its default. Its network discovery and its statistics are off, so that it stays on this
machine. Learners belong to one class. Activities are those of an exercise that needs no channel to
be installed: the requests are the ones that its own client sends (useProgressTracking.js).
"""

from __future__ import annotations

import http.client
import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

from benchmarks.harness import closed_loop
from benchmarks.harness.closed_loop import Conversation
from benchmarks.harness.servers import folder
from benchmarks.harness.system import free_port
from benchmarks.peers.side import LEARNERS, TOGETHER, Kind, Program, Work, installed

PASSWORD = "a secret 12"  # noqa: S105 - of a system on loopback
NO_PASSWORD = "NOT_SPECIFIED"  # noqa: S105 - what its client sends for a learner without one
MOST_A_SECOND = 60
"""Requests of a connection that are prepared for each second: more than it can send."""

TRACK = "/api/logger/trackprogress/"
SIGN_IN = "/api/auth/session/"

Learner = tuple[str, dict[str, str]]
"""Name, and the headers of a signed-in learner."""


class Kolibri:
    name = "Kolibri"

    def __init__(self, home: Path, program: Program) -> None:
        self._home, self._program = home, program
        self._facility = ""
        self._learners: list[Learner] = []
        self._open: list[Learner] = []
        """Those without a password."""

    @property
    def port(self) -> int:
        return self._program.port

    def start(self) -> float:
        return self._program.start()

    def stop(self) -> float:
        return self._program.stop()

    def prepare(self) -> None:
        admin = Browser(self.port)
        (facility,) = admin.ask("GET", "/api/auth/facility/")
        self._facility = facility["id"]
        admin.sign_in("admin", PASSWORD, self._facility)
        group = {"name": "Class", "parent": self._facility}
        in_class = admin.ask("POST", "/api/auth/classroom/", group)["id"]
        self._learners = self._made(admin, "learner", PASSWORD, in_class)
        # The setting of its preset for schools. Those who have a password still need it.
        settings = {"learner_can_edit_password": False, "learner_can_login_with_no_password": True}
        dataset = facility["dataset"]["id"]
        admin.ask("PATCH", f"/api/auth/facilitydataset/{dataset}/", settings)
        self._open = self._made(admin, "child", NO_PASSWORD, in_class)

    def _made(self, admin: Browser, name: str, password: str, in_class: str) -> list[Learner]:
        found = []
        for number in range(LEARNERS):
            user = {
                "username": f"{name}{number}",
                "full_name": f"{name} {number}",
                "password": password,
                "facility": self._facility,
            }
            made = admin.ask("POST", "/api/auth/facilityuser/", user)
            member = {"user": made["id"], "collection": in_class}
            admin.ask("POST", "/api/auth/membership/", member)
            browser = Browser(self.port)
            browser.sign_in(user["username"], password, self._facility)
            found.append((user["username"], browser.headers()))
        return found

    def pids(self) -> Sequence[int]:
        return [one.pid for one in self._program.processes()]

    def work(self, kind: Kind, seconds: float) -> Work:
        asked = int(seconds * MOST_A_SECOND) + 1
        match kind:
            case Kind.SIGN_IN:
                arguments = (self._learners, PASSWORD, self._facility, asked)
                return Work(make=sign_ins, arguments=arguments, status=200)
            case Kind.OPEN_SIGN_IN:
                arguments = (self._open, NO_PASSWORD, self._facility, asked)
                return Work(make=sign_ins, arguments=arguments, status=200)
            case Kind.PAGE:
                return Work(make=pages, arguments=(self._learners, asked), status=200)
            case Kind.STARTED:
                return Work(make=started, arguments=(self._learners,), status=200, each=0.5)
            case _:
                together = TOGETHER if kind is Kind.TOGETHER else 1
                return Work(
                    make=answers,
                    arguments=(self.port, self._learners, asked, together),
                    status=200,
                    each=together,
                )

    def stored(self) -> int:
        with closing(sqlite3.connect(self._home / "db.sqlite3")) as connection:
            (found,) = connection.execute("SELECT count(*) FROM logger_attemptlog").fetchone()
        return int(found)


@contextmanager
def opened() -> Iterator[Kolibri]:
    programs = installed("kolibri")
    with folder() as place:
        home = place / "home"
        settings = place / "provision.json"
        settings.write_text(
            json.dumps(
                {
                    "facility_name": "School",
                    "preset": "nonformal",
                    "device_settings": {"language_id": "en"},
                    "superuser": {"username": "admin", "password": PASSWORD},
                }
            )
        )
        port = free_port()
        program = Program(
            [programs / "kolibri", "start", "--foreground"],
            environment={
                "HOME": str(place),
                "KOLIBRI_HOME": str(home),
                "KOLIBRI_HTTP_PORT": str(port),
                "KOLIBRI_ZIP_CONTENT_PORT": str(free_port()),
                "KOLIBRI_LISTEN_ADDRESS": "127.0.0.1",
                "KOLIBRI_ZEROCONF_ENABLED": "false",
                "KOLIBRI_DISABLE_PING": "true",
                "KOLIBRI_AUTOMATIC_PROVISION_FILE": str(settings),
            },
            folder=place,
            port=port,
            path="/api/public/info/",
        )
        try:
            yield Kolibri(home, program)
        finally:
            program.stop()


@dataclass
class Browser:
    """Keeps cookies, and returns them as Kolibri's client does."""

    port: int
    cookies: dict[str, str] = field(default_factory=dict)

    def ask(self, method: str, path: str, body: object = None) -> Any:
        """The answer's document. Raises RuntimeError unless it is a success."""
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)) as connection:
            said = None if body is None else json.dumps(body)
            connection.request(method, path, said, self.headers())
            answer = connection.getresponse()
            document = answer.read()
            for cookie in answer.headers.get_all("Set-Cookie") or ():
                name, _, value = cookie.partition(";")[0].strip().partition("=")
                self.cookies[name] = value
        if answer.status not in (200, 201):
            raise RuntimeError(f"{method} {path} answered {answer.status}: {document[:500]!r}")
        return json.loads(document)

    def sign_in(self, name: str, password: str, facility: str) -> None:
        self.ask("PUT", f"{SIGN_IN}current/", {})  # for the token against forged requests
        self.ask("POST", SIGN_IN, _card(name, password, facility))

    def headers(self) -> dict[str, str]:
        return {
            "Content-Type": "application/json",
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
            "X-CSRFToken": self.cookies.get("kolibri_csrftoken", ""),
        }


def sign_ins(
    learners: Sequence[Learner], password: str, facility: str, asked: int
) -> list[list[bytes]]:
    return [
        [closed_loop.request(SIGN_IN, json.dumps(_card(name, password, facility)).encode())] * asked
        for name, _ in learners
    ]


def _card(name: str, password: str, facility: str) -> dict[str, object]:
    return {
        "username": name,
        "password": password,
        "facility": facility,
        "active": True,
        "os": {"name": "Android", "major": "14"},
        "browser": {"name": "Chrome", "major": "130"},
    }


def pages(learners: Sequence[Learner], asked: int) -> list[list[bytes]]:
    """What the learner's first page asks for its classes and for what to go on with."""
    return [
        [closed_loop.request("/learn/api/homehydrate", method="GET", headers=headers)] * asked
        for _, headers in learners
    ]


def answers(port: int, learners: Sequence[Learner], asked: int, together: int) -> list[list[bytes]]:
    """Each learner has begun an exercise. A request stores answers to questions, each of which
    finishes it."""
    made = []
    for _, headers in learners:
        path = f"{TRACK}{_begun(port, headers)}/"
        made.append(
            [
                closed_loop.request(
                    path, json.dumps(_finished(together)).encode(), method="PUT", headers=headers
                )
                for _ in range(asked)
            ]
        )
    return made


def _begun(port: int, headers: dict[str, str]) -> str:
    """The id of an exercise that a learner has begun."""
    with closing(closed_loop.connected(port)) as connection:
        return session_id(closed_loop.ask(connection, beginning(headers)))


def beginning(headers: dict[str, str]) -> bytes:
    """The request that begins an exercise that nobody has seen before."""
    node = uuid4().hex
    document = {
        "node_id": node,
        "content_id": node,
        "channel_id": node,
        "kind": "exercise",
        "mastery_model": {"type": "m_of_n", "m": 1, "n": 1},
    }
    return closed_loop.request(TRACK, json.dumps(document).encode(), headers=headers)


def session_id(answer: bytes) -> str:
    """Of the response to `beginning`. Raises ValueError if it is another one."""
    head, _, body = answer.partition(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 200 "):
        raise ValueError(f"no exercise was begun: {answer[:500]!r}")
    return str(json.loads(body)["session_id"])


def started(learners: Sequence[Learner]) -> list[Conversation]:
    return [_exercises(headers) for _, headers in learners]


def _exercises(headers: dict[str, str]) -> Conversation:
    """Begin an exercise and finish it, over and over."""
    body = json.dumps(_finished(1)).encode()
    while True:
        answer = yield beginning(headers)
        if answer.startswith(b"HTTP/1.1 200 "):
            path = f"{TRACK}{session_id(answer)}/"
            yield closed_loop.request(path, body, method="PUT", headers=headers)


def _finished(together: int) -> dict[str, object]:
    return {
        "progress_delta": 1.0,
        "time_spent_delta": 120.0,
        "interactions": [
            {
                "item": uuid4().hex,
                "correct": 1,
                "complete": True,
                "time_spent": 120,
                "answer": {"score": 420, "accuracy": 0.82},
                "simple_answer": "420",
            }
            for _ in range(together)
        ],
    }
