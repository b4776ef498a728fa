"""`neuroplay sync show | replay | approve | reject | export`, and `db recompute`."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from neuroplay.core.use_cases.accept_sync import AcceptSync
from neuroplay.core.use_cases.drain_inbox import DrainInbox
from tests.builders import DEVICE, a_principal
from tests.fakes.services import NOON, FakeClock, FakeWakeUp, fake_hash_payload
from tests.unit.cli.documented import promised, shape
from tests.unit.core.samples import record


@pytest.fixture
def pipeline(store, run):
    """Ana has one processed game, a held one (inbox 2) and an invalid one (inbox 3)."""
    made = json.loads(run("class", "create", "3A", "--names", "Ana,Bia", "--json").out)
    send(store, made, record(0), record(1, duration=3000), record(2, score=-1))
    return made


def send(store, made, *sessions):
    principal = a_principal(made["students"][0]["id"])
    clock = FakeClock(NOON)
    AcceptSync(
        uow=store, clock=clock, hash_payload=fake_hash_payload, wake_up=FakeWakeUp()
    ).execute(
        principal,
        sessions=list(sessions),
        sent_at=None,
        outbox=None,
        request_id="r-1",
    )
    DrainInbox(uow=store, clock=clock, release="2.5.0").execute()


def states(store) -> list[str]:
    return [store.tables.inbox[i].state.value for i in sorted(store.tables.inbox)]


def test_show_tells_all_in_the_documented_shape(pipeline, run):
    document = json.loads(run("sync", "show", "1", "--json").out)
    (item,) = document["items"]
    (told,) = promised("sync show")["items"]
    assert set(item) == set(told)
    assert (item["state"], item["request_id"], item["record"]["score"]) == ("processed", "r-1", 300)
    assert set(item["result"]) == set(told["result"])
    held = json.loads(run("sync", "show", "2", "--json").out)["items"][0]
    assert shape(held["tries"][0]) == {**shape(told["tries"][0]), "error": ..., "reasons": [...]}
    by_session = run("sync", "show", item["session_id"]).out
    assert "XP" in by_session
    assert "r-1" in by_session


@pytest.mark.parametrize("ref", ["99", "no", "0190b0a5-0000-7000-8000-00000000ffff", "9" * 30])
def test_show_says_that_there_is_no_such_game(pipeline, run, ref):
    ran = run("sync", "show", ref)
    assert ran.code == 1
    assert ref in ran.err


def test_replay_says_of_each_what_became_of_it(pipeline, run):
    ran = run("sync", "replay", "--json")
    lines = [json.loads(line) for line in ran.out.splitlines()]
    assert {line["result"] for line in lines} == {"held", "invalid"}
    assert all(shape(line) == shape(promised("sync replay")) for line in lines)
    assert ran.code == 1
    shown = run("sync", "replay", "--dry-run", "--state", "held")
    assert "1 held" in shown.out
    assert "dry run" in shown.out


def test_replay_with_nothing_to_do_is_done(pipeline, run):
    ran = run("sync", "replay", "--state", "failed")
    assert (ran.code, ran.out.strip()) == (0, "Nothing to do.")


def test_replay_takes_ids_or_filters_never_both(pipeline, run):
    ran = run("sync", "replay", "1", "--state", "held")
    assert ran.code == 2
    assert "cannot be combined" in ran.err


def test_approve_counts_and_reject_keeps(pipeline, run, store):
    assert "1 applied" in run("sync", "approve", "2", "--reason", "seen", "--dry-run").out
    assert states(store)[1] == "held"
    ran = run("sync", "approve", "2", "--reason", "seen", "--json")
    assert shape(json.loads(ran.out)) == shape(promised("sync approve"))
    assert states(store)[1] == "processed"
    again = run("sync", "approve", "2", "--reason", "seen")
    assert again.code == 1
    assert "it is processed" in again.out
    who = store.tables.audit[-1]["who"]
    assert who
    assert who != "operator"


@pytest.mark.parametrize("command", ["approve", "reject", "dismiss"])
@pytest.mark.parametrize("reason", ["", "   "])
def test_a_decision_needs_a_reason(store, run, command, reason):
    ran = run("sync", command, "2", "--reason", reason)

    assert ran.code == 2
    assert "'--reason': it must not be empty" in ran.err
    assert ran.err.count("\n") == 1


def test_reject_asks_and_takes_a_reason(pipeline, run, store):
    assert run("sync", "reject", "2").code == 2
    assert run("sync", "reject", "2", "--reason", "no").code == 2
    assert states(store)[1] == "held"
    ran = run("sync", "reject", "2", "--reason", "a test", "--yes", "--json")
    assert shape(json.loads(ran.out)) == shape(promised("sync reject"))
    assert states(store)[1] == "rejected"


def test_export_writes_records_that_check_reads(pipeline, run, tmp_path):
    ran = run("sync", "export", "--state", "held")
    (line,) = ran.out.splitlines()
    assert json.loads(line)["duration"] == 3000
    out = tmp_path / "all.jsonl"
    assert run("sync", "export", "--out", str(out)).code == 0
    assert len(out.read_text().splitlines()) == 3
    assert out.stat().st_mode & 0o777 == 0o600
    assert "2 plausible" not in run("sync", "check", str(out)).out
    whole = json.loads(run("sync", "export", "--state", "held", "--json").out)
    assert whole["record"]["duration"] == 3000


def test_recompute_finds_nothing_and_then_what_differs(pipeline, run, store):
    assert "no difference" in run("db", "recompute", "--dry-run").out
    with store() as uow:
        student = uow.students.get(pipeline["students"][0]["id"])
        uow.students.save(replace(student, progress=replace(student.progress, xp=1)))
        uow.commit()
    ran = run("db", "recompute", "--dry-run", "--json")
    assert ran.code == 1
    assert shape(json.loads(ran.out)) == shape(promised("db recompute"))
    corrected = run("db", "recompute")
    assert corrected.code == 0
    assert "xp: stored 1, computed" in corrected.out
    assert run("db", "recompute", "--dry-run").code == 0
    assert run("db", "recompute", "--student", "999").code == 1


def test_dismissed_games_are_closed_with_a_reason_and_status_gets_clean(pipeline, store, run):
    done = run("sync", "dismiss", "3", "--reason", "a test", "--yes", "--json")
    assert done.code == 0
    (one,) = json.loads(done.out)["items"]
    assert (one["result"], one["reason"]) == ("dismissed", "it was invalid")
    assert shape(one) == shape(promised("sync dismiss")["items"][0])
    counts = json.loads(run("sync", "status", "--json").out)
    assert (counts["invalid"], counts["dismissed"], counts["errors"]) == (0, 1, {})
    assert "a test" in run("sync", "show", "3").out
    listed = json.loads(run("sync", "list", "--state", "dismissed", "--json").out)
    assert [item["inbox_id"] for item in listed["items"]] == [3]


def test_a_dismissal_that_is_not_clear_does_nothing(pipeline, store, run):
    before = states(store)
    assert run("sync", "dismiss", "--reason", "x").code == 2
    assert run("sync", "dismiss", "3").code == 2
    assert run("sync", "dismiss", "3", "--reason", " ").code == 2
    assert run("sync", "dismiss", "3", "--state", "invalid", "--reason", "x", "--yes").code == 2
    assert run("sync", "dismiss", "3", "--reason", "x").code == 2  # nobody is there to answer
    assert run("sync", "dismiss", "99", "--reason", "x", "--yes").code == 1
    assert run("sync", "dismiss", "2", "--reason", "x", "--yes").code == 1
    assert run("sync", "dismiss", "3", "--reason", "x", "--dry-run").code == 0
    assert states(store) == before


def test_a_dismissal_by_filters_counts_the_games_and_takes_those_alone(
    pipeline, store, run, monkeypatch
):
    asked = []

    def answer(question, **_):
        asked.append(question)
        send(store, pipeline, record(7, score=-1))  # while somebody reads the question
        return True

    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("typer.confirm", answer)
    ran = run("sync", "dismiss", "--state", "invalid", "--reason", "x", "--json")

    assert [one["inbox_id"] for one in json.loads(ran.out)["items"]] == [3]
    assert asked[0].startswith("Dismiss 1 game (3: ")


def test_a_dismissal_of_nothing_asks_nothing(pipeline, store, run):
    ran = run("sync", "dismiss", "--error", "nosuch", "--reason", "x")

    assert (ran.code, ran.out) == (0, "Nothing to do.\n")


@pytest.mark.parametrize(
    ("filters", "exported"),
    [
        (["--verdict", "plausible"], [0]),
        (["--verdict", "mismatch"], []),
        (["--played-since", "2026-11-24"], [2, 1, 0]),
        (["--played-since", "2026-11-26"], []),
        (["--state", "held", "--class", "3A", "--device", str(DEVICE)], [1]),
    ],
)
def test_an_export_takes_every_filter_of_the_list(pipeline, run, filters, exported):
    ran = run("sync", "export", *filters)
    found = [json.loads(line)["session_id"] for line in ran.out.splitlines()]
    assert found == [record(number)["session_id"] for number in exported]
    listed = json.loads(run("sync", "list", "--json", *filters).out)["items"]
    assert len(listed) == len(found)


def test_what_is_counted_is_neither_replayed_nor_dismissed_by_its_verdict(pipeline, run, store):
    before = states(store)
    for line in (["replay"], ["dismiss", "--reason", "a test", "--yes"]):
        ran = run("sync", *line, "--verdict", "plausible")
        assert ran.code == 1
        assert "it is processed" in ran.out
    assert states(store) == before


def test_a_filter_narrows_what_is_replayed_and_dismissed(pipeline, run, store):
    future = ("--played-since", "2027-01-01")
    assert run("sync", "replay", *future).out.strip() == "Nothing to do."
    assert run("sync", "dismiss", "--reason", "a test", "--yes", *future).code == 0
    assert states(store) == ["processed", "held", "invalid"]
    run("sync", "dismiss", "--reason", "a test", "--yes", "--played-since", "2026-11-01")
    assert states(store) == ["processed", "held", "dismissed"]


def test_an_export_of_a_class_that_is_not_there_leaves_no_file(pipeline, run, tmp_path):
    ran = run("sync", "export", "--class", "9Z", "--out", str(tmp_path / "x.jsonl"))
    assert ran.code == 1
    assert not (tmp_path / "x.jsonl").exists()
