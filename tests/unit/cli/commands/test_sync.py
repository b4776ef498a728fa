from __future__ import annotations

import hmac
import json
from datetime import timedelta
from uuid import UUID

import pytest

from neuroplay.core.entities.inbox_filter import InboxFilter
from neuroplay.core.entities.principal import NewToken
from neuroplay.core.entities.student import OutboxReport
from neuroplay.core.entities.sync_item import (
    Delivery,
    FieldError,
    InboxOutcome,
    InboxState,
    NewInboxItem,
)
from tests.builders import a_holder, a_principal
from tests.fakes.services import NOON, FakeSecrets, fake_hash_payload
from tests.unit.cli.documented import promised, shape
from tests.unit.core.samples import record

DEVICES = [UUID(int=1), UUID(int=2)]


@pytest.fixture
def inbox(store, run):
    """Four items of two students: pending, failed, held and invalid, an hour apart."""
    made = json.loads(run("class", "create", "3A", "--names", "Ana,Bia", "--json").out)
    run("class", "create", "3B", "--names", "Caio")
    for number, state in enumerate(("pending", "failed", "held", "invalid")):
        _receive(store, made["students"][number % 2]["id"], number, InboxState(state))
    return made


def _receive(store, student_id: int, number: int, state: InboxState) -> None:
    payload = {"game_type": "cyber_runner", "number": number}
    broken = FieldError(code="missing", field="session_id", message="it has none")
    item = NewInboxItem(
        session_id=None if state is InboxState.INVALID else UUID(int=100 + number),
        payload=payload,
        payload_hash=fake_hash_payload(payload),
        clock_shift_s=0.0,
        error=broken if state is InboxState.INVALID else None,
    )
    principal = a_principal(student_id, device_id=DEVICES[number % 2])
    at = NOON + timedelta(hours=number)
    with store() as uow:
        uow.inbox.insert(
            [Delivery(principal=principal, items=[item], received_at=at, request_id=f"r{number}")]
        )
        (stored, *_) = uow.inbox.list(limit=1)
        if state in (InboxState.FAILED, InboxState.HELD):
            failed = state is InboxState.FAILED
            outcome = InboxOutcome(
                inbox_id=stored.inbox_id,
                state=state,
                error_code="unexpected" if failed else None,
                error="division by zero" if failed else None,
                reasons=() if failed else ("too_many_points",),
            )
            uow.inbox.finish([outcome], now=at, release="2.5.0")
        uow.commit()


def states(ran) -> list[str]:
    return [item["state"] for item in json.loads(ran.out)["items"]]


def test_the_status_counts_by_state(inbox, run):
    counts = json.loads(run("sync", "status", "--json").out)

    assert {**shape(counts), "errors": ...} == {**shape(promised("sync status")), "errors": ...}
    assert counts["errors"] == {"unexpected": 1, "missing": 1}
    assert (counts["pending"], counts["failed"], counts["held"], counts["invalid"]) == (1, 1, 1, 1)
    assert isinstance(counts["oldest_pending_s"], float)
    assert "oldest pending" in run("sync", "status").out


def test_items_are_listed_newest_first_in_the_documented_shape(inbox, run):
    ran = run("sync", "list", "--json")

    assert states(ran) == ["invalid", "held", "failed", "pending"]
    failed = json.loads(ran.out)["items"][2]
    assert shape(failed) == shape(promised("sync list")["items"][0])
    assert failed["error"] == {"code": "unexpected", "message": "division by zero"}


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (["--state", "failed"], ["failed"]),
        (["--state", "held", "--state", "pending"], ["held", "pending"]),
        (["--student", "1"], ["held", "pending"]),
        (["--class", "3A"], ["invalid", "held", "failed", "pending"]),
        (["--class", "3B"], []),
        (["--since", "2026-11-25T14:00Z"], ["invalid", "held"]),
        (["--until", "2026-11-25T14:00Z"], ["failed", "pending"]),
        (["--error", "unexpected"], ["failed"]),
        (["--device", str(DEVICES[1])], ["invalid", "failed"]),
        (["--student", "99999999999999999999"], []),
    ],
)
def test_every_filter_narrows_the_list(inbox, run, filters, expected):
    assert states(run("sync", "list", "--json", *filters)) == expected


