"""A simulated student: makes the requests of the app, with the network failures of a school.

In each turn, after a think time, a student finishes a game and sends it, loads the home page or the
leaderboard, reopens the app, sends a backlog, or plays on offline. Sessions that are not
acknowledged stay in the outbox and go with the next sync, as in the app.
"""

from __future__ import annotations

import json
import re
import time
from collections import deque
from collections.abc import Sequence
from random import Random
from typing import Any
from uuid import uuid4

import gevent
from locust import User, task
from locust.exception import StopUser

from loadprofiles.play.exchange import Exchange
from loadprofiles.play.games import GAMES, Finished, Player, batch_of
from loadprofiles.play.generator import GENERATOR
from loadprofiles.reach.line import Answer, Line
from loadprofiles.record.recorder import REFUSED

SYNC, ME, SIGN_IN = "/api/v1/gameplay/sync", "/api/v1/me", "/api/v1/sign-in"
BOARDS = "/api/v1/leaderboards/{game_type}"
WORKER_SCRIPT = "/sw.js"

MOST_SESSIONS = 100
"""Maximum number of sessions in a batch."""

NEW_TABLETS = 0.1
"""Share of tablets on which the app was never opened; assumed."""

HANGS_UP = 5
"""Every n-th backlog is sent over a connection that drops before the response; assumed. Not random,
so that short runs have some, too."""

SENT_AGAIN = 3
"""Maximum number of sessions in a backlog that were acknowledged before."""

ANSWER_TIMEOUT_S = 20.0
RETRY_S = (1.0, 3.0)
MORE_THAN_ASKED = 0.5
"""Up to this share is added to a Retry-After, at random, as in the app."""

LONGEST_WAIT_S = 300.0
PLAYS_ON_S = 86_400.0
"""Think time of a student who stays offline until the end: longer than any run."""

JSON = {"Content-Type": "application/json"}
ADDRESS = re.compile(r'(?:src|href)="(/[^"]+)"')
PRECACHED = re.compile(r'"url":"([^"]+)"')
"""Files that the service worker loads when it is installed."""

TAKEN = frozenset({"accepted", "duplicate"})
"""Receipts after which the tablet deletes the session from its outbox."""


