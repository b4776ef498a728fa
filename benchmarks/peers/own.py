"""NeuroPlay as a side: `neuroplay serve`, all of whose programs run while it is asked."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from uuid import uuid4

from benchmarks.groups.sync import session
from benchmarks.harness import closed_loop
from benchmarks.harness.system import System
from benchmarks.peers.side import LEARNERS, TOGETHER, Kind, Work

MOST_A_SECOND = {Kind.ONE: 200, Kind.STARTED: 200, Kind.TOGETHER: 60, Kind.PAGE: 500}
"""Requests of a connection that are prepared for each second: more than it can send."""

SIGN_INS_A_SECOND = 400
SYNC = "/api/v1/gameplay/sync"

Card = tuple[str, str]
"""Class code and card code."""

Child = tuple[str, str]
"""Token and device of a signed-in child."""


class Own:
    name = "NeuroPlay"

    def __init__(self, system: System) -> None:
        self._system = system
        self._children: list[Child] = []
        self._cards: list[Card] = []
        """Of others, who sign in: nobody can be signed in on any number of devices."""

        self._next = 0
        """The next session's number: a child plays no two at once."""

    @property
    def port(self) -> int:
        return self._system.port

    def start(self) -> float:
        taken = self._system.start()
        self._system.wait_until_complete()
        return taken

    def stop(self) -> float:
        return self._system.stop()

    def prepare(self) -> None:
        self._children = [
            (one["token"], one["device_id"]) for one in self._system.students(LEARNERS)
        ]
        self._cards = self._system.cards(LEARNERS)

    def pids(self) -> Sequence[int]:
        return [one.pid for one in self._system.processes()]

    def work(self, kind: Kind, seconds: float) -> Work:
        match kind:
            case Kind.SIGN_IN | Kind.OPEN_SIGN_IN:
                asked = int(seconds * SIGN_INS_A_SECOND) + 1
                return Work(make=sign_ins, arguments=(self._cards, asked), status=200)
            case Kind.PAGE:
                asked = int(seconds * MOST_A_SECOND[kind]) + 1
                return Work(make=pages, arguments=(self._children, asked), status=200)
            case _:
                together = TOGETHER if kind is Kind.TOGETHER else 1
                asked = int(seconds * MOST_A_SECOND[kind]) + 1
                first, self._next = self._next, self._next + asked * together
                return Work(
                    make=syncs,
                    arguments=(self._children, first, asked, together),
                    status=202,
                    each=together,
                )

    def stored(self) -> int:
        while (status := self._system.command("sync", "status"))["pending"]:
            time.sleep(0.05)
        return int(status["processed"])


@contextmanager
def opened() -> Iterator[Own]:
    with System.temporary() as system:
        # A child would come to it after a month's games, which here take two seconds.
        system.environment["NEUROPLAY_SYNC_BURST"] = "0"
        yield Own(system)


def sign_ins(cards: Sequence[Card], asked: int) -> list[list[bytes]]:
    """Each on a device of its own."""
    return [
        [
            closed_loop.request(
                "/api/v1/sign-in",
                json.dumps(
                    {"class_code": code, "card_code": card, "device_id": str(uuid4())}
                ).encode(),
            )
            for _ in range(asked)
        ]
        for code, card in cards
    ]


def pages(children: Sequence[Child], asked: int) -> list[list[bytes]]:
    return [[closed_loop.get("/api/v1/me", token=token)] * asked for token, _ in children]


def syncs(children: Sequence[Child], first: int, asked: int, together: int) -> list[list[bytes]]:
    """Sessions from number `first` on, `together` in a request."""
    sent = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    return [
        [
            closed_loop.request(
                SYNC,
                json.dumps(
                    {
                        "device_id": device,
                        "sent_at": sent,
                        "sessions": [
                            session(first + number * together + place) for place in range(together)
                        ],
                    }
                ).encode(),
                token=token,
            )
            for number in range(asked)
        ]
        for token, device in children
    ]
