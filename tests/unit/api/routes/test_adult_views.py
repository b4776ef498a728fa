"""What adults read and change over HTTP. Each answer is compared with the OpenAPI document."""

from __future__ import annotations

import io
import re
from base64 import b64encode
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from zipfile import ZipFile

import pytest
from flask.testing import FlaskClient

from neuroplay.api.request.adult import HEAVY, ORDINARY
from neuroplay.core.entities.adult import AdultRole
from neuroplay.core.entities.roster import RosterSource
from neuroplay.core.entities.student import OutboxReport
from tests.builders import a_principal
from tests.contract.inbox_steps import NOW
from tests.contract.test_figures import count
from tests.contract.test_passkeys import a_key
from tests.contract.test_sessions import session as played
from tests.unit.api.routes.adults import Browser, signed_in_teacher
from tests.unit.api.systems import FakeSystem, batch, session

SECRETS = ("Quentin", "4B of Zoe")
"""Of another class: a child and the name of the class."""


@dataclass
class School:
    """3A with Ana and Bia, whose teacher is signed in, and a class of another teacher."""

    system: FakeSystem
    browser: Browser
    own: int
    ana: int
    bia: int
    other: int
    quentin: int

    def hold(self, student_id: int, **changes: Any) -> int:
        """A game that is held; returns the number of its item."""
        principal = a_principal(student_id)
        sent = batch(principal.device_id, session(**{"duration": 1, "score": 10, **changes}))
        self.system.accept_sync.execute(
            principal, sessions=sent["sessions"], sent_at=NOW, outbox=None, request_id="r"
        )
        self.system.drain_inbox.execute()
        return max(self.system.store.tables.inbox)


@pytest.fixture
def school(system: FakeSystem, client: FlaskClient) -> School:
    system.clock.now = NOW
    made = system.create_class.execute("3A", ["Ana", "Bia"])
    other = system.create_class.execute(SECRETS[1], [SECRETS[0]])
    own = made.school_class.class_id
    ana, bia = (one.student.student_id for one in made.students)
    browser = signed_in_teacher(system, client, own)
    (quentin,) = (one.student.student_id for one in other.students)
    return School(system, browser, own, ana, bia, other.school_class.class_id, quentin)


def hear(school: School, student_id: int, pending: int) -> None:
    with school.system.store() as uow:
        report = OutboxReport(pending=pending, oldest=NOW - timedelta(hours=3))
        uow.devices.report(a_principal(student_id), report, now=NOW)
        uow.commit()


def test_the_overview_says_who_played_and_how_fresh_that_is(school):
    count(school.system.store, played(1, school.ana, duration=100))
    hear(school, school.bia, 2)
    school.hold(school.ana)
    answer = school.browser.get("/overview").json
    assert answer["at"] == "2026-11-25T12:00:00Z"
    (line,) = answer["classes"]
    code = line.pop("code")
    assert re.fullmatch("[0-9A-Z]{5}", code)
    assert line == {
        "id": school.own,
        "name": "3A",
        "made_up": False,
        "archived": False,
        "students": 2,
        "played_today": 1,
        "played_week": 1,
        "minutes_today": 1.7,
        "minutes_week": 1.7,
        "games_week": 1,
        "last_heard": "2026-11-25T12:00:00Z",
        "unsent_games": 2,
        "unsent_tablets": 1,
        "held": 1,
        "counting": 0,
    }


def test_a_class_lists_its_children_its_games_and_its_settings(school):
    count(school.system.store, played(1, school.ana))
    answer = school.browser.get(f"/classes/{school.own}").json
    assert answer["class"]["day_minutes"] == 30
    assert [one["nickname"] for one in answer["students"]] == ["Ana", "Bia"]
    ana = answer["students"][0]
    assert (ana["minutes_week"], ana["days_week"], ana["last_heard"]) == (2.0, 1, None)
    assert answer["games"] == [
        {"game_type": "cyber_runner", "children": 1, "games_week": 1, "accuracy_week": 0.8}
    ]