def test_pages_follow_each_other_without_gap_or_overlap(inbox, run):
    first = json.loads(run("sync", "list", "--limit", "3", "--json").out)
    second = json.loads(
        run("sync", "list", "--limit", "3", "--before", str(first["next"]), "--json").out
    )

    assert len(first["items"]) == 3
    assert [item["state"] for item in second["items"]] == ["pending"]
    assert second["next"] is None


def test_people_see_whole_ids_and_how_to_go_on(inbox, run):
    ran = run("sync", "list", "--limit", "3")

    assert str(UUID(int=102)) in ran.out
    assert "none (inbox 4)" in ran.out
    assert "too_many_points" in ran.out
    assert "Next page: add --before 2" in ran.err


@pytest.mark.parametrize(
    "options",
    [
        ["--state", "lost"],
        ["--since", "yesterday"],
        ["--until", "soon"],
        ["--device", "tablet"],
        ["--limit", "0"],
        ["--limit", "1001"],
        ["--before", "x"],
        ["--student", "Ana"],
    ],
)
def test_a_filter_that_cannot_be_is_a_usage_error_that_names_it(inbox, run, options):
    ran = run("sync", "list", *options)

    assert ran.code == 2
    assert options[0] in ran.err
    assert ran.err.count("\n") == 1


def test_an_empty_list_says_so(store, run):
    assert run("sync", "list").out == "No games.\n"


def test_checking_judges_each_record_and_names_the_line_of_a_broken_one(run, tmp_path):
    good = {
        "session_id": "0190b0a5-0000-7000-8000-000000000001",
        "game_type": "cyber_runner",
        "score": 500,
        "duration": 120,
        "accuracy": 0.85,
        "completed": True,
        "metadata": {},
    }
    file = tmp_path / "s.jsonl"
    file.write_text(json.dumps(good) + "\nnot json\n" + json.dumps(good | {"score": -1}) + "\n")

    ran = run("sync", "check", str(file), "--json")

    assert ran.code == 1
    told = [json.loads(line) for line in ran.out.splitlines()]
    assert all(shape(one) == shape(promised("sync check")) for one in told if not one["reasons"])
    assert [one["verdict"] for one in told] == ["plausible", "invalid", "invalid"]
    assert told[1]["session_id"] is None
    assert told[1]["reasons"][0].startswith("line 2: ")
    assert "3 records: 2 invalid, 1 plausible" in run("sync", "check", str(file)).out


def test_a_file_of_plausible_records_ends_with_0(run, tmp_path):
    (tmp_path / "s.jsonl").write_text("")

    assert run("sync", "check", str(tmp_path / "s.jsonl")).code == 0


def test_a_file_that_is_not_there_is_a_usage_error(run, tmp_path):
    ran = run("sync", "check", str(tmp_path / "none.jsonl"))

    assert ran.code == 2
    assert "no such file" in ran.err


def test_devices_shows_who_still_holds_games_the_oldest_first(inbox, store, run):
    ana, bia = (student["id"] for student in inbox["students"])
    for student_id, pending, hours in ((ana, 2, 3), (bia, 5, 9)):
        principal = a_principal(student_id, device_id=DEVICES[0])
        with store() as uow:
            held = OutboxReport(pending=pending, oldest=NOON - timedelta(hours=hours))
            uow.devices.report(principal, held, now=NOON)
            uow.commit()
    ran = run("sync", "devices", "--json")
    document = json.loads(ran.out)
    assert [(row["nickname"], row["pending"]) for row in document["devices"]] == [
        ("Bia", 5),
        ("Ana", 2),
    ]
    assert shape(document) == shape(promised("sync devices"))
    shown = run("sync", "devices").out
    assert shown.index("Bia") < shown.index("Ana")


