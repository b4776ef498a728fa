"""A whole run against a fake server, which may give wrong answers."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadprofiles.judge import settling
from loadprofiles.judge.findings import ACHIEVEMENT_XP
from loadprofiles.judge.outcome import drained_s, result_of
from loadprofiles.judge.run import Run
from loadprofiles.judge.settling import settle
from loadprofiles.play.roster import Card
from loadprofiles.profiles import PROFILES, Profile
from loadprofiles.record.ledger import Ledger
from loadprofiles.record.recorder import Notes
from loadprofiles.record.samples import Sample

STUDENTS, GAMES = 20, 50
RAMP_S, STOP_S = 20.0, 120.0
METRICS = (
    "neuroplay_host_cpu_ratio 0.4\nneuroplay_host_memory_ratio 0.3\n"
    'neuroplay_queue_size{queue_name="sync_inbox"} 0\n'
)


class FakeServer:
    """What a server answers the one who judges: each student's games, as they were stored."""

    def __init__(self) -> None:
        self.rows: dict[str, list[dict[str, Any]]] = {}
        self.asked: Counter[str] = Counter()
        self.refuses: dict[str, int] = {}
        self.away = 0
        """How many more questions find nobody."""

    def store(self, card: str, ids: list[str]) -> None:
        self.rows[card] = [
            {
                "session_id": one,
                "state": "processed",
                "verdict": "plausible",
                "game_type": "cyber_runner",
                "score": 100,
                "xp_gained": 150,
                "ended_at": None,
            }
            for one in ids
        ]

    def ask(self, method: str, path: str, **_: Any) -> tuple[int, bytes]:
        assert (method, path) == ("GET", "/metrics")
        if self.away:
            self.away -= 1
            raise ConnectionRefusedError
        return self.refuses.get(path, 200), METRICS.encode()

    def document(self, method: str, path: str, *, token: str = "", body: Any = None) -> Any:
        if self.away:
            self.away -= 1
            raise ConnectionRefusedError
        where, _, query = path.partition("?")
        self.asked[where] += 1
        if self.refuses.get(where, 0) > 0:
            self.refuses[where] -= 1
            raise OSError(f"{method} {where} answered HTTP 503")
        if where == "/api/v1/sign-in":
            return {"token": body["card_code"]}
        if where == "/api/v1/me/sessions":
            cursor = dict(part.split("=") for part in query.split("&")).get("cursor", "0")
            rows = self.rows[token][int(cursor) : int(cursor) + 20]
            after = int(cursor) + 20
            return {
                "sessions": rows,
                "next": str(after) if after < len(self.rows[token]) else None,
            }
        assert where == "/api/v1/me"
        done = [row for row in self.rows[token] if row["state"] == "processed"]
        return {
            "xp": 150 * len(done) + ACHIEVEMENT_XP,
            "achievements": [{"id": "first_game"}],
            "games": [{"game_type": "cyber_runner", "plays": len(done)}],
            "sessions": {"processed": len(done), "pending": 0, "held": 0},
        }


def session_ids(student: int) -> list[str]:
    return [str(UUID(int=student * 1000 + number + 1, version=4)) for number in range(GAMES)]