class Student(User):
    """One child on one tablet."""

    is_stopped = False
    plays_on = False
    """Whether the student stays offline until the end."""

    def __init__(self, environment: Any) -> None:
        super().__init__(environment)
        self.line = Line(self.host or "", timeout_s=ANSWER_TIMEOUT_S)

    def on_start(self) -> None:
        found = GENERATOR.next_student()
        if found is None:
            GENERATOR.fault("more students were started than the roster has")
            raise StopUser
        self.number, self.card = found
        self.random = Random()  # noqa: S311 - need not be secret
        self.player = Player(self.random, games_ahead=GENERATOR.games_ahead)
        self.device_id = str(uuid4())
        self.headers: dict[str, str] = {}
        self.outbox: list[Finished] = []
        self.sent: deque[Finished] = deque(maxlen=SENT_AGAIN)
        self.kept: dict[str, str] = {}
        self.not_before = 0.0
        """Until then (time.monotonic()) the server asked for no request; 0 if it did not."""

        self.is_away = GENERATOR.profile.comes_back_within_s is not None
        self.sign_in()
        self.open_the_app_first()
        self.look_at_home()

    def wait_time(self) -> float:
        if self.plays_on:
            return PLAYS_ON_S
        low, high = GENERATOR.profile.think_s
        return self.random.uniform(low, high)

    def stop(self, force: bool = False) -> bool:
        # A student killed in its think time may still wake up; it must not start a turn then.
        self.is_stopped = True
        return bool(super().stop(force))

    @task
    def turn(self) -> None:
        if self.is_stopped:
            raise StopUser
        if self.is_away:
            self.come_back()
            return
        if self.must_wait():
            self.outbox.append(self.player.finish_a_game())
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
                self.look_at_a_board()
            case "open":
                self.fetch(WORKER_SCRIPT)
                self.look_at_home()
            case "backlog":
                self.fill_the_outbox()
                self.deliver_all()
            case "offline":
                self.outbox.append(self.player.finish_a_game())

    def come_back(self) -> None:
        """Return from a weekend offline: open the app, send the backlog, look, and play on."""
        self.fill_the_outbox()
        GENERATOR.ramp_is_over.wait()
        within = GENERATOR.profile.comes_back_within_s or 0.0
        gevent.sleep(self.random.uniform(0, within))
        self.fetch(WORKER_SCRIPT)
        while self.outbox:
            if not self.deliver_all():
                self.wait_to_retry()
        GENERATOR.notes.count("delivered_backlogs")
        self.look_at_home()
        self.look_at_a_board()
        self.is_away, self.plays_on = False, True

    def sign_in(self) -> None:
        """Retry until it succeeds, since every other request needs the token."""
        card = {"class_code": self.card.class_code, "card_code": self.card.card_code}
        body = json.dumps({**card, "device_id": self.device_id})
        while not self.headers:
            answer = self.ask("POST", SIGN_IN, body)
            if answer is None:
                self.wait_to_retry()
            else:
                self.headers = {"Authorization": f"Bearer {answer['token']}"}

    def must_wait(self) -> bool:
        """Whether the server asked to wait, and the time is not over: the child plays on."""
        return time.monotonic() < self.not_before

    def wait_to_retry(self) -> None:
        """As long as the server asked, if it did."""
        asked = self.not_before - time.monotonic()
        gevent.sleep(asked if asked > 0 else self.random.uniform(*RETRY_S))

    def look_at_home(self) -> None:
        self.ask("GET", ME)

    def look_at_a_board(self) -> None:
        game = self.random.choice(GAMES)
        self.ask("GET", BOARDS.format(game_type=game.game_type), name=BOARDS)

    def open_the_app_first(self) -> None:
        """Load all files on a new tablet. On others the app opens from its cache and only looks for
        an update."""
        if self.random.random() >= NEW_TABLETS:
            self.fetch(WORKER_SCRIPT)
            return
        named = ADDRESS.findall(self.fetch("/"))
        kept = [f"/{path}" for path in PRECACHED.findall(self.fetch(WORKER_SCRIPT))]
        for address in dict.fromkeys([*named, *kept]):
            self.fetch(address, name=f"{address.rpartition('/')[0]}/…")

    def fetch(self, path: str, *, name: str | None = None) -> str:
        """The text of a static file, revalidated by its ETag as in a browser. Empty if it has not
        changed, cannot be loaded, or `name` is given, the name under which it is counted."""
        headers = {"If-None-Match": self.kept[path]} if path in self.kept else {}
        with self.request("GET", path, name=name, headers=headers) as made:
            if made.answer.status == 304 and headers:
                return ""
            if made.answer.status != 200:
                self.refused(made)
                return ""
            if etag := made.answer.header(b"etag"):
                self.kept[path] = etag
            return content_of(made).decode(errors="replace") if name is None else ""

    def ask(
        self, method: str, path: str, body: str = "", *, name: str | None = None
    ) -> dict[str, Any] | None:
        """The JSON document of an API response; None if the request failed."""
        headers = {**self.headers, **JSON} if body else self.headers
        with self.request(method, path, body=body, headers=headers, name=name) as made:
            if made.answer.status == 200:
                return document_of(made)
            self.refused(made)
        return None

    def request(
        self,
        method: str,
        path: str,
        *,
        headers: dict[str, str],
        body: str = "",
        name: str | None = None,
    ) -> Exchange:
        """Make a request, to be judged in a `with` block. It counts as failed if there is no
        response by the end of the run."""
        began, clock = time.time(), time.perf_counter()
        answer, fault = Answer(), ""
        try:
            answer = self.line.ask(method, path, headers, body)
        except OSError as error:
            fault = type(error).__name__
        except (gevent.GreenletExit, Exception) as error:
            is_over = isinstance(error, gevent.GreenletExit)
            why = "no answer until the end of the run" if is_over else type(error).__name__
            what = f"{method} {name or path}"
            ms = (time.perf_counter() - clock) * 1000
            GENERATOR.notes.request(what, ms, f"{what}: {why}", steady=GENERATOR.was_steady(began))
            raise
        return Exchange(
            self.environment.events.request.fire,
            answer,
            fault,
            request_type=method,
            name=name or path,
            response_time=(time.perf_counter() - clock) * 1000,
            start_time=began,
        )

    def refused(self, made: Exchange) -> None:
        """Mark a request as failed, with its reason. After a 401 the student signs in again."""
        status = made.answer.status
        if made.fault:
            return
        wait_s = wait_asked(made.answer)
        if wait_s is not None:
            more = self.random.uniform(1, 1 + MORE_THAN_ASKED)
            self.not_before = time.monotonic() + min(wait_s * more, LONGEST_WAIT_S)
        made.failure(REFUSED if status == 503 and wait_s is not None else f"HTTP {status}")
        if status == 401:
            self.headers = {}

    def fill_the_outbox(self) -> None:
        """Add a backlog of games that were played offline."""
        games = self.random.randint(*GENERATOR.profile.backlog)
        self.outbox.extend(self.player.finish_a_game() for _ in range(games))

    def deliver_all(self) -> bool:
        """Send the whole outbox, with some sessions that were sent before; returns whether it is
        empty."""
        again = [self.sent.popleft() for _ in range(self.random.randint(0, len(self.sent)))]
        GENERATOR.notes.count("duplicates_sent", len(again))
        if next(GENERATOR.backlogs) % HANGS_UP == 0:
            self.hang_up_after_sending()
        while self.deliver(again):
            if not self.outbox:
                return True
            again = []
        return False

    def deliver(self, again: Sequence[Finished] = ()) -> bool:
        """Send a batch of the outbox, after the sessions `again`. Sessions with a receipt leave the
        outbox; returns whether any did."""
        new = self.outbox[: MOST_SESSIONS - len(again)]
        batch = [*again, *new]
        pending = len(self.outbox) - len(new)
        oldest = self.outbox[-1].ended_at if pending else None
        body = batch_of(batch, self.device_id, pending=pending, oldest=oldest)
        with self.request("POST", SYNC, body=body, headers={**self.headers, **JSON}) as made:
            if made.answer.status != 202:
                self.refused(made)
                return False
            document = document_of(made)
            if document is None:
                return False
            receipts, fault = receipts_of(batch, document)
            if fault:
                made.failure(fault)
        done = [one for one in new if receipts.get(one.session_id) in TAKEN]
        GENERATOR.ledger.add(self.number, (one.session_id for one in done))
        GENERATOR.notes.count("sessions_sent", len(done))
        refused = sum(status not in TAKEN for status in receipts.values())
        GENERATOR.notes.count("sessions_refused", refused)
        self.sent.extend(done[:SENT_AGAIN])
        # A refused session leaves the outbox as well, as in the app.
        left = [one for one in self.outbox if one.session_id not in receipts]
        moved, self.outbox = len(left) < len(self.outbox), left
        return moved

    def hang_up_after_sending(self) -> None:
        """Send a batch and close the connection before the response."""
        batch = self.outbox[:MOST_SESSIONS]
        body = batch_of(batch, self.device_id)
        try:
            Line(self.host or "", timeout_s=ANSWER_TIMEOUT_S).send(
                "POST", SYNC, {**self.headers, **JSON}, body
            )
        except OSError:
            return
        GENERATOR.notes.count("dropped_connections")
        GENERATOR.notes.count("duplicates_sent", len(batch))
        gevent.sleep(self.random.uniform(0, RETRY_S[0]))


