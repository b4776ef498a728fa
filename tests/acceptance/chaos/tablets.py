"""Simulated tablets: each keeps every game until its own receipt, and sends again whatever goes
wrong, as the PWA's outbox does. Some break the connection before the answer, some send once more
what was acknowledged long ago."""

from __future__ import annotations

import http.client
import itertools
import json
import tempfile
import threading
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

from tests.acceptance.chaos.ledger import Ledger
from tests.acceptance.installation import Installation, Session, wait_until

TABLETS, STUDENTS = 50, 40
"""Some children have two tablets."""

BATCH = 20
THINK_S = (0.2, 0.6)
LONGEST_WAIT_S = 1.0
REQUEST_TIMEOUT_S = 10.0

BREAKS_OFF, SENDS_AGAIN, SIGNS_IN_AGAIN = 0.05, 0.1, 0.02

DAYS, SLOT_MINUTES = 30, 10
FIRST_DAY = datetime.now(UTC).replace(hour=2, minute=0, second=0, microsecond=0) - timedelta(
    days=DAYS + 1
)


def finished_game(random: Random, slot: int) -> Session:
    """A plausible round; rounds of different slots never overlap, and none ends near midnight,
    where a late delivery could move it to another day."""
    started = FIRST_DAY + timedelta(
        days=slot % DAYS, minutes=SLOT_MINUTES * (slot // DAYS), seconds=random.randrange(60)
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


class Tablet(threading.Thread):
    """One device of one child."""

    def __init__(
        self,
        system: Installation,
        ledger: Ledger,
        card: dict[str, Any],
        *,
        random: Random,
        slots: Iterator[int],
        playing: threading.Event,
        ended: threading.Event,
    ) -> None:
        super().__init__(daemon=True)
        self._system, self._ledger, self._card = system, ledger, card
        self._random, self._slots = random, slots
        self._playing, self._ended = playing, ended
        self._device_id = str(UUID(int=random.getrandbits(128), version=4))
        self._token = ""
        self._connection: http.client.HTTPConnection | None = None
        self.outbox: list[Session] = []
        self.sent: list[Session] = []
        self.fault: BaseException | None = None

    def run(self) -> None:
        try:
            while not self._ended.is_set():
                self._turn()
        except BaseException as fault:  # noqa: BLE001 - told at the end
            self.fault = fault
            self._ledger.complains(f"a tablet broke: {fault!r}")
        finally:
            self._hang_up()

    def _turn(self) -> None:
        random = self._random
        if self._playing.is_set():
            for _ in range(random.choice((0, 1, 1, 2))):
                game = finished_game(random, next(self._slots))
                self.outbox.append(game)
                self._ledger.plays(self._card["id"], game)
        well = self._sign_in() if not self._token else True
        if well and self._playing.is_set() and random.random() < SIGNS_IN_AGAIN:
            well = self._sign_in()
        again = bool(self.sent) and random.random() < SENDS_AGAIN
        if well and (self.outbox or again):
            well = self._send(again)
        self._ended.wait(random.uniform(*THINK_S) if well else random.uniform(0, LONGEST_WAIT_S))

    def _sign_in(self) -> bool:
        card = {
            "class_code": self._card["class_code"],
            "card_code": self._card["card_code"],
            "device_id": self._device_id,
        }
        status, answer = self._ask("POST", "/api/v1/sign-in", card)
        if status == 200:
            self._token = answer["token"]
        return status == 200

    def _send(self, again: bool) -> bool:
        batch = self.outbox[: self._random.randrange(1, BATCH)]
        if again:
            batch = [*batch, *self._random.choices(self.sent, k=2)]
            self._random.shuffle(batch)
        body = {
            "device_id": self._device_id,
            "sent_at": _written(datetime.now(UTC)),
            "outbox": {"pending": len(self.outbox), "oldest": None},
            "sessions": batch,
        }
        breaks_off = self._random.random() < BREAKS_OFF
        path = "/api/v1/gameplay/sync"
        status, answer = self._ask("POST", path, body, breaks_off=breaks_off)
        if status != 202:
            return False
        self._take(batch, answer["receipts"])
        return True

    def _take(self, batch: Sequence[Session], receipts: Sequence[dict[str, Any]]) -> None:
        done = set()
        for session, receipt in zip(batch, receipts, strict=True):
            if receipt["status"] in ("accepted", "duplicate"):
                done.add(session["session_id"])
            else:
                self._ledger.complains(f"an honest game was refused: {receipt}")
            assert receipt["session_id"] == session["session_id"]
        self._ledger.acknowledges(done)
        self.sent += [s for s in self.outbox if s["session_id"] in done]
        self.outbox = [s for s in self.outbox if s["session_id"] not in done]

    def _ask(
        self, method: str, path: str, body: Any, *, breaks_off: bool = False
    ) -> tuple[int, Any]:
        """(status, document); 0 where there was no answer, or nobody waited for it."""
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {self._token}"}
        try:
            if self._connection is None:
                self._connection = self._system.connect(REQUEST_TIMEOUT_S)
            self._connection.request(method, path, json.dumps(body), headers)
            if breaks_off:
                self._hang_up()
                self._ledger.hears("broken off")
                return 0, None
            answer = self._connection.getresponse()
            text = answer.read()
        except (OSError, http.client.HTTPException) as error:
            self._hang_up()
            self._ledger.hears(type(error).__name__)
            return 0, None
        self._ledger.hears(str(answer.status))
        if answer.status == 503 and not answer.headers["Retry-After"]:
            self._ledger.complains(f"503 without Retry-After at {path}")
        if answer.status not in (200, 202, 503):
            self._ledger.complains(f"{answer.status} at {path}: {text[:200]!r}")
        return answer.status, json.loads(text)

    def _hang_up(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


class Fleet:
    """The tablets of a class, playing from `start` on until `hand_in`."""

    def __init__(self, system: Installation, seed: int, *, tablets: int = TABLETS) -> None:
        self.system, self.ledger = system, Ledger()
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
        self.cards = cards
        self.tablets = [
            Tablet(
                system,
                self.ledger,
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
        """No new games; returns when every tablet has been told that all of its games are
        stored."""
        self._playing.clear()
        wait_until(
            lambda: all(not t.outbox or not t.is_alive() for t in self.tablets),
            "every outbox is empty",
            patience_s,
        )
        self.end()

    def send_again(self, system: Installation, session_ids: Iterable[str]) -> None:
        """Have a device of each child send these games, to a system that may be another one."""
        wanted: dict[int, list[Session]] = {}
        for session_id in session_ids:
            student_id, game = self.ledger.played[session_id]
            wanted.setdefault(student_id, []).append(game)
        for card in self.cards:
            games = wanted.get(card["id"], [])
            player = system.sign_in(card["class_code"], card["card_code"])
            for first in range(0, len(games), BATCH):
                statuses = player.send(games[first : first + BATCH])
                assert {*statuses} <= {"accepted", "duplicate"}, statuses

    def end(self) -> None:
        self._ended.set()
        for tablet in self.tablets:
            tablet.join(REQUEST_TIMEOUT_S + LONGEST_WAIT_S)