def report(
    *,
    requests: int = 110_000,
    ms: Callable[[int], float] = lambda _: 3.0,
    failed: Callable[[int], bool] = lambda _: False,
    cpu_s: float = 60.0,
    late_ms: float = 1.0,
    games: bool = True,
    beside: bool = False,
) -> dict[str, Any]:
    """What a generator process noted of the steady time; each request stands for a hundred."""
    notes, ledger = Notes(), Ledger()
    for number in range(requests // 100):
        notes.request("POST /sync", ms(number), "HTTP 500" if failed(number) else None, steady=True)
    for name in ("requests", "failures", "steady_requests", "steady_failures"):
        notes.counts[name] *= 100
    for _ in range(100):
        notes.lateness.add(late_ms)
    notes.cpu_s, notes.wall_s = cpu_s, 100.0
    if games:
        for student in range(STUDENTS):
            ledger.add(student, session_ids(student))
    return {
        "notes": notes.to_wire(),
        "ledger": ledger.take(),
        "beside": beside,
        "memory": 1,
        "plays": True,
        "is_over": True,
    }


class Played:
    """A run that was played, and is still to be settled and judged."""

    def __init__(self, *, profile: Profile = PROFILES["spike"], judged: str = "all") -> None:
        self.server = FakeServer()
        self.said: list[dict[str, Any]] = []
        self.run = Run(
            profile=profile,
            users=STUDENTS,
            run_time_s=STOP_S,
            host="http://127.0.0.1:9",
            cards=[Card("A1B2C", str(number)) for number in range(STUDENTS)],
            judged=judged,
            tell=self.said.append,
            user_count=lambda: STUDENTS,
        )
        self.run.server = self.server  # type: ignore[assignment]
        for student in range(STUDENTS):
            self.server.store(str(student), session_ids(student))
        self.run.ramp_ended = RAMP_S
        self.run.most_users = STUDENTS

    def hear(self, name: str = "this", **noted: Any) -> Played:
        self.run.hear(name, report(**noted))
        return self

    def looked(self, moments: range = range(1, 120, 2), **changes: Any) -> Played:
        for at in moments:
            values: dict[str, Any] = {"cpu": 0.4, "memory": 0.3, "queue": 90.0, **changes}
            self.run.samples.append(Sample(at=float(at), **values))
        return self

    def judged(self) -> dict[str, Any]:
        self.run.stopped = STOP_S
        settle(self.run)
        document = result_of(self.run)
        assert json.loads(json.dumps(document)) == document
        return document


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is wrong here stays wrong, so that nobody has to wait; and nothing goes on beside."""
    monkeypatch.setattr(settling, "DRAIN_PATIENCE_S", 0.05)
    monkeypatch.setattr(settling, "AWAY_PATIENCE_S", 0.2)
    monkeypatch.setattr("gevent.sleep", lambda *_: None)
    monkeypatch.setattr("gevent.spawn", lambda *_: None)


def reasons_of(found: dict[str, Any]) -> str:
    assert found["verdict"] in ("fail", "void")
    assert found["reasons"]
    return " | ".join(found["reasons"])


def test_a_good_run_passes() -> None:
    found = Played().hear().looked().judged()
    assert (found["verdict"], found["reasons"]) == ("pass", [])
    assert found["sessions"]["acknowledged"] == found["sessions"]["stored"] == STUDENTS * GAMES
    assert found["figures"]["rps"] == 1100
    assert {row["status"] for row in found["thresholds"]} == {"ok"}


def test_a_server_that_drops_one_session_in_a_thousand_fails() -> None:
    played = Played().hear().looked()
    dropped = played.server.rows["7"].pop(13)["session_id"]
    found = played.judged()
    assert found["verdict"] == "fail"
    assert found["sessions"] | {"lost": 1, "stored": 999} == found["sessions"]
    assert f"student 7: {dropped} was acknowledged and is not stored" in found["reasons"]


def test_a_server_that_stores_one_session_twice_fails() -> None:
    played = Played().hear().looked()
    played.server.rows["7"].append(played.server.rows["7"][0])
    found = played.judged()
    assert (found["verdict"], found["sessions"]["counted_twice"]) == ("fail", 1)


@pytest.mark.parametrize("state", ["failed", "invalid"])
def test_a_server_that_takes_games_and_never_counts_them_fails(state: str) -> None:
    played = Played().hear().looked()
    for rows in played.server.rows.values():
        for row in rows:
            row.update(state=state, xp_gained=None)
    found = played.judged()
    assert (found["verdict"], found["sessions"]["lost"]) == ("fail", STUDENTS * GAMES)


def test_a_server_that_holds_fair_games_fails() -> None:
    played = Played().hear().looked()
    for row in played.server.rows["7"]:
        row.update(state="held", xp_gained=None)
    assert "50 acknowledged sessions are held" in reasons_of(played.judged())


@pytest.mark.parametrize("judged", ["all", "failures", "ledger"])
def test_a_server_that_refuses_one_fair_game_of_thousands_fails(judged: str) -> None:
    """Far below the limit of failures, and a child's game all the same."""
    played = Played(judged=judged).hear().looked()
    played.run.total.count("sessions_refused")
    assert "1 sessions were refused" in reasons_of(played.judged())


def test_a_server_that_never_works_its_queue_off_fails() -> None:
    played = Played().hear().looked()
    for row in played.server.rows["7"][:3]:
        row.update(state="pending", xp_gained=None)
    assert "3 acknowledged sessions still wait" in reasons_of(played.judged())


def test_a_server_that_answers_fast_with_errors_fails() -> None:
    found = Played().hear(ms=lambda _: 0.2, failed=lambda n: n % 50 == 0).looked().judged()
    assert found["verdict"] == "fail"
    assert found["reasons"] == ["failure_rate is 0.02, not below 0.01"]


def test_a_ramp_without_failures_does_not_thin_them_out() -> None:
    played = Played().hear(failed=lambda n: n % 90 == 0)
    played.run.total.counts["requests"] += 900_000
    assert "failure_rate is" in reasons_of(played.looked().judged())


def test_a_slow_tail_of_two_in_a_hundred_fails_by_its_p99() -> None:
    found = Played().hear(ms=lambda n: 2000.0 if n % 50 == 0 else 3.0).looked().judged()
    assert found["verdict"] == "fail"
    assert found["reasons"] == ["p99_ms is 2000 ms, not below 1000 ms"]


def test_a_metrics_endpoint_that_is_missing_fails() -> None:
    played = Played().hear()
    played.server.refuses["/metrics"] = 404
    played.run.look()
    told = reasons_of(played.judged())
    for name in ("cpu", "memory", "queue"):
        assert f"{name}: there is no data to judge it by" in told
    assert "/metrics answered HTTP 404" in told


def test_a_server_that_falls_silent_while_it_is_pressed_fails() -> None:
    found = Played().hear().looked(range(1, 60, 2)).judged()
    assert found["reasons"] == ["the server told nothing of its CPU, memory and queue for 61 s"]
    assert found["verdict"] == "fail"


@pytest.mark.parametrize("judged", ["all", "failures", "ledger"])
def test_a_run_without_a_request_never_passes(judged: str) -> None:
    told = reasons_of(Played(judged=judged).hear(requests=0, games=False).looked().judged())
    assert "no request was made at all" in told
    assert "no session was acknowledged" in told


def test_students_that_cannot_be_read_afterwards_fail() -> None:
    played = Played().hear().looked()
    played.server.refuses["/api/v1/me"] = 10**6
    told = reasons_of(played.judged())
    assert "lost: there is no data to judge it by" in told
    assert "the sessions of 20 students could not be read" in told


def test_one_answer_that_failed_is_asked_for_again() -> None:
    played = Played().hear().looked()
    played.server.refuses["/api/v1/me/sessions"] = 1
    assert played.judged()["verdict"] == "pass"


@pytest.mark.parametrize(
    ("noted", "reason"),
    [({"cpu_s": 95.0}, "was saturated: 95% of a processor"), ({"late_ms": 300.0}, "300 ms late")],
    ids=str,
)
def test_a_generator_at_its_limit_makes_the_run_void(noted: dict[str, Any], reason: str) -> None:
    found = Played().hear(**noted).looked().judged()
    assert found["verdict"] == "void"
    assert reason in found["reasons"][0]


def test_the_busiest_of_several_generators_counts() -> None:
    played = Played()
    for name, cpu_s in (("this", 5.0), ("a", 40.0), ("b", 93.0)):
        played.hear(name, cpu_s=cpu_s)
    assert played.looked().judged()["verdict"] == "void"


def test_a_lost_session_is_lost_however_busy_the_generator_was() -> None:
    played = Played().hear(cpu_s=99.0).looked()
    played.server.rows["0"].pop()
    found = played.judged()
    assert found["verdict"] == "fail"
    assert any("saturated" in reason for reason in found["reasons"])


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"interrupted": True}, "stopped manually after 120 s"),
        ({"most_users": 19}, "only 19 of 20 students ever played"),
        ({"lost_workers": 1}, "went away"),
    ],
    ids=str,
)
def test_a_run_that_was_not_all_of_it_is_void(changes: dict[str, Any], reason: str) -> None:
    played = Played().hear().looked()
    for name, value in changes.items():
        setattr(played.run, name, value)
    assert reason in reasons_of(played.judged())


