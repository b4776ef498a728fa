"""What a student's tablet does: the app's own requests, and what goes wrong in a school.

A turn is one thing a student does, after a time to think: finish a game and send it, look at the
home page or the board, open the app again, come back with a backlog, or play on without a network.
What is not acknowledged stays on the tablet and goes with the next sync, as in the app.
"""

from __future__ import annotations

import json
import re
import socket
import ssl
import time
from collections import deque
from random import Random
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import gevent
from locust import FastHttpUser, task
from locust.exception import StopUser

from loadprofiles.games import Player, wire_time
from loadprofiles.generator import GENERATOR

SYNC, ME, SIGN_IN = "/api/v1/gameplay/sync", "/api/v1/me", "/api/v1/sign-in"
BOARD = "/api/v1/leaderboards/cyber_runner"
WORKER_SCRIPT = "/sw.js"

MOST_SESSIONS = 100
"""A batch holds no more."""

NEW_TABLETS = 0.1
"""Share of the tablets on which the app was never opened before; assumed."""

HANGS_UP = 0.2
"""Share of the backlogs whose connection drops after sending, before the answer; assumed."""

SENT_AGAIN = 3
"""Sessions of a backlog that had been sent and acknowledged before, at most."""

ANSWER_TIMEOUT_S = 20.0
RETRY_S = (1.0, 3.0)
PLAYS_ON_S = 86_400.0
"""Longer than any run: a student who plays without the network until the end."""

ADDRESS = re.compile(r'(?:src|href)="(/[^"]+)"')


class Student(FastHttpUser):
    """One child on one tablet."""

    connection_timeout = 10.0
    network_timeout = ANSWER_TIMEOUT_S

    def on_start(self) -> None:
        found = GENERATOR.next_student()
        if found is None:
            GENERATOR.notes.errors["more users than students in the roster"] = 1
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
        self.plays_on = False
        self.sign_in()
        self.open_the_app_first()
        self.look_at_home()

    def wait_time(self) -> float:
        if self.plays_on:
            return PLAYS_ON_S
        low, high = GENERATOR.profile.think_s
        return self.random.uniform(low, high)

    @task
    def turn(self) -> None:
        if self.is_away:
            self.come_back()
            return
        if not self.headers:
            self.sign_in()
        turns = GENERATOR.profile.turns
        (kind,) = self.random.choices(list(turns), list(turns.values()))
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
        if self.random.random() < NEW_TABLETS:
            page = self.fetch("/")
            for address in dict.fromkeys(ADDRESS.findall(page)):
                self.fetch(address, name=f"{address.rpartition('/')[0]}/…")
        self.fetch(WORKER_SCRIPT)

    def fetch(self, path: str, *, name: str | None = None) -> str:
        """A static file as a browser gets it: asked for again by its ETag, and only then."""
        headers = {"If-None-Match": self.kept[path]} if path in self.kept else {}
        with self.client.get(
            path, name=name or path, headers=headers, catch_response=True
        ) as answer:
            if answer.status_code not in (200, 304):
                answer.failure(f"HTTP {answer.status_code}")
                return ""
            etag = answer.headers.get("etag")
            if etag:
                self.kept[path] = etag
            return str(answer.text or "") if path == "/" else ""

    def ask(self, method: str, path: str, body: str | None = None) -> Any:
        """The document that the API answers, or None where it is no good answer."""
        headers = self.headers
        if body is not None:
            headers = {**headers, "Content-Type": "application/json"}
        with self.client.request(
            method, path, data=body, headers=headers, catch_response=True
        ) as answer:
            if answer.status_code == 200:
                return answer.json()
            self.refused(answer)
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
        if self.random.random() < HANGS_UP:
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
        with self.client.post(
            SYNC,
            data=self.batch_of(batch, left=len(self.outbox) - len(new)),
            headers={**self.headers, "Content-Type": "application/json"},
            catch_response=True,
        ) as answer:
            if answer.status_code != 202:
                self.refused(answer)
                return False
            receipts = answer.json()["receipts"]
            acknowledged = {
                receipt["session_id"]
                for receipt in receipts
                if receipt["status"] in ("accepted", "duplicate")
            }
            if len(acknowledged) < len(batch) or len(receipts) != len(batch):
                wrong = {one["status"] for one in receipts} - {"accepted", "duplicate"}
                answer.failure(f"receipts: {', '.join(sorted(wrong)) or 'not one a session'}")
        done = [one for one in new if one["session_id"] in acknowledged]
        GENERATOR.ledger.add(self.number, (one["session_id"] for one in done))
        GENERATOR.notes.count("sessions_sent", len(done))
        self.sent.extend(done[:SENT_AGAIN])
        # One that is refused for good is let go, as the app does; the failure was noted.
        self.outbox = self.outbox[len(new) :]
        return True

    def hang_up_after_sending(self) -> None:
        """The network goes after the request was sent: nobody knows whether it arrived."""
        where = urlsplit(self.host or "")
        secure = where.scheme == "https"
        address = (where.hostname or "", where.port or (443 if secure else 80))
        body = self.batch_of(self.outbox[:MOST_SESSIONS], left=0).encode()
        head = (
            f"POST {SYNC} HTTP/1.1\r\nHost: {where.netloc}\r\nContent-Type: application/json\r\n"
            f"Authorization: {self.headers.get('Authorization', '')}\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        try:
            with socket.create_connection(address, timeout=self.connection_timeout) as line:
                if secure:
                    trusting = ssl._create_unverified_context()  # noqa: S323 - as the client is
                    line = trusting.wrap_socket(line, server_hostname=address[0])
                line.sendall(head.encode() + body)
        except OSError:
            return
        GENERATOR.notes.count("dropped_connections")
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
