"""Adults' routes on a real PostgreSQL, with the data of an untidy school."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from neuroplay.api.app import create_app
from neuroplay.bootstrap import Container, build
from neuroplay.config import load_settings
from neuroplay.core.entities.retention import RetentionPolicy
from neuroplay.core.entities.student import OutboxReport
from neuroplay.core.use_cases.retain import Retain
from tests.builders import a_principal
from tests.unit.api.documented import DocumentedClient
from tests.unit.api.routes.adults import Browser, signed_in_teacher
from tests.unit.api.systems import batch, session

FIRST, SECOND = UUID(int=0xA1000000 << 96), UUID(int=0xA2000000 << 96)
"""Two tablets."""


class School:
    """3A of Rita, who is signed in. Ana plays on two tablets, Bia never, Caio came from 4B; Duda is
    in 4B, which is archived; Eli was erased."""

    def __init__(self, container: Container, client: Any) -> None:
        self.container = container
        make = container.create_class.execute
        long_ago = datetime.now(UTC) - timedelta(days=1500)
        made = make("3A", ["Ana", "Bia", "Eli"], first_sign_in_at=long_ago)
        other = make("4B", ["Caio", "Duda"], first_sign_in_at=long_ago)
        self.own, self.other = made.school_class.class_id, other.school_class.class_id
        self.ana, self.bia, self.eli = (one.student.student_id for one in made.students)
        self.caio, self.duda = (one.student.student_id for one in other.students)
        self.now = datetime.now(UTC)
        container.move_student.execute(self.caio, f"id:{self.own}")
        container.archive_class.execute(f"id:{self.other}", True)
        self.browser: Browser = signed_in_teacher(container, client, self.own)

    def play(self, student_id: int, *, ago: timedelta, device: UUID = FIRST, **changes: Any) -> int:
        """Send a game that ended so long ago; returns the number of its item."""
        ended = self.now - ago
        record = session(
            started_at=(ended - timedelta(seconds=125)).isoformat(),
            ended_at=ended.isoformat(),
            utc_offset_minutes=0,
        )
        principal = a_principal(student_id, self.own, device_id=device)
        self.container.accept_sync.execute(
            principal,
            sessions=batch(device, record | changes)["sessions"],
            sent_at=self.now,
            outbox=OutboxReport(pending=0, oldest=None),
            request_id="r",
        )
        with self.container.uow() as uow:
            return uow.inbox.list(limit=1)[0].inbox_id

    def drain(self) -> None:
        while self.container.drain_inbox.execute().more:
            pass

    def get(self, path: str) -> Any:
        answer = self.browser.get(path)
        assert answer.status_code == 200, answer.text
        return answer.json


@pytest.fixture
def school(database_url: str, redis_url: str, tmp_path: Path) -> Iterator[School]:
    settings = load_settings(
        home=tmp_path, database_url=database_url, redis_url=redis_url, secret="5" * 64
    )
    container = build(settings)
    app = create_app(container, pwa_folder=tmp_path)
    app.test_client_class = DocumentedClient
    try:
        yield School(container, app.test_client())
    finally:
        container.close()


def test_figures_of_an_untidy_school(school):
    minute = timedelta(minutes=1)
    school.play(school.ana, ago=5 * minute)
    school.play(school.ana, ago=15 * minute, device=SECOND, duration=60, score=250)
    school.play(school.caio, ago=30 * minute)
    school.play(school.duda, ago=30 * minute)
    school.play(school.eli, ago=40 * minute)
    held = school.play(school.ana, ago=50 * minute, duration=1, score=10)
    school.drain()
    school.play(school.bia, ago=timedelta(days=2))
    with school.container.uow() as uow:
        report = OutboxReport(pending=4, oldest=school.now - timedelta(hours=1))
        at = school.now + minute
        uow.devices.report(a_principal(school.ana, device_id=SECOND), report, now=at)
        uow.commit()
    school.container.erase_student.execute(school.eli)

    (line,) = school.get("/overview")["classes"]
    assert (line["students"], line["played_week"], line["games_week"]) == (3, 2, 3)
    assert (line["minutes_week"], line["held"], line["counting"]) == (5.0, 1, 1)
    assert (line["unsent_games"], line["unsent_tablets"]) == (4, 1)
    heard = at.isoformat().replace("+00:00", "Z")
    assert line["last_heard"] == heard

    found = school.get(f"/classes/{school.own}")
    by_name = {one["nickname"]: one for one in found["students"]}
    assert list(by_name) == ["Ana", "Bia", "Caio"]
    assert (by_name["Ana"]["minutes_week"], by_name["Ana"]["last_heard"]) == (3.0, heard)
    assert (by_name["Ana"]["held"], by_name["Ana"]["unsent"]) == (1, 4)
    assert (by_name["Bia"]["games_week"], by_name["Bia"]["counting"]) == (0, 1)
    assert by_name["Bia"]["last_played"] is None
    assert [one["children"] for one in found["games"]] == [2]

    tablets = school.get(f"/classes/{school.own}/tablets")["tablets"]
    assert [(one["device"], len(one["students"])) for one in tablets] == [
        ("a2000000", 1),
        ("a1000000", 3),
    ]
    (waiting,) = school.get(f"/classes/{school.own}/held")["held"]
    assert (waiting["id"], waiting["student"]["nickname"]) == (held, "Ana")
    done = school.browser.send("POST", f"/held/{held}/approve", {"reason": "I was there"})
    assert done.json["result"] == "applied"
    assert school.get("/overview")["classes"][0]["games_week"] == 4
    rounds = school.get(f"/students/{school.ana}")["games"][0]["rounds"]
    assert [one["verdict"] for one in rounds] == ["approved", "plausible", "plausible"]


def test_folded_rounds_stay_in_the_plays_of_a_game(school):
    for years in (4, 3):
        school.play(school.ana, ago=timedelta(days=365 * years))
    school.play(school.ana, ago=timedelta(days=1))
    school.drain()
    with school.container.engine.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE sync_inbox SET received_at = received_at - interval '1000 days', "
            "processed_at = processed_at - interval '1000 days'"
        )
    steps = Retain(uow=school.container.uow, retention=RetentionPolicy()).everything()
    assert sum(one.removed.sessions for one in steps) == 2
    (game,) = school.get(f"/students/{school.ana}")["games"]
    assert (game["plays"], len(game["rounds"])) == (3, 1)
    only_folded = school.get(f"/students/{school.bia}")
    assert only_folded["games"] == []
    assert len(only_folded["days"]) == 28


def test_each_answer_takes_a_fixed_number_of_statements(school, monkeypatch):
    """However many children and sessions there are."""
    from neuroplay.infra.db.transaction import Transaction

    asked: list[str] = []
    real = Transaction.rows

    def rows(self: Any, statement: str, values: Any = None) -> Any:
        asked.append(statement)
        return real(self, statement, values)

    monkeypatch.setattr(Transaction, "rows", rows)
    paths = ("/overview", f"/classes/{school.own}", f"/students/{school.ana}")

    def counted() -> list[int]:
        found = []
        for path in paths:
            asked.clear()
            school.get(path)
            found.append(len(asked))
        return found

    few = counted()
    for number in range(3):
        school.play(school.ana, ago=timedelta(hours=number + 1), device=uuid4())
        school.play(school.caio, ago=timedelta(hours=number + 1))
    school.drain()
    assert counted() == few
    assert max(few) <= 12