def test_looks_in_the_ramp_and_after_the_stop_do_not_count() -> None:
    played = Played().hear().looked()
    for at in (3.0, 125.0):
        played.run.samples.append(Sample(at=at, cpu=0.99, memory=0.99, queue=5000.0))
    figures = played.judged()["figures"]
    seen = [figures[name] for name in ("cpu", "memory", "queue")]
    assert seen == pytest.approx([0.4, 0.3, 90.0])


@pytest.mark.parametrize(("processors", "is_included"), [(None, True), (1e3, True), (0.6, False)])
def test_a_generator_beside_the_server_is_no_part_of_the_use_of_a_quota(
    processors: float | None, is_included: bool
) -> None:
    played = Played().hear(beside=True, cpu_s=1.0).looked(cpu=0.9, processors=processors)
    figures = played.judged()["figures"]
    assert (figures["generator_cpu_share"] > 0) == is_included
    assert figures["cpu"] == pytest.approx(0.9 - figures["generator_cpu_share"])


def test_the_highest_queue_of_the_steady_time_counts() -> None:
    played = Played().hear().looked()
    played.run.samples.append(Sample(at=60.0, cpu=0.4, memory=0.3, queue=1000.0))
    assert "queue is 1000, not below 1000" in reasons_of(played.judged())