def test_a_child_is_shown_with_days_and_rounds_of_each_game(school):
    count(school.system.store, played(1, school.ana, metadata={"difficulty": 2}))
    count(school.system.store, played(2, school.ana, ended=NOW - timedelta(1)), verdict="mismatch")
    answer = school.browser.get(f"/students/{school.ana}").json
    assert answer["class"]["name"] == "3A"
    assert answer["student"]["streak"] == 2
    assert answer["days"][-1] == {"day": "2026-11-25", "minutes": 2.0, "games": 1}
    (game,) = answer["games"]
    rounds = game.pop("rounds")
    assert game == {
        "game_type": "cyber_runner",
        "plays": 2,
        "difficulty": 2,
        "lowest_difficulty": 0,
        "highest_difficulty": 7,
        "best_score": 300,
        "last_played": "2026-11-25T12:00:00Z",
    }
    assert [one["verdict"] for one in rounds] == ["mismatch", "verified"]


def test_tablets_say_what_they_hold_and_whose_it_is(school):
    hear(school, school.ana, 2)
    hear(school, school.quentin, 7)
    answer = school.browser.get(f"/classes/{school.own}/tablets")
    assert answer.json["tablets"] == [
        {
            "device": "00000000",
            "students": [
                {
                    "id": school.ana,
                    "nickname": "Ana",
                    "unsent": 2,
                    "oldest": "2026-11-25T09:00:00Z",
                }
            ],
            "last_contact": "2026-11-25T12:00:00Z",
        }
    ]


def test_a_held_game_is_shown_and_decided(school):
    first, second = school.hold(school.ana), school.hold(school.bia)
    (newest, oldest) = school.browser.get(f"/classes/{school.own}/held").json["held"]
    assert (newest["id"], oldest["id"]) == (second, first)
    assert oldest["student"]["nickname"] == "Ana"
    assert (oldest["score"], oldest["game_type"], oldest["difficulty"]) == (
        10,
        "cyber_runner",
        2,
    )
    assert oldest["reasons"] == ["more_points_than_the_game", "completed_too_soon"]
    done = school.browser.send("POST", f"/held/{first}/approve", {"reason": "I saw it"})
    assert done.json == {"id": first, "state": "processed", "result": "applied"}
    done = school.browser.send("POST", f"/held/{second}/reject", {"reason": "a cat"})
    assert done.json == {"id": second, "state": "rejected", "result": "rejected"}
    assert school.browser.get(f"/classes/{school.own}/held").json["held"] == []
    again = school.browser.send("POST", f"/held/{second}/approve", {"reason": "after all"})
    assert again.json == {"id": second, "state": "rejected", "result": "busy"}


@pytest.mark.parametrize(
    "body", [{}, {"reason": ""}, {"reason": "x" * 301}, {"reason": 5}, {"reason": "a\0cat"}]
)
def test_a_decision_needs_a_reason(school, body):
    number = school.hold(school.ana)
    answer = school.browser.send("POST", f"/held/{number}/approve", body)
    assert (answer.status_code, answer.json["field"]) == (422, "reason")


def test_cards_have_what_the_paper_needs(school):
    answer = school.browser.get(f"/classes/{school.own}/cards").json
    code = answer["class"]["code"]
    card = answer["cards"][0]
    address = f"https://play.school.example/#card={code}-{card['card_code']}"
    assert (card["nickname"], card["address"]) == ("Ana", address)
    new = school.browser.send("POST", f"/students/{school.ana}/card", {"card_version": 1})
    assert new.json["card_code"] != card["card_code"]
    late = school.browser.send("POST", f"/students/{school.ana}/card", {"card_version": 1})
    assert (late.status_code, late.json["code"]) == (409, "card_changed")