def wait_asked(answer: Answer) -> float | None:
    """The seconds of Retry-After; None without them."""
    asked = answer.header(b"retry-after")
    return float(asked) if asked.isdecimal() else None


def content_of(made: Exchange) -> bytes:
    """The body; if it cannot be decompressed, empty, and the request has failed."""
    try:
        return made.answer.body()
    except ValueError as error:
        made.failure(str(error))
        return b""


def document_of(made: Exchange) -> dict[str, Any] | None:
    """The JSON object of a response; None if it is none, and the request has failed."""
    try:
        found = json.loads(made.answer.body())
    except (ValueError, RecursionError):
        found = None
    if isinstance(found, dict):
        return found
    made.failure("no JSON document")
    return None


def receipts_of(batch: Sequence[Finished], document: dict[str, Any]) -> tuple[dict[str, str], str]:
    """(status by id of the sessions in `batch`, what is wrong with the receipts, or "")."""
    try:
        received = [(str(one["session_id"]), str(one["status"])) for one in document["receipts"]]
    except (KeyError, TypeError):
        return {}, "no receipts"
    sent = {one.session_id for one in batch}
    receipts = {one: status for one, status in received if one in sent}
    if refused := sorted({status for _, status in received} - TAKEN):
        return receipts, f"receipts: {', '.join(refused)}"
    if len(received) != len(batch) or len(receipts) != len(sent):
        return receipts, "receipts: not one a session"
    return receipts, ""
