"""After a run: wait for the queue to drain, then compare the ledger with what is stored."""

from __future__ import annotations

import time
from typing import Any
from uuid import uuid4

import gevent
from gevent.pool import Pool

from loadprofiles.judge.findings import Findings, examine
from loadprofiles.judge.run import READERS, Run
from loadprofiles.play.roster import Card

PAGE = 200
DRAIN_PATIENCE_S = 300.0

AWAY_PATIENCE_S = 30.0
"""For a server that does not respond at all when the run stops."""


def settle(run: Run) -> None:
    """Wait until nothing is pending, then compare the ledger with what is stored."""
    _wait_for_an_answer(run)
    _drain(run)
    run.watch_no_more()
    _examine(run)


def _wait_for_an_answer(run: Run) -> None:
    """Wait until the server responds: the run may end while it is being restarted."""
    deadline = time.monotonic() + AWAY_PATIENCE_S
    while time.monotonic() < deadline:
        try:
            run.server.ask("GET", "/metrics")
        except OSError:
            run.tell({"phase": "away", "t": run.now})
            gevent.sleep(0.5)
        else:
            return


def _drain(run: Run) -> None:
    deadline = time.monotonic() + DRAIN_PATIENCE_S
    while time.monotonic() < deadline:
        sample = run.look()
        if sample is None or sample.queue is None:
            return  # without figures of the queue, the students' sessions will show it
        if sample.queue == 0:
            return
        run.tell({"phase": "draining", "queue": sample.queue, "t": run.now})
        gevent.sleep(0.5)
    run.drain_failed = True


def _examine(run: Run) -> None:
    students = run.ledger.students()
    deadline = time.monotonic() + DRAIN_PATIENCE_S
    looked = Pool(READERS).imap_unordered(lambda one: _examine_one(run, one, deadline), students)
    for done, _ in enumerate(looked, start=1):
        if done % 50 == 0 or done == len(students):
            run.tell({"phase": "ledger", "done": done, "students": len(students), "t": run.now})


def _examine_one(run: Run, student: int, deadline: float) -> None:
    """Read a student's sessions; again if some are pending or do not match, since the pages are not
    a consistent snapshot."""
    tries, device_id = 0, str(uuid4())
    while True:
        found = Findings()
        try:
            progress, sessions = _read(run, run.cards[student], device_id)
        except (OSError, KeyError, TypeError) as error:
            found.unread = 1
            found.wrong(f"student {student}: {error}")
        else:
            examine(found, student, run.ledger.of(student), progress, sessions)
        tries += 1
        patient = time.monotonic() < deadline and (found.waiting or tries < 3)
        if not patient or not (found.waiting or found.lost or found.counted_twice or found.unread):
            break
        gevent.sleep(0.5)
    run.findings.add(found)


def _read(run: Run, card: Card, device_id: str) -> tuple[Any, list[Any]]:
    """(GET /me, every page of GET /me/sessions) of one student."""
    signed_in = run.server.document(
        "POST", "/api/v1/sign-in", body={**card._asdict(), "device_id": device_id}
    )
    token, sessions, cursor = signed_in["token"], [], None
    led_to: set[str] = set()
    while True:
        after = f"&cursor={cursor}" if cursor else ""
        page = run.server.document("GET", f"/api/v1/me/sessions?limit={PAGE}{after}", token=token)
        sessions.extend(page["sessions"])
        cursor = page["next"]
        if cursor is None:
            break
        if cursor in led_to or not page["sessions"]:
            raise OSError("GET /api/v1/me/sessions leads from page to page without an end")
        led_to.add(cursor)
    return run.server.document("GET", "/api/v1/me", token=token), sessions