def test_a_tablet_that_was_lost_ends_what_is_signed_in_on_it(inbox, store, run):
    ana, bia = (one["id"] for one in inbox["students"][:2])
    with store() as uow:
        for number, student_id in enumerate((ana, bia, ana)):
            uow.tokens.add(
                [
                    NewToken(
                        secret_mark="mark",
                        token_id=UUID(int=number),
                        token_hash=bytes([number]),
                        holder=a_holder(student_id),
                        device_id=DEVICES[number // 2],
                        now=NOON,
                    )
                ]
            )
        uow.commit()
    told = json.loads(run("sync", "devices", "--signed-in", "--student", str(ana), "--json").out)[
        "signed_in"
    ]
    assert {row["device_id"] for row in told} == {str(one) for one in DEVICES[:2]}
    assert "Bia" in run("sync", "devices", "--signed-in").out
    assert "Bia" not in run("sync", "devices", "--signed-in", "--student", f"id:{ana}").out
    assert run("sync", "devices", "--signed-in", "--student", "Ana").code == 2

    asked = run("sync", "devices", "--revoke", str(DEVICES[0]))
    assert (asked.code, "--yes" in asked.err) == (2, True)
    assert run("sync", "devices", "--revoke", "my tablet").code == 2
    assert run("sync", "devices", "--student", str(ana)).code == 2
    assert run("sync", "devices", "--revoke", str(UUID(int=99)), "--yes").code == 1
    assert len(json.loads(run("sync", "devices", "--signed-in", "--json").out)["signed_in"]) == 3

    ended = json.loads(run("sync", "devices", "--revoke", str(DEVICES[0]), "--yes", "--json").out)
    assert ended == {"device_id": str(DEVICES[0]), "ended": [ana, bia]}
    left = json.loads(run("sync", "devices", "--signed-in", "--json").out)["signed_in"]
    assert [row["device_id"] for row in left] == [str(DEVICES[1])]
    audited = {one["target"] for one in store.tables.audit[-2:]}
    assert audited == {f"student {ana}", f"student {bia}"}


def test_devices_says_so_when_nobody_holds_anything(store, run):
    assert "No tablet" in run("sync", "devices").out


@pytest.fixture
def outbox_file(seal_file):
    """What Ana's tablet saved: one good session, one that cannot be."""
    return seal_file(record(1), {**record(2), "score": -1})


@pytest.fixture
def seal_file(inbox, store, tmp_path):
    """Saves sessions to a file as Ana's tablet does."""
    token_id = UUID(int=77)
    with store() as uow:
        uow.tokens.add(
            [
                NewToken(
                    secret_mark="mark",
                    token_id=token_id,
                    token_hash=b"t" * 32,
                    holder=a_holder(inbox["students"][0]["id"]),
                    device_id=DEVICES[0],
                    now=NOON,
                )
            ]
        )
        uow.commit()

    def seal(*sessions):
        payload = json.dumps({"sessions": sessions})
        key = bytes.fromhex(FakeSecrets().export_key(token_id))
        document = {
            "neuroplay_outbox": 1,
            "token_id": str(token_id),
            "payload": payload,
            "seal": hmac.digest(key, payload.encode(), "sha256").hex(),
        }
        path = tmp_path / "fox.json"
        path.write_text(json.dumps(document))
        return path

    return seal


STEERING = "\x1b]0;x\x07\x9b2J"


@pytest.mark.parametrize("options", [(), ("--json",)])
@pytest.mark.parametrize("command", ["import", "check"])
def test_what_a_file_says_cannot_steer_the_terminal(command, options, seal_file, tmp_path, run):
    sessions = [{**record(1), "session_id": STEERING}, {**record(2), STEERING: "\x00"}]
    path = seal_file(*sessions)
    if command == "check":
        path = tmp_path / "s.jsonl"
        path.write_text("".join(json.dumps(one) + "\n" for one in sessions))
    ran = run("sync", command, str(path), *options)
    assert ran.code == 1
    assert "invalid" in ran.out
    assert not {*"\x1b\x07\x9b"} & {*ran.out, *ran.err}


def test_import_takes_in_what_is_good_and_says_what_is_not(outbox_file, run):
    ran = run("sync", "import", str(outbox_file), "--json")
    document = json.loads(ran.out)
    (file,) = document["files"]
    assert ran.code == 1
    assert (file["accepted"], file["invalid"]) == (1, 1)
    assert shape(document) == shape(promised("sync import"))
    again = run("sync", "import", str(outbox_file))
    assert "1 duplicate" in again.out


def test_import_refuses_a_changed_file_and_takes_in_the_others(outbox_file, tmp_path, run):
    document = json.loads(outbox_file.read_text())
    changed = tmp_path / "changed.json"
    changed.write_text(
        json.dumps({**document, "payload": document["payload"].replace("cyber", "other")})
    )
    cut = tmp_path / "cut.json"
    cut.write_text(outbox_file.read_text()[:50])
    ran = run("sync", "import", str(changed), str(cut), str(tmp_path / "none"), str(outbox_file))
    assert ran.code == 1
    assert "changed.json: the file was changed" in ran.err
    assert "cut.json: not JSON" in ran.err
    assert "none: cannot be read" in ran.err
    for odd in ("/dev/zero", str(tmp_path)):
        assert f"{odd}: cannot be read: it is not a file" in run("sync", "import", odd).err
    assert "1 accepted" in ran.out


def test_a_verdict_is_one_that_exists(inbox, run):
    ran = run("sync", "list", "--verdict", "nice")
    assert ran.code == 2
    assert "mismatch" in ran.err
    assert states(run("sync", "list", "--verdict", "mismatch", "--json")) == []


def test_games_are_found_by_when_they_were_played(store, run, inbox):
    for number, ended in enumerate(("2026-11-20T10:00:00Z", "2026-11-25T10:00:00+03:00", "soon")):
        payload = {"game_type": "cyber_runner", "score": 7, "ended_at": ended}
        item = NewInboxItem(
            session_id=UUID(int=200 + number),
            payload=payload,
            payload_hash=fake_hash_payload(payload),
            clock_shift_s=60.0,
        )
        principal = a_principal(1, device_id=DEVICES[0])
        with store() as uow:
            delivery = Delivery(
                principal=principal, items=[item], received_at=NOON, request_id=None
            )
            uow.inbox.insert([delivery])
            uow.commit()

    def played(since: str) -> list[str]:
        ran = run("sync", "list", "--played-since", since, "--json")
        return [item["played_at"] for item in json.loads(ran.out)["items"]]

    late, early = "2026-11-25T07:01:00Z", "2026-11-20T10:01:00Z"
    assert played("2026-11-01") == [late, early]
    assert played("2026-11-25T07:01Z") == [late]
    assert played("2026-11-25T07:02Z") == []
    (item, *_) = json.loads(run("sync", "list", "--played-since", "2026-11-25", "--json").out)[
        "items"
    ]
    assert (item["nickname"], item["class_name"], item["score"]) == ("Ana", "3A", 7)
    assert run("sync", "list", "--played-since", "soon").code == 2


@pytest.mark.parametrize("score", [10**15, "x" * 500, None, [1], {"a": 1}, True])
def test_whatever_a_record_holds_is_listed_and_shown(store, run, inbox, score):
    payload = {"game_type": score, "score": score, "ended_at": score, "duration": score}
    item = NewInboxItem(
        session_id=UUID(int=300),
        payload=payload,
        payload_hash=fake_hash_payload(payload),
        clock_shift_s=1e300,
    )
    principal = a_principal(1, device_id=DEVICES[0])
    with store() as uow:
        uow.inbox.insert(
            [Delivery(principal=principal, items=[item], received_at=NOON, request_id=None)]
        )
        uow.commit()

    assert run("sync", "list").code == 0
    assert run("sync", "show", str(UUID(int=300))).code == 0


def test_show_tells_who_decided_what_when_and_why(store, run, inbox):
    with store() as uow:
        (held,) = uow.inbox.list(InboxFilter(states=(InboxState.HELD,)), limit=1)
    run("sync", "reject", str(held.inbox_id), "--reason", "a test of the tablet", "--yes")

    shown = run("sync", "show", str(held.inbox_id))
    (item,) = json.loads(run("sync", "show", str(held.inbox_id), "--json").out)["items"]

    assert "a test of the tablet" in shown.out
    assert "session rejected by " in shown.out
    (decision,) = item["decisions"]
    assert decision["reason"] == "a test of the tablet"
    assert decision["what"] == "session rejected"
    assert decision["who"]
    assert decision["at"]


@pytest.mark.parametrize(
    "line", [["replay"], ["dismiss", "--reason", "a test", "--yes"]], ids=["replay", "dismiss"]
)
def test_what_changes_games_refuses_a_number_that_is_a_nickname_too(store, run, inbox, line):
    run("class", "create", "3C", "--names", "1,Eva")

    ran = run("sync", *line, "--student", "1")

    assert ran.code == 1
    assert "Use id:1 or id:" in ran.err
    assert "Use id:" not in run("sync", *line, "--student", "id:1").err
    assert run("sync", "list", "--student", "1").code == 0
    assert run("sync", *line, "--student", "4711").code == 1


def test_the_question_before_a_rejection_names_the_games(store, run, inbox, monkeypatch):
    asked = []
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("typer.confirm", lambda question, **_: asked.append(question))

    run("sync", "reject", "3", "3", "--reason", "a test")

    assert asked == ["Reject 1 game (3: cyber_runner of Ana, 3A, -, held)?"]
