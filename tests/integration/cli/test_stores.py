"""Commands on a real PostgreSQL and a real Valkey."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from neuroplay.bootstrap import build
from neuroplay.config import load_settings
from neuroplay.infra.embedded.postgres import EmbeddedPostgres
from neuroplay.infra.embedded.redis import EmbeddedValkey
from tests.builders import DEVICE, a_principal
from tests.command_line import run
from tests.integration.servers import wait_until
from tests.unit.cli.documented import sections

__all__ = ["run"]


@pytest.fixture(scope="module")
def servers() -> Iterator[tuple[str, str]]:
    """PostgreSQL and Valkey for these tests alone: they drop the schema and look at its age.

    Their folder is not below tmp_path, which is root's alone and too long for a socket.
    """
    with tempfile.TemporaryDirectory(prefix="npcli", dir="/tmp") as folder:
        place = Path(folder)
        place.chmod(0o755)
        postgres = EmbeddedPostgres(home=place / "home", runtime_dir=place / "run")
        valkey = EmbeddedValkey(home=place / "home", runtime_dir=place / "run")
        with postgres.running() as postgres_url, valkey.running() as redis_url:
            yield postgres_url.replace("postgresql+psycopg2:", "postgresql:"), redis_url


@pytest.fixture
def fresh(servers, monkeypatch, tmp_path) -> str:
    """An empty database, named to the commands; gives its URL."""
    database_url, redis_url = servers
    execute(database_url, "DROP SCHEMA public CASCADE", "CREATE SCHEMA public")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NEUROPLAY_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("REDIS_URL", redis_url)
    monkeypatch.setenv("NEUROPLAY_SECRET", "s" * 32)
    monkeypatch.setenv("NEUROPLAY_PORT", "1")
    return database_url


def execute(url: str, *statements: str) -> None:
    engine = create_engine(make_url(url).set(drivername="postgresql+psycopg2"))
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


def others(url: str) -> int:
    """The number of other connections to the database."""
    engine = create_engine(make_url(url).set(drivername="postgresql+psycopg2"))
    asked = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
    with engine.connect() as connection:
        found = connection.execute(text(f"{asked} AND pid <> pg_backend_pid()")).scalar_one()
    engine.dispose()
    return int(found)


@pytest.fixture
def migrated(fresh, run):
    assert run("db", "migrate").code == 0
    return fresh


def send(student_id: int, *sessions: dict) -> None:
    """Accept sessions as the API does."""
    container = build(load_settings())
    container.accept_sync.execute(
        a_principal(student_id), sessions=sessions, sent_at=None, outbox=None, request_id="r-1"
    )
    container.close()


def session(**changes) -> dict:
    known = {
        "session_id": str(uuid.uuid4()),
        "game_type": "cyber_runner",
        "game_version": "1",
        "started_at": "2026-11-20T14:00:00Z",
        "ended_at": "2026-11-20T14:02:00Z",
        "utc_offset_minutes": -180,
        "score": 500,
        "duration": 120,
        "accuracy": 0.85,
        "completed": True,
        "metadata": {"difficulty": 2},
    }
    return known | changes


def test_a_database_is_brought_up_to_this_release_once(fresh, run):
    before = run("db", "status", "--json")
    assert before.code == 1
    pending = json.loads(before.out)["pending"]
    assert pending

    done = json.loads(run("db", "migrate", "--json").out)
    assert done == {"from": None, "to": pending[-1], "applied": pending}

    after = run("db", "status", "--json")
    assert after.code == 0
    assert json.loads(after.out) == {"current": pending[-1], "head": pending[-1], "pending": []}
    assert run("db", "migrate").out.startswith("The schema is up to date")


def test_the_plan_is_shown_before_it_is_done(fresh, run):
    pending = json.loads(run("db", "status", "--json").out)["pending"]

    shown = run("db", "migrate").out

    assert [line for line in shown.splitlines() if line.startswith("to apply: ")] != []
    assert shown.splitlines()[-1] == f"The schema is now at {pending[-1]}."


def test_a_migration_has_the_database_know_the_secret(fresh, run, monkeypatch):
    monkeypatch.delenv("NEUROPLAY_SECRET")
    assert run("db", "migrate").code == 0  # where nobody told it: the first start notes it

    monkeypatch.setenv("NEUROPLAY_SECRET", "s" * 32)
    assert run("db", "migrate").err == ""

    monkeypatch.setenv("NEUROPLAY_SECRET", "t" * 32)
    assert "is not the one with which" in run("class", "create", "3A", "--students", "1").err
    again = run("db", "migrate")  # a schema must come up for `serve --new-secret`, too
    assert again.code == 0
    assert "is not the one with which" in again.err


def test_a_schema_of_a_later_release_is_left_alone(migrated, run):
    execute(migrated, "UPDATE alembic_version SET version_num = '9999'")

    assert run("db", "status").code == 1
    ran = run("db", "migrate")
    assert ran.code == 3
    assert "newer than" in ran.err


def test_waiting_for_the_schema_ends_once_another_machine_has_migrated(fresh, run):
    head = json.loads(run("db", "status", "--json").out)["head"]
    waiting = subprocess.Popen(
        [sys.executable, "-m", "cli", "db", "wait", "--timeout", "60", "--json"],
        stdout=subprocess.PIPE,
        text=True,
    )
    with waiting:
        wait_until(lambda: others(fresh) == 1, "it looks at the schema")
        assert waiting.poll() is None
        assert run("db", "migrate").code == 0
        out, _ = waiting.communicate(timeout=60)
    assert waiting.returncode == 0
    assert json.loads(out) == {"current": head, "head": head}


def test_waiting_for_a_schema_that_nobody_migrates_ends(fresh, run):
    ran = run("db", "wait", "--timeout", "0")

    assert ran.code == 1
    assert ran.err.startswith("Error: after 0 s the schema is still at none, and this release")
    assert ran.err.endswith("Run: neuroplay db migrate\n")


def test_nobody_waits_for_a_schema_of_a_later_release(migrated, run):
    execute(migrated, "UPDATE alembic_version SET version_num = '9999'")

    ran = run("db", "wait")

    assert ran.code == 1
    assert "newer than" in ran.err


@pytest.mark.parametrize("line", [["class", "list"], ["sync", "status"], ["student", "show", "1"]])
def test_a_database_without_schema_names_db_migrate(fresh, run, line):
    ran = run(*line)

    assert ran.code == 3
    assert ran.err == (
        "Error: the database's schema is behind this release. Run: neuroplay db migrate\n"
    )


REFUSED = [
    ["class", "list"],
    ["sync", "list"],
    ["db", "status"],
    ["db", "wait", "--timeout", "1"],
]


@pytest.mark.parametrize("line", REFUSED)
def test_a_database_that_refuses_ends_with_3_in_one_line(fresh, run, monkeypatch, line):
    monkeypatch.setenv("DATABASE_URL", "postgresql://neuroplay@127.0.0.1:1/none")

    ran = run(*line)

    assert ran.code == 3
    assert ran.out == ""
    assert ran.err.startswith("Error: the database is not reachable: ")
    assert ran.err.count("\n") == 1


def test_a_class_lives_from_its_making_to_the_erasing_of_a_student(migrated, run):
    made = json.loads(run("class", "create", "3A", "--students", "3", "--json").out)
    first, second, third = (student["id"] for student in made["students"])
    cards = json.loads(run("class", "cards", made["class"]["code"], "--json").out)["cards"]
    assert [card["card_code"] for card in cards] == [s["card_code"] for s in made["students"]]

    new = json.loads(run("student", "reset-card", str(first), "--yes", "--json").out)
    assert new["card_code"] != made["students"][0]["card_code"]

    send(second, session())
    exported = json.loads(run("student", "export", str(second)).out)
    assert len(exported["received"]) == 1
    removed = json.loads(run("student", "erase", str(second), "--yes", "--json").out)["removed"]
    assert removed["sync_inbox"] == 1
    assert run("student", "show", str(second)).code == 1

    left = json.loads(run("student", "list", "--class", "3A", "--json").out)["students"]
    assert [student["id"] for student in left] == [first, third]


def test_a_game_is_seen_from_the_inbox_to_the_students_progress(migrated, run):
    made = json.loads(run("class", "create", "3A", "--students", "1", "--json").out)
    student = made["students"][0]["id"]
    good, bad = session(), session(score=-1)
    send(student, good, bad)

    waiting = json.loads(run("sync", "status", "--json").out)
    assert (waiting["pending"], waiting["invalid"]) == (1, 1)
    assert 0 <= waiting["oldest_pending_s"] < 60

    container = build(load_settings())
    container.drain_inbox.execute()
    container.close()

    items = json.loads(run("sync", "list", "--json").out)["items"]
    assert {item["session_id"]: item["state"] for item in items} == {
        good["session_id"]: "processed",
        bad["session_id"]: "invalid",
    }
    shown = json.loads(run("student", "show", str(student), "--json").out)
    assert (shown["xp"], shown["level"], shown["sessions"]) == (850, 5, 1)
    assert shown["games"][0]["game_type"] == "cyber_runner"


def test_every_filter_of_the_list_reaches_the_database(migrated, run):
    made = json.loads(run("class", "create", "3A", "--students", "2", "--json").out)
    run("class", "create", "3B", "--students", "1")
    first, second = (student["id"] for student in made["students"])
    send(first, session(), session(score=-1))
    send(second, session())
    today = datetime.now(UTC).date().isoformat()

    def count(*filters: str) -> int:
        ran = run("sync", "list", "--json", *filters)
        assert ran.code == 0, ran.err
        return len(json.loads(ran.out)["items"])

    assert count() == 3
    assert count("--state", "pending") == 2
    assert count("--state", "pending", "--state", "invalid") == 3
    assert count("--student", str(first)) == 2
    assert count("--student", "99999999999999999999") == 0
    assert count("--class", "3A") == 3
    assert count("--class", "3B") == 0
    assert count("--since", "1h") == 3
    assert count("--until", f"{today}T00:00Z") == 0
    assert count("--device", str(DEVICE)) == 3
    assert count("--device", str(uuid.UUID(int=8))) == 0
    assert count("--error", "unheard_of") == 0

    page = json.loads(run("sync", "list", "--limit", "2", "--json").out)
    assert len(page["items"]) == 2
    assert count("--before", str(page["next"])) == 1


def test_the_doctor_finds_real_servers_well(migrated, run):
    checks = {check["name"]: check for check in json.loads(run("doctor", "--json").out)["checks"]}

    assert checks["database"]["state"] == "ok"
    assert checks["database"]["what"].startswith("PostgreSQL ")
    assert checks["schema"]["state"] == "ok"
    assert checks["redis"]["state"] == "ok"
    assert checks["api"]["state"] == "warning"


def test_the_doctor_names_what_is_away(fresh, run, monkeypatch):
    monkeypatch.setenv("REDIS_URL", "redis://127.0.0.1:1")

    ran = run("doctor", "--json")

    checks = {check["name"]: check for check in json.loads(ran.out)["checks"]}
    assert ran.code == 1
    assert checks["schema"]["fix"] == "Run: neuroplay db migrate"
    assert checks["redis"]["fix"] == "Check REDIS_URL"


def test_the_privacy_report_has_every_table_with_its_purpose_and_no_child(migrated, run):
    made = json.loads(run("class", "create", "3A", "--students", "1", "--json").out)
    (child,) = made["students"]
    send(child["id"], session())
    found = json.loads(run("privacy", "report", "--json").out)
    documented = json.loads(
        re.findall(r"```json\n(.*?)```", sections()["privacy report"], flags=re.DOTALL)[0]
    )
    assert found.keys() == documented.keys()
    assert found["retention"].keys() >= documented["retention"].keys()
    tables = {one["name"]: one for one in found["tables"]}
    for one in tables.values():
        assert one.keys() == documented["tables"][0].keys()
        for column in one["columns"]:
            assert column.keys() == documented["tables"][0]["columns"][0].keys()
    assert (tables["students"]["rows"], tables["sync_inbox"]["rows"]) == (1, 1)
    assert tables["sync_inbox"]["oldest"] is not None
    assert tables["tokens"]["oldest"] is None
    text = run("privacy", "report")
    assert text.code == 0
    assert "NEUROPLAY_TRACE_DAYS" in text.out
    for secret in (child["nickname"], child["card_code"], made["class"]["code"]):
        assert secret not in json.dumps(found)
        assert secret not in text.out


def test_the_privacy_report_names_classes_with_times_of_their_own(migrated, run):
    made = json.loads(run("class", "create", "3A", "--students", "1", "--json").out)
    assert run("class", "set", "3A", "--raw-days", "30", "--keep-months", "never").code == 0
    number = made["class"]["id"]
    assert json.loads(run("privacy", "report", "--json").out)["exceptions"] == [
        {"class_id": number, "trace_days": None, "raw_days": 30, "keep_months": 0}
    ]
    assert f"Class {number} has times of its own" in run("privacy", "report").err


def test_the_privacy_report_says_what_is_never_removed(migrated, run, monkeypatch):
    monkeypatch.setenv("NEUROPLAY_TRACE_DAYS", "never")
    found = json.loads(run("privacy", "report", "--json").out)
    assert found["retention"]["NEUROPLAY_TRACE_DAYS"] is None
    assert re.search(r"NEUROPLAY_TRACE_DAYS +never", run("privacy", "report").out)


def test_the_report_of_a_class_has_what_was_counted(migrated, run, tmp_path):
    assert run("class", "create", "3A", "--names", "Ana, Bia").code == 0
    ended = datetime.now(UTC) - timedelta(hours=1)
    send(
        1,
        session(**times(ended)),
        session(**times(ended - timedelta(hours=1)), game_type="signal_stop", score=100),
        session(**times(ended)),  # at the same time as the first one: held
    )
    drain()
    done = json.loads(
        run("class", "report", "3A", "--weeks", "1", "--language", "en", "--json").out
    )
    assert (done["students"], done["games"]) == (2, 2)
    page = (tmp_path / "report-3A.html").read_text()
    assert page.count("Rounds in this time: 1.") == 2
    assert page.count('<article class="child"') == 2
    assert page.count("<dt>Rounds that wait for an adult</dt><dd>1</dd>") == 1
    (entry, *_) = json.loads(run("audit", "list", "--class", "3A", "--json").out)["entries"]
    assert (entry["what"], entry["details"]) == ("class reported", {"weeks": 1})


def times(ended: datetime) -> dict[str, str]:
    started = ended - timedelta(minutes=3)
    return {"started_at": stamp(started), "ended_at": stamp(ended)}


def stamp(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def drain() -> None:
    """Count what was accepted, as a worker does."""
    container = build(load_settings())
    container.drain_inbox.execute(100)
    container.close()