def test_settings_of_a_class_change_alone(school):
    path = f"/classes/{school.own}"
    assert school.browser.send("PATCH", path, {"raw_days": 40}).json["raw_days"] == 40
    changed = school.browser.send("PATCH", path, {"day_minutes": 45, "name": None}).json
    assert (changed["name"], changed["day_minutes"], changed["raw_days"]) == ("3A", 45, 40)
    assert school.browser.send("PATCH", path, {"raw_days": None}).json["raw_days"] is None
    refused = school.browser.send("PATCH", path, {"day_minutes": 1})
    assert (refused.status_code, refused.json["code"]) == (422, "bad_day_minutes")


def test_children_are_added_renamed_and_moved(school):
    added = school.browser.send("POST", f"/classes/{school.own}/students", {"nickname": "Davi"})
    assert (added.status_code, added.json["nickname"]) == (201, "Davi")
    twice = school.browser.send("POST", f"/classes/{school.own}/students", {"nickname": "Davi"})
    assert (twice.status_code, twice.json["code"]) == (409, "nickname_taken")
    renamed = school.browser.send("PATCH", f"/students/{school.bia}", {"nickname": "Beatriz"})
    assert renamed.json == {
        "id": school.bia,
        "nickname": "Beatriz",
        "avatar": renamed.json["avatar"],
        "class": {"id": school.own, "name": "3A", "made_up": False},
    }
    moved = school.browser.send("POST", f"/students/{school.bia}/move", {"class_id": school.own})
    assert moved.json["class"]["name"] == "3A"


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/classes", {"students": 1, "name": "x" * 1_001}),
        ("POST", "/classes/{own}/students", {"nickname": "x" * 1_001}),
        ("PATCH", "/students/{ana}", {"nickname": "x" * 1_001}),
        ("POST", "/students/{ana}/erase", {"nickname": "x" * 1_001}),
        ("POST", "/passphrase", {"old": "x", "new": "x" * 1_001}),
    ],
)
def test_what_nobody_types_is_too_long_to_be_looked_at(school, method, path, body):
    answer = school.browser.send(method, path.format(own=school.own, ana=school.ana), body)
    assert (answer.status_code, answer.json["code"]) == (422, "invalid_request")


def test_an_archived_class_is_listed_only_if_asked_for(school):
    path = f"/classes/{school.own}/archive"
    assert school.browser.send("POST", path, {"archived": True}).json["archived"] is True
    assert school.browser.get("/overview").json["classes"] == []
    (line,) = school.browser.get("/overview?archived=true").json["classes"]
    assert (line["name"], line["archived"]) == ("3A", True)
    assert school.browser.get(f"/classes/{school.own}").json["class"]["archived"] is True
    came = school.browser.send("POST", f"/classes/{school.own}/students", {"nickname": "Davi"})
    assert (came.status_code, came.json["code"]) == (409, "class_archived")
    assert school.browser.send("POST", path, {"archived": False}).json["archived"] is False
    wrong = school.browser.get("/overview?archived=perhaps")
    assert (wrong.status_code, wrong.json["field"]) == (422, "archived")


def test_a_class_that_a_teacher_makes_is_the_teachers_own(school):
    made = school.browser.send("POST", "/classes", {"name": "5A", "students": 2})
    assert made.status_code == 201
    assert len(made.json["cards"]) == 2
    assert [one["name"] for one in school.browser.get("/overview").json["classes"]] == ["3A", "5A"]
    none = school.browser.send("POST", "/classes", {"name": "6A", "students": 0})
    assert (none.status_code, none.json["code"]) == (422, "bad_class_size")


def test_a_family_gets_all_that_is_stored_and_it_is_recorded(school):
    count(school.system.store, played(1, school.ana))
    answer = school.browser.get(f"/students/{school.ana}/export")
    assert answer.headers["Content-Disposition"] == (
        f"attachment; filename=neuroplay-child-{school.ana}.json; "
        f"filename*=UTF-8''neuroplay-child-{school.ana}.json"
    )
    assert answer.json["student"]["nickname"] == "Ana"
    assert answer.json["play_days"] == ["2026-11-25"]
    assert [one["what"] for one in answer.json["decisions"]] == ["student exported"]


