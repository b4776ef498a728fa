"""What a student's tablet does: the app's own requests, and what goes wrong in a school.

A turn is one thing a student does, after a time to think: finish a game and send it, look at the
home page or the board, open the app again, come back with a backlog, or play on without a network.
What is not acknowledged stays on the tablet and goes with the next sync, as in the app.
"""

from __future__ import annotations

import json
import re
import socket
import time
from collections import deque
from random import Random
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import gevent
from locust import FastHttpUser, task
from locust.contrib.fasthttp import FAILURE_EXCEPTIONS
from locust.exception import StopUser

from loadprofiles.play.games import Player, wire_time
from loadprofiles.play.generator import GENERATOR
from loadprofiles.reach.trust import TRUST

SYNC, ME, SIGN_IN = "/api/v1/gameplay/sync", "/api/v1/me", "/api/v1/sign-in"
BOARD = "/api/v1/leaderboards/cyber_runner"
WORKER_SCRIPT = "/sw.js"

MOST_SESSIONS = 100
"""A batch holds no more."""

NEW_TABLETS = 0.1
"""Share of the tablets on which the app was never opened before; assumed."""

HANGS_UP = 5
"""One in so many backlogs is sent over a connection that drops before the answer; assumed. They
are counted, not drawn, so that a short run has one too."""

SENT_AGAIN = 3
"""Sessions of a backlog that had been sent and acknowledged before, at most."""

ANSWER_TIMEOUT_S = 20.0
RETRY_S = (1.0, 3.0)
PLAYS_ON_S = 86_400.0
"""Longer than any run: a student who plays without the network until the end."""

JSON = {"Content-Type": "application/json"}
ADDRESS = re.compile(r'(?:src|href)="(/[^"]+)"')
PRECACHED = re.compile(r'"url":"([^"]+)"')
"""What the service worker gets when it is installed."""

TAKEN = frozenset({"accepted", "duplicate"})
"""Receipts after which a tablet forgets the session."""


