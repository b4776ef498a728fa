"""Simulated tablets: each keeps every game until its own receipt, and sends again whatever goes
wrong, as the PWA's outbox does. Some break the connection before the answer, some send once more
what was acknowledged long ago. All that they do and are told goes into a history."""

from __future__ import annotations

import http.client
import itertools
import json
import tempfile
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import rfc8785

from tests.acceptance.chaos.history import SIGN_IN, Broke, History, Offered, Session
from tests.acceptance.installation import Installation, wait_until

TABLETS, STUDENTS = 50, 40
"""Some children have two tablets."""

BATCH = 20
THINK_S = (0.2, 0.6)
LONGEST_WAIT_S = 1.0
REQUEST_TIMEOUT_S = 10.0

BREAKS_OFF, SENDS_AGAIN, SIGNS_IN_AGAIN, LOOKS = 0.05, 0.1, 0.02, 0.05

SYNC, OFFER, ME = "/api/v1/gameplay/sync", "/api/v1/gameplay/offer", "/api/v1/me"
MOST_OFFERED = 1000

OF_A_PROXY, PROBLEM = (502, 503, 504), "application/problem+json"
"""What a proxy says by itself is no answer, as for a real tablet."""

DAYS, SLOT_MINUTES = 30, 10
FIRST_DAY = datetime.now(UTC).replace(hour=2, minute=0, second=0, microsecond=0) - timedelta(
    days=DAYS + 1
)


WRONG_CLOCKS_S = (-60, -20, 0, 20, 60)
"""By how much a tablet's clock may be ahead: so little that no two rounds of a child overlap even
where the clock was set between a round and its sync, which corrects it by a wrong amount then."""