def test_two_children_who_are_one_become_one(school):
    count(school.system.store, played(1, school.ana), played(2, school.bia))
    path = f"/students/{school.ana}/merge"
    merged = school.browser.send("POST", path, {"into": school.bia})
    assert (merged.status_code, merged.json["nickname"]) == (200, "Bia")
    (left,) = school.browser.get(f"/classes/{school.own}").json["students"]
    assert (left["id"], left["games_week"]) == (school.bia, 2)
    same = school.browser.send("POST", f"/students/{school.bia}/merge", {"into": school.bia})
    assert (same.status_code, same.json["code"]) == (422, "same_student")


def test_a_roster_is_previewed_imported_and_undone(school):
    base = f"/classes/{school.own}"
    sent = {"name": "3A.csv", "content": b64encode(b"nickname\nAna\nDavi\n").decode()}
    preview = school.browser.send("POST", f"{base}/roster/preview", sent).json
    assert preview["counts"] | {"skipped": 0} == {
        "added": 1,
        "kept": 1,
        "changed": 0,
        "gone": 1,
        "bad": 0,
        "skipped": 0,
    }
    seen = {**sent, "preview_id": preview["preview_id"]}
    done = school.browser.send("POST", f"{base}/roster/apply", seen)
    assert (done.status_code, done.json["counts"]) == (200, preview["counts"])
    late = school.browser.send("POST", f"{base}/roster/apply", seen)
    assert (late.status_code, late.json["code"]) == (409, "roster_changed")
    (line,) = school.browser.get(f"{base}/imports").json["imports"]
    assert (line["id"], line["can_undo"]) == (done.json["import_id"], True)
    undone = school.browser.send("POST", f"/imports/{line['id']}/undo")
    assert (undone.json["removed"], undone.json["left"]) == (1, [])
    (line,) = school.browser.get(f"{base}/imports").json["imports"]
    assert (line["undone_at"], line["can_undo"]) == ("2026-11-25T12:00:00Z", False)
    twice = school.browser.send("POST", f"/imports/{line['id']}/undo")
    assert (twice.status_code, twice.json["code"]) == (409, "already_undone")


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        ({"content": "***"}, "invalid_request"),
        ({"content": 5}, "invalid_request"),
        ({"text": "Ana", "order": "sideways"}, "invalid_request"),
        ({"text": "RA;Nome\n10001\ud800;Ana\n"}, "invalid_request"),
        ({"content": b64encode(b"\x89PNG\r\n\x1a\n" + bytes(40)).decode()}, "not_a_roster"),
    ],
)
def test_what_is_no_roster_is_refused(school, sent, code):
    answer = school.browser.send("POST", f"/classes/{school.own}/roster/preview", sent)
    assert (answer.status_code, answer.json["code"]) == (422, code)


def test_who_is_gone_moves_only_to_another_own_class(school):
    base, sent = f"/classes/{school.own}", {"text": "Ana"}
    preview_id = school.browser.send("POST", f"{base}/roster/preview", sent).json["preview_id"]
    seen = {**sent, "preview_id": preview_id, "gone_to": school.other}
    refused = school.browser.send("POST", f"{base}/roster/apply", seen)
    assert refused.status_code == 404
    own = school.browser.send("POST", "/classes", {"name": "5A", "students": 1}).json["class"]["id"]
    done = school.browser.send("POST", f"{base}/roster/apply", {**seen, "gone_to": own})
    assert done.json["counts"]["moved"] == 1
    moved = school.browser.get(f"/classes/{own}").json["students"]
    assert "Bia" in [one["nickname"] for one in moved]