class Student(FastHttpUser):
    """One child on one tablet."""

    is_stopped = False
    plays_on = False
    """Without the network until the end."""

    connection_timeout = 10.0
    network_timeout = ANSWER_TIMEOUT_S
    ssl_context_factory = staticmethod(TRUST.context)

    def __init__(self, environment: Any) -> None:
        self.insecure = TRUST.any_name
        super().__init__(environment)

    def on_start(self) -> None:
        found = GENERATOR.next_student()
        if found is None:
            GENERATOR.fault("more students were started than the roster has")
            raise StopUser
        self.number, self.card = found
        self.random = Random()  # noqa: S311 - nobody is to guess at this
        self.player = Player(self.random, games_ahead=GENERATOR.games_ahead)
        self.device_id = str(uuid4())
        self.headers: dict[str, str] = {}
        self.outbox: list[dict[str, Any]] = []
        self.sent: deque[dict[str, Any]] = deque(maxlen=SENT_AGAIN)
        self.kept: dict[str, str] = {}
        self.is_away = GENERATOR.profile.comes_back_within_s is not None
        # The app has no cookies, and to look for some takes a tenth of the generator's time.
        self.client.client.cookiejar = None
        self.sign_in()
        self.open_the_app_first()
        self.look_at_home()

    def wait_time(self) -> float:
        if self.plays_on:
            return PLAYS_ON_S
        low, high = GENERATOR.profile.think_s
        return self.random.uniform(low, high)

    def stop(self, force: bool = False) -> bool:
        # One that is killed while it thinks may wake up in the same moment; nothing is begun then.
        self.is_stopped = True
        return bool(super().stop(force))

    @task
    def turn(self) -> None:
        if self.is_stopped:
            raise StopUser
        if self.is_away:
            self.come_back()
            return
        if not self.headers:
            self.sign_in()
        kinds, up_to = GENERATOR.turns
        (kind,) = self.random.choices(kinds, cum_weights=up_to)
        match kind:
            case "game":
                self.outbox.append(self.player.finish_a_game())
                self.deliver()
            case "home":
                self.look_at_home()
            case "board":
                self.ask("GET", BOARD)
            case "open":
                self.fetch(WORKER_SCRIPT)
                self.look_at_home()
            case "backlog":
                self.fill_the_outbox()
                self.deliver_all()
            case "offline":
                self.outbox.append(self.player.finish_a_game())

    def come_back(self) -> None:
        """Back from a weekend offline: open the app, deliver the backlog, look, and play on."""
        self.fill_the_outbox()
        GENERATOR.ramp_is_over.wait()
        within = GENERATOR.profile.comes_back_within_s or 0.0
        gevent.sleep(self.random.uniform(0, within))
        self.fetch(WORKER_SCRIPT)
        while self.outbox:
            if not self.deliver_all():
                gevent.sleep(self.random.uniform(*RETRY_S))
        GENERATOR.notes.count("delivered_backlogs")
        self.look_at_home()
        self.ask("GET", BOARD)
        self.is_away, self.plays_on = False, True

    def sign_in(self) -> None:
        """Until it is done: nothing else can be."""
        card = {"class_code": self.card.class_code, "card_code": self.card.card_code}
        body = json.dumps({**card, "device_id": self.device_id})
        while not self.headers:
            answer = self.ask("POST", SIGN_IN, body)
            if answer is None:
                gevent.sleep(self.random.uniform(*RETRY_S))
            else:
                self.headers = {"Authorization": f"Bearer {answer['token']}"}

    def look_at_home(self) -> None:
        self.ask("GET", ME)

    def open_the_app_first(self) -> None:
        """All of the first page on a new tablet; elsewhere the app's own copy is opened, and asks
        whether there is a newer one."""
        if self.random.random() >= NEW_TABLETS:
            self.fetch(WORKER_SCRIPT)
            return
        named = ADDRESS.findall(self.fetch("/"))
        kept = [f"/{path}" for path in PRECACHED.findall(self.fetch(WORKER_SCRIPT))]
        for address in dict.fromkeys([*named, *kept]):
            self.fetch(address, name=f"{address.rpartition('/')[0]}/…")

    def fetch(self, path: str, *, name: str | None = None) -> str:
        """The text of a static file, got as a browser gets it: asked for again by its ETag, and
        only then. Empty where it is as it was, or is not to be had."""
        headers = {"If-None-Match": self.kept[path]} if path in self.kept else {}
        with self.request("GET", path, name=name, headers=headers) as answer:
            if answer.status_code == 304 and headers:
                return ""
            if answer.status_code != 200:
                self.refused(answer)
                return ""
            etag = answer.headers.get("etag")
            if etag:
                self.kept[path] = etag
            return content_of(answer).decode(errors="replace") if name is None else ""

    def ask(self, method: str, path: str, body: str | None = None) -> Any:
        """The document that the API answers, or None where it is no good answer."""
        headers = self.headers if body is None else {**self.headers, **JSON}
        with self.request(method, path, body=body, headers=headers) as answer:
            if answer.status_code == 200:
                return self.document(answer)
            self.refused(answer)
        return None

    def request(
        self,
        method: str,
        path: str,
        *,
        headers: dict[str, str],
        body: str | None = None,
        name: str | None = None,
    ) -> Any:
        """One request; its answer is to be judged in a `with` block. One that is still without an
        answer when the run is over has failed."""
        began, clock = time.time(), time.perf_counter()
        try:
            return self.client.request(
                method, path, name=name, data=body, headers=headers, catch_response=True
            )
        except (gevent.GreenletExit, Exception) as error:
            is_over = isinstance(error, gevent.GreenletExit)
            why = "no answer until the end of the run" if is_over else type(error).__name__
            what = f"{method} {name or path}"
            ms = (time.perf_counter() - clock) * 1000
            GENERATOR.notes.request(what, ms, f"{what}: {why}", steady=GENERATOR.was_steady(began))
            raise

    def document(self, answer: Any) -> dict[str, Any] | None:
        """The JSON object of an answer; None, and the request has failed, where it is none."""
        try:
            found = json.loads(content_of(answer))
        except (ValueError, RecursionError):
            found = None
        if isinstance(found, dict):
            return found
        answer.failure("no JSON document")
        return None

    def refused(self, answer: Any) -> None:
        """Note an answer that is none, with its reason."""
        if not answer.status_code:
            answer.failure(type(answer.error).__name__)
            return
        answer.failure(f"HTTP {answer.status_code}")
        if answer.status_code == 401:
            self.headers = {}

    def fill_the_outbox(self) -> None:
        """A time without a network: from five games to sixty."""
        games = self.random.randint(*GENERATOR.profile.backlog)
        self.outbox.extend(self.player.finish_a_game() for _ in range(games))

    def deliver_all(self) -> bool:
        """A whole backlog, with some that were sent before; whether it is delivered."""
        again = [self.sent.popleft() for _ in range(self.random.randint(0, len(self.sent)))]
        GENERATOR.notes.count("duplicates_sent", len(again))
        if next(GENERATOR.backlogs) % HANGS_UP == 0:
            self.hang_up_after_sending()
        while self.deliver(again):
            if not self.outbox:
                return True
            again = []
        return False

    def deliver(self, again: list[dict[str, Any]] | None = None) -> bool:
        """Send what waits, a batch; what was acknowledged leaves the outbox."""
        new = self.outbox[: MOST_SESSIONS - len(again or ())]
        batch = [*(again or ()), *new]
        body = self.batch_of(batch, left=len(self.outbox) - len(new))
        with self.request("POST", SYNC, body=body, headers={**self.headers, **JSON}) as answer:
            if answer.status_code != 202:
                self.refused(answer)
                return False
            document = self.document(answer)
            if document is None:
                return False
            receipts, fault = receipts_of(batch, document)
            if fault:
                answer.failure(fault)
        done = [one for one in new if receipts.get(one["session_id"]) in TAKEN]
        GENERATOR.ledger.add(self.number, (one["session_id"] for one in done))
        GENERATOR.notes.count("sessions_sent", len(done))
        refused = sum(status not in TAKEN for status in receipts.values())
        GENERATOR.notes.count("sessions_refused", refused)
        self.sent.extend(done[:SENT_AGAIN])
        # One that is refused for good is let go, as the app does; the failure was noted.
        left = [one for one in self.outbox if one["session_id"] not in receipts]
        moved, self.outbox = len(left) < len(self.outbox), left
        return moved

    def hang_up_after_sending(self) -> None:
        """The network goes after the request was sent: nobody knows whether it arrived."""
        where = urlsplit(self.host or "")
        secure = where.scheme == "https"
        address = (where.hostname or "", where.port or (443 if secure else 80))
        batch = self.outbox[:MOST_SESSIONS]
        body = self.batch_of(batch, left=0).encode()
        head = (
            f"POST {SYNC} HTTP/1.1\r\nHost: {where.netloc}\r\nContent-Type: application/json\r\n"
            f"Authorization: {self.headers.get('Authorization', '')}\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        try:
            with socket.create_connection(address, timeout=self.connection_timeout) as line:
                if secure:
                    line = TRUST.context().wrap_socket(line, server_hostname=address[0])
                line.sendall(head.encode() + body)
        except OSError:
            return
        GENERATOR.notes.count("dropped_connections")
        GENERATOR.notes.count("duplicates_sent", len(batch))
        gevent.sleep(self.random.uniform(0, RETRY_S[0]))

    def batch_of(self, sessions: list[dict[str, Any]], *, left: int) -> str:
        batch: dict[str, Any] = {
            "device_id": self.device_id,
            "sent_at": wire_time(time.time()),
            "outbox": {"pending": left, "oldest": None},
            "sessions": sessions,
        }
        if left:
            batch["outbox"]["oldest"] = self.outbox[-1]["ended_at"]
        return json.dumps(batch)


def content_of(answer: Any) -> bytes:
    """The body; empty where it did not come whole, and then the request has failed."""
    try:
        return answer.content or b""
    except FAILURE_EXCEPTIONS as error:
        answer.failure(type(error).__name__)
        return b""


def receipts_of(
    batch: list[dict[str, Any]], document: dict[str, Any]
) -> tuple[dict[str, str], str]:
    """(status by id of the sessions of `batch`, what is wrong with the receipts if anything)."""
    try:
        told = [(str(one["session_id"]), str(one["status"])) for one in document["receipts"]]
    except (KeyError, TypeError):
        return {}, "no receipts"
    sent = {one["session_id"] for one in batch}
    receipts = {one: status for one, status in told if one in sent}
    if refused := sorted({status for _, status in told} - TAKEN):
        return receipts, f"receipts: {', '.join(refused)}"
    if len(told) != len(batch) or len(receipts) != len(sent):
        return receipts, "receipts: not one a session"
    return receipts, ""