def finished_game(random: Random, slot: int, clock_s: float = 0) -> Session:
    """A plausible round; rounds of different slots never overlap, and none ends near midnight,
    where a late delivery could move it to another day. The tablet's clock is ahead by `clock_s`."""
    started = FIRST_DAY + timedelta(
        days=slot % DAYS,
        minutes=SLOT_MINUTES * (slot // DAYS),
        seconds=random.randrange(60) + clock_s,
    )
    duration = random.randrange(60, 121)
    return {
        "session_id": str(UUID(int=random.getrandbits(128), version=4)),
        "game_type": "cyber_runner",
        "game_version": "1",
        "started_at": _written(started),
        "ended_at": _written(started + timedelta(seconds=duration + 3)),
        "utc_offset_minutes": 0,
        "score": random.randrange(0, 4 * duration),
        "duration": duration,
        "accuracy": round(random.random(), 3),
        "completed": random.random() < 0.9,
        "metadata": {"difficulty": random.randrange(1, 6), "seed": random.randrange(1000)},
    }


def _written(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass(frozen=True, kw_only=True)
class Reply:
    """`status` is 0, and `why` is said, where there was no answer or nobody waited for it."""

    status: int
    document: Any = None
    retry_after: bool = False
    why: str = ""


@dataclass(frozen=True, kw_only=True)
class Held:
    """A game that was acknowledged, in this epoch of the server, at this time of its clock."""

    session: Session
    epoch: str
    answered_at: datetime


class Tablet(threading.Thread):
    """One device of one child, until it is told that the child was erased.

    It holds what was acknowledged until the server says that a backup has it, and offers it again
    when the server is in another epoch.
    """

    def __init__(
        self,
        system: Installation,
        history: History,
        card: dict[str, Any],
        *,
        random: Random,
        slots: Iterator[int],
        playing: threading.Event,
        ended: threading.Event,
    ) -> None:
        super().__init__(daemon=True)
        self.system, self._history, self.card = system, history, card
        self.student = int(card["id"])
        self._random, self._slots = random, slots
        self._playing, self._ended = playing, ended
        self._epoch = ""
        self._device_id = str(UUID(int=random.getrandbits(128), version=4))
        self.clock_s = 0
        self._token = ""
        self._is_forgotten = False
        self._held: dict[str, Held] = {}
        self._offers = False
        self._connection: http.client.HTTPConnection | None = None
        self.outbox: list[Session] = []

    def run(self) -> None:
        try:
            while not self._ended.is_set() and not self._is_forgotten:
                self._turn()
        except BaseException as fault:  # noqa: BLE001 - told at the end
            self._history.add(Broke, why=f"{fault!r}")
        finally:
            self._hang_up()

    def ask_epoch(self) -> None:
        """As a page does that is opened: ask at once, though there may be nothing to send."""
        self._offers = True

    @property
    def is_done(self) -> bool:
        return not self.is_alive() or not (self.outbox or self._offers)

    def _turn(self) -> None:
        random = self._random
        if self._playing.is_set() and len(self.outbox) < BATCH:  # nobody plays on and on in vain
            for _ in range(random.choice((0, 1, 1, 2))):
                game = finished_game(random, next(self._slots), self.clock_s)
                self.outbox.append(game)
                self._history.plays(self.student, game)
        well = self._sign_in() if not self._token else True
        if well and self._playing.is_set() and random.random() < SIGNS_IN_AGAIN:
            well = self._sign_in()
        if well and random.random() < LOOKS:
            well = self._look()
        if well and self._offers:
            well = self._offer()
        again = bool(self._held) and random.random() < SENDS_AGAIN
        if well and (self.outbox or again):
            well = self._send(again)
        self._ended.wait(random.uniform(*THINK_S) if well else random.uniform(0, LONGEST_WAIT_S))

    def _sign_in(self) -> bool:
        card = {
            "class_code": self.card["class_code"],
            "card_code": self.card["card_code"],
            "device_id": self._device_id,
        }
        reply = self._hear("POST", SIGN_IN, card)
        if reply.status == 200:
            self._token = reply.document["token"]
        if reply.status == 401:
            self._is_forgotten = True  # its card is no card any more
        return reply.status == 200

    def _look(self) -> bool:
        return self._hear("GET", ME).status == 200

    def _hear(self, method: str, path: str, body: Any = None) -> Reply:
        begun = self._history.now()
        reply = self._ask(method, path, body)
        if not reply.status:
            self._history.misses(reply.why)
            return reply
        shown = reply.document if path == ME and reply.status == 200 else None
        self._history.hears(
            begun=begun,
            student=self.student,
            device=self._device_id,
            path=path,
            status=reply.status,
            retry_after=reply.retry_after,
            progress=shown and (shown["xp"], shown["sessions"]["processed"]),
        )
        self._obey(reply)
        return reply

    def _obey(self, reply: Reply) -> None:
        if reply.status == 401:
            self._token = ""
        if reply.status == 410:
            self._is_forgotten = True

    def _send(self, again: bool) -> bool:
        batch = self.outbox[: self._random.randrange(1, BATCH)]
        if again:
            held = self._random.choices([*self._held.values()], k=2)
            batch = [*batch, *(one.session for one in held)]
            self._random.shuffle(batch)
        body = {
            "device_id": self._device_id,
            "sent_at": _written(datetime.now(UTC) + timedelta(seconds=self.clock_s)),
            "outbox": {"pending": len(self.outbox), "oldest": None},
            "sessions": batch,
        }
        breaks_off = self._random.random() < BREAKS_OFF
        ids = [session["session_id"] for session in batch]
        request = self._history.sends(self.student, self._device_id, ids)
        reply = self._ask("POST", SYNC, body, breaks_off=breaks_off)
        if not reply.status:
            self._history.gives_up(request, reply.why)
            return False
        receipts = (
            [(one["session_id"], one["status"]) for one in reply.document["receipts"]]
            if reply.status == 202
            else []
        )
        self._history.is_told(
            request, reply.status, retry_after=reply.retry_after, receipts=receipts
        )
        self._obey(reply)
        if reply.status != 202:
            return False
        done = {one for one, status in receipts if status in ("accepted", "duplicate")}
        self.outbox = [s for s in self.outbox if s["session_id"] not in done]
        self._hold([s for s in batch if s["session_id"] in done], reply.document)
        return True

    def _offer(self) -> bool:
        """What was acknowledged in other epochs than the server's; if that is unknown, nothing."""
        offered = {
            session_id: one.session
            for session_id, one in self._held.items()
            if self._epoch and one.epoch != self._epoch
        }
        offered = dict(itertools.islice(offered.items(), MOST_OFFERED))
        begun = self._history.now()
        said = [
            {"session_id": one, "hash": sha256(rfc8785.dumps(session)).hexdigest()}
            for one, session in offered.items()
        ]
        reply = self._hear("POST", OFFER, {"device_id": self._device_id, "offered": said})
        if reply.status != 200:
            return False
        lacking = reply.document["lacking"]
        stored = [one for one in offered if one not in lacking]
        self._history.add(
            Offered, begun=begun, student=self.student, stored=stored, lacking=lacking
        )
        self._offers = False
        self.outbox += [self._held.pop(one).session for one in lacking]
        self._hold([offered[one] for one in stored], reply.document)
        return True

    def _hold(self, sessions: Iterable[Session], answer: dict[str, Any]) -> None:
        """Hold these, which this answer acknowledged, and let go what a backup has."""
        self._epoch = answer["epoch"]
        answered_at = datetime.fromisoformat(answer["answered_at"])
        for session in sessions:
            self._held[session["session_id"]] = Held(
                session=session, epoch=self._epoch, answered_at=answered_at
            )
        if answer.get("safe_before"):
            safe = datetime.fromisoformat(answer["safe_before"])
            self._held = {
                one: held
                for one, held in self._held.items()
                if held.epoch != self._epoch or held.answered_at >= safe
            }
        if any(held.epoch != self._epoch for held in self._held.values()):
            self._offers = True

    def _ask(self, method: str, path: str, body: Any, *, breaks_off: bool = False) -> Reply:
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {self._token}"}
        text = None if body is None else json.dumps(body)
        try:
            if self._connection is None:
                self._connection = self.system.connect(REQUEST_TIMEOUT_S)
            self._connection.request(method, path, text, headers)
            if breaks_off:
                self._hang_up()
                return Reply(status=0, why="broken off")
            answer = self._connection.getresponse()
            said = answer.read()
        except (OSError, http.client.HTTPException) as error:
            self._hang_up()
            return Reply(status=0, why=type(error).__name__)
        if answer.status in OF_A_PROXY and answer.headers["Content-Type"] != PROBLEM:
            return Reply(status=0, why=f"{answer.status} of a proxy")
        retry_after = bool(answer.headers["Retry-After"])
        return Reply(status=answer.status, document=json.loads(said), retry_after=retry_after)

    def _hang_up(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


class Fleet:
    """The tablets of a class, playing from `start` on until `hand_in`."""

    def __init__(self, system: Installation, seed: int, *, tablets: int = TABLETS) -> None:
        self.system, self.history = system, History()
        self._playing, self._ended = threading.Event(), threading.Event()
        # A load class: what its students play lies in weeks that they were not here.
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "roster.json"
            system.json("loadtest", "roster", str(file), "--students", str(STUDENTS))
            made = json.loads(file.read_text())["classes"]
        cards = [
            {**card, "class_code": one["class"]["code"]} for one in made for card in one["students"]
        ]
        slots = {card["id"]: itertools.count() for card in cards}
        self.tablets = [
            Tablet(
                system,
                self.history,
                card,
                random=Random(f"{seed} {number}"),
                slots=slots[card["id"]],
                playing=self._playing,
                ended=self._ended,
            )
            for number, card in enumerate(itertools.islice(itertools.cycle(cards), tablets))
        ]

    def start(self) -> None:
        self._playing.set()
        for tablet in self.tablets:
            tablet.start()

    def hand_in(self, patience_s: float = 60.0) -> None:
        """`rest`, for good."""
        self.rest(patience_s)
        self.end()

    def rest(self, patience_s: float = 60.0) -> None:
        """No new games; returns when every tablet has been told that all of its games are
        stored."""
        self._playing.clear()
        wait_until(
            lambda: all(tablet.is_done for tablet in self.tablets),
            "every outbox is empty",
            patience_s,
        )

    def play_on(self) -> None:
        self._playing.set()

    def ask_epoch(self) -> None:
        """After a restore, have every tablet learn of it soon."""
        for tablet in self.tablets:
            tablet.ask_epoch()

    def a_card(self) -> dict[str, Any]:
        """Of a child who is there."""
        return next(tablet.card for tablet in self.tablets if tablet.is_alive())

    def move_to(self, system: Installation) -> None:
        """While nothing is in its outboxes."""
        self.system = system
        for tablet in self.tablets:
            tablet.system = system

    def end(self) -> None:
        self._ended.set()
        for tablet in self.tablets:
            tablet.join(REQUEST_TIMEOUT_S + LONGEST_WAIT_S)