@given(queue=st.lists(st.integers(0, 3), min_size=1, max_size=30), back=st.integers(0, 60))
def test_monday_is_drained_at_the_first_empty_look_after_the_last_return(
    queue: list[int], back: int
) -> None:
    monday = PROFILES["monday"]
    run = Run(
        profile=monday,
        users=1,
        run_time_s=STOP_S,
        host="http://127.0.0.1:9",
        cards=[],
        judged="all",
        tell=lambda _: None,
        user_count=lambda: 1,
    )
    assert monday.comes_back_within_s == RAMP_S
    run.ramp_ended, run.last_delivered = RAMP_S, float(back)
    run.samples = [
        Sample(at=float(20 + 5 * n), cpu=None, memory=None, queue=float(waiting))
        for n, waiting in enumerate(queue)
    ]
    since = max(2 * RAMP_S, back)
    empty = [20 + 5 * n for n, w in enumerate(queue) if w == 0 and 20 + 5 * n >= since]
    assert drained_s(run) == (min(empty) - 2 * RAMP_S if empty else None)


@pytest.mark.parametrize("rows", [[], [{"session_id": "1"}]], ids=["empty", "the same"])
def test_pages_that_never_end_are_given_up(
    monkeypatch: pytest.MonkeyPatch, rows: list[dict[str, Any]]
) -> None:
    document = FakeServer.document

    def endless(self: FakeServer, method: str, path: str, **how: Any) -> Any:
        if path.startswith("/api/v1/me/sessions"):
            return {"sessions": rows, "next": "0"}
        return document(self, method, path, **how)

    monkeypatch.setattr(FakeServer, "document", endless)
    judged = Played().hear().looked().judged()
    assert judged["verdict"] == "fail"
    assert any("could not be read" in reason for reason in judged["reasons"])


def test_a_server_that_is_just_being_restarted_when_the_run_ends_is_waited_for() -> None:
    played = Played().hear().looked()
    played.server.away = 50
    found = played.judged()
    assert found["verdict"] == "pass"
    assert {"phase": "away"}.items() <= played.said[0].items()


def test_a_server_that_stays_away_could_not_be_read() -> None:
    played = Played().hear().looked()
    played.server.away = 10**9
    assert "could not be read afterwards" in reasons_of(played.judged())