def test_an_import_that_concerned_a_class_of_others_is_not_shown(school):
    source = RosterSource(name="all.csv", content=f"class,nickname\n3A,Ana\n{SECRETS[1]},Zoe\n")
    seen = school.system.preview_roster.execute(None, source)
    school.system.apply_roster.execute(None, source, preview_id=seen.preview_id)
    assert school.browser.get(f"/classes/{school.own}/imports").json["imports"] == []
    assert school.browser.send("POST", "/imports/1/undo").status_code == 404


def test_what_a_class_played_is_exported_and_recorded(school):
    count(school.system.store, played(1, school.ana))
    school.browser.send("PATCH", f"/classes/{school.own}", {"name": 'Año "3/A" ..'})
    answer = school.browser.get(f"/classes/{school.own}/export")
    assert answer.mimetype == "application/zip"
    assert answer.headers["Content-Disposition"] == (
        "attachment; filename=neuroplay-Ano-3-A-2026-11-25.zip; "
        "filename*=UTF-8''neuroplay-A%C3%B1o-3-A-2026-11-25.zip"
    )
    with ZipFile(io.BytesIO(answer.data)) as found:
        assert "sessions.csv" in found.namelist()
        assert "Ana" in found.read("sessions.csv").decode()
    assert school.system.store.tables.audit[-1]["what"] == "class exported"


def test_an_erasure_gives_a_receipt(school):
    path = f"/students/{school.ana}/erase"
    wrong = school.browser.send("POST", path, {"nickname": "Bia"})
    assert (wrong.status_code, wrong.json["code"]) == (422, "wrong_nickname")
    receipt = school.browser.send("POST", path, {"nickname": "Ana"}).json
    assert receipt["student_id"] == school.ana
    assert (receipt["rows"]["students"], receipt["ledger"]) == (1, True)
    assert school.browser.get(f"/students/{school.ana}").status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "/overview",
        "/classes/{own}",
        "/students/{ana}",
        "/classes/{own}/tablets",
        "/classes/{own}/held",
        "/classes/{own}/cards",
    ],
)
def test_what_did_not_change_is_not_sent_again(school, path):
    path = path.format(own=school.own, ana=school.ana)
    first = school.browser.get(path)
    tag = first.headers["ETag"]
    assert first.headers["Cache-Control"] == "private, no-cache"
    school.system.clock.forward(60)
    again = school.browser.get(path, If_None_Match=tag)
    assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", tag)
    assert again.headers["Cache-Control"] == "private, no-cache"
    hear(school, school.ana, 1)
    school.hold(school.ana)
    school.browser.send("POST", f"/students/{school.bia}/card", {})
    changed = school.browser.get(path, If_None_Match=tag)
    assert changed.status_code == 200
    assert changed.headers["ETag"] != tag
    assert changed.json["at"] == "2026-11-25T12:01:00Z"


def imported(system: FakeSystem, class_id: int, text: str) -> int:
    """Import a roster; returns the number of the import."""
    source = RosterSource(name="list.csv", content=text)
    seen = system.preview_roster.execute(f"id:{class_id}", source)
    done = system.apply_roster.execute(f"id:{class_id}", source, preview_id=seen.preview_id)
    assert done.import_id is not None
    return done.import_id


def routes(client: FlaskClient) -> list[tuple[str, str]]:
    """The methods and paths of adults' routes that name a class, a child or a game."""
    paths = client.get("/openapi.json").json["paths"]  # type: ignore[index]
    return [
        (method.upper(), path)
        for path, operations in paths.items()
        for method in operations
        if path.startswith("/api/v1/adult/") and "{" in path
    ]


def test_no_route_gives_an_adult_a_byte_of_anothers_class(school, client):
    """Whatever exists of another's is answered like what does not exist, and nothing changes."""
    hear(school, school.quentin, 3)
    number = school.hold(school.quentin)
    with school.system.uow() as uow:
        zoe = uow.adults.add("Zoe", "zoe", AdultRole.TEACHER)
        passkey = uow.passkeys.add(zoe.adult_id, "Laptop", a_key())
        uow.commit()
    foreign = {
        "passkey_id": passkey.passkey_id,
        "class_id": school.other,
        "student_id": school.quentin,
        "inbox_id": number,
        "import_id": imported(school.system, school.other, "Quentin\nZoe"),
    }
    body = {
        "reason": "x",
        "nickname": "Quentin",
        "class_id": school.other,
        "archived": True,
        "into": school.quentin,
        "text": "Ana",
        "preview_id": "x",
    }
    before = school.system.store.tables.copy()
    asked = routes(client)
    assert len(asked) >= 21
    for method, template in asked:
        path = template.removeprefix("/api/v1/adult")
        answers = []
        for numbers in (foreign, dict.fromkeys(foreign, 999_999)):
            filled = re.sub(r"\{(?:int:)?(\w+)\}", lambda m, n=numbers: str(n[m[1]]), path)
            answer = school.browser.send(method, filled, None if method == "GET" else body)
            answers.append({**answer.json, "request_id": ""})
            assert answer.status_code == 404, (method, filled, answer.text)
            assert not any(secret in answer.text for secret in SECRETS)
        assert answers[0] == answers[1]
    assert school.system.store.tables == before


def test_an_adult_gets_nothing_without_a_sign_in_or_the_token_of_the_page(school, client):
    for method, template in routes(client):
        path = re.sub(r"\{[^}]*\}", "1", template)
        if method != "GET":
            forged = client.open(path, method=method, json={})
            assert (forged.status_code, forged.json["code"]) == (403, "csrf"), path
        client.delete_cookie("np_adult")
        answer = client.open(path, method=method, json=None if method == "GET" else {})
        assert (answer.status_code, answer.json["code"]) == (401, "unauthorized"), path
        client.set_cookie("np_adult", "rita's")


def test_whoever_asks_for_too_much_has_to_wait_and_nothing_is_done(school):
    asks = school.system.adult_asks
    asks.left = asks.asked.get(1, 0.0) + HEAVY + ORDINARY
    assert school.browser.get(f"/classes/{school.own}/export").status_code == 200
    assert school.browser.get("/overview").status_code == 200
    before = school.system.store.tables.copy()
    for method, path, body in (
        ("GET", "/overview", None),
        ("GET", f"/students/{school.ana}/export", None),
        ("PATCH", f"/classes/{school.own}", {"name": "X"}),
        ("POST", f"/students/{school.ana}/erase", {"nickname": "Ana"}),
    ):
        answer = school.browser.send(method, path, body)
        assert (answer.status_code, answer.json["code"]) == (429, "too_many_requests")
        assert answer.headers["Retry-After"] == "30"
    assert school.system.store.tables == before
    assert school.browser.send("POST", "/sign-out").status_code == 204


def test_what_reads_or_writes_much_costs_more(school):
    asks = school.system.adult_asks

    def cost(method: str, path: str, body: Any = None) -> float:
        before = asks.asked.get(1, 0.0)
        school.browser.send(method, path, body)
        return asks.asked[1] - before

    own, ana = f"/classes/{school.own}", f"/students/{school.ana}"
    roster = {"text": "nickname\nAna\n"}
    for heavy in (
        ("GET", f"{own}/export"),
        ("GET", f"{ana}/export"),
        ("POST", f"{own}/roster/preview", roster),
        ("POST", f"{own}/roster/apply", roster),
        ("POST", "/imports/1/undo"),
        ("POST", f"{ana}/merge", {"into": school.bia}),
        ("POST", f"{ana}/erase", {"nickname": "Not Ana"}),
        ("POST", "/classes", {"name": "5A", "students": 1}),
    ):
        assert cost(*heavy) == HEAVY, heavy
    for light in (("GET", "/overview"), ("GET", own), ("GET", "/self")):
        assert cost(*light) == ORDINARY, light
