"""`neuroplay loadtest` against a served system, judged by failures and the ledger."""

from __future__ import annotations

import csv
import json
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.installation import Installation
from tests.acceptance.loading import Bench, LoadTest, bench, is_page_of_its_own

pytestmark = pytest.mark.slow

SHORT = ("--users", "20", "--spawn-rate", "20", "--run-time", "6s", "--judge", "failures")
LONG = ("--users", "10", "--spawn-rate", "10", "--run-time", "5m", "--judge", "failures")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    with bench(tmp_path_factory.mktemp("loadtest")) as made:
        yield made


@pytest.fixture(scope="module")
def smoke(place: Bench) -> LoadTest:
    words = ("--users", "50", "--run-time", "20s", "--judge", "failures", "--calibrate", "0.4")
    return place.loadtest("smoke", "normal", *words, "--json")


@pytest.fixture(scope="module")
def monday(place: Bench, smoke: LoadTest) -> LoadTest:
    words = ("--users", "20", "--spawn-rate", "20", "--run-time", "24s", "--judge", "failures")
    return place.loadtest("monday", "monday", *words)


@pytest.fixture(scope="module")
def plain(place: Bench, monday: LoadTest) -> LoadTest:
    return place.locust("plain", "--host", place.url, *SHORT)


@pytest.fixture(scope="module", autouse=True)
def meanwhile(smoke: LoadTest, monday: LoadTest, plain: LoadTest) -> None:
    """The longer runs go on during the tests that do not ask for them."""


def test_a_run_that_is_interrupted_is_judged_void(place: Bench) -> None:
    runs = {
        number: [
            place.loadtest(f"command {number}", "normal", *LONG),
            place.locust(f"locust {number}", "--host", place.url, *LONG),
        ]
        for number in (signal.SIGINT, signal.SIGTERM)
    }
    for number, both in runs.items():
        for one in both:
            one.wait_for("steady")
            one.send(number)
    for both in runs.values():
        for one in both:
            ended = one.ended()
            assert ended.code == 3, ended
            assert ended.verdict == "void"
            assert "it was stopped manually after" in ended.reasons
            assert "VOID" in ended.out
            assert not (one.files / "roster.json").exists()


def test_a_roster_plays_from_afar(place: Bench, tmp_path: Path) -> None:
    """As from another machine: nothing of the server's home, settings or secret is there."""
    roster = place.roster(20)
    code = json.loads(roster.read_text())["classes"][0]["class"]["code"]
    afar = Installation(home=tmp_path / "afar")
    words = (*SHORT, "--host", place.url, "--roster", str(roster))
    run = place.loadtest("afar", "normal", *words, system=afar)
    again = place.locust("again", *words)
    ended = run.ended()
    assert ended.code == 0, ended
    assert ended.result["sessions"]["acknowledged"] > 0
    assert not afar.home.exists()
    assert again.ended().code == 0, again.said
    assert code in place.load_classes()
    assert place.system.run("loadtest", "roster", str(roster), "--erase", "--yes").code == 0
    assert code not in place.load_classes()


def test_students_that_the_server_does_not_know_cannot_play(place: Bench, tmp_path: Path) -> None:
    roster = tmp_path / "roster.json"
    students = [{"card_code": f"{number:010}"} for number in range(20)]
    roster.write_text(json.dumps({"class": {"code": "AAAAA"}, "students": students}))
    ended = place.loadtest("unknown", "normal", *SHORT, "--roster", str(roster)).ended()
    assert (ended.code, ended.result) == (3, {}), ended
    assert "does not know the students of --roster" in ended.err


def test_locust_itself_gives_the_same_summary_and_exit_code(plain: LoadTest) -> None:
    """The seed's own command: no --headless, no roster, from any folder."""
    ended = plain.ended()
    assert ended.code == 0, ended
    assert "📊 LOAD TEST RESULT" in ended.out
    assert "✅ TEST PASSED (normal with 20 of 500 students" in ended.out
    assert ended.result["sessions"]["acknowledged"] > 0


def test_a_school_day_passes_by_its_failures_and_its_ledger(smoke: LoadTest) -> None:
    ended = smoke.ended()
    assert ended.code == 0, ended
    told: dict[str, Any] = json.loads(ended.out)
    assert (told["verdict"], told["reasons"]) == ("pass", [])
    sessions = told["sessions"]
    assert sessions["acknowledged"] == sessions["stored"] > 0
    assert (sessions["lost"], sessions["counted_twice"]) == (0, 0)
    assert sessions["duplicates_sent"] > 0
    assert sessions["connections_dropped"] > 0
    by_time = [one["status"] for one in told["thresholds"] if one["name"].endswith("_ms")]
    assert by_time == ["not judged"] * 3


def test_the_machines_speed_stands_beside_the_figures(smoke: LoadTest, monday: LoadTest) -> None:
    machine = json.loads(smoke.ended().out)["machine"]
    assert machine["calibrated_s"] == 0.4
    for name in ("bare_rps", "bare_ms", "fsyncs_per_s", "python_steps_per_s", "processors"):
        assert machine[name] > 0, name
    assert machine["offered_rps"] == pytest.approx(50 / 0.75)
    assert monday.ended().result["machine"]["bare_rps"] is None
    assert "Machine: not measured (--calibrate 0)" in monday.ended().out


def test_what_students_do_is_what_the_app_does(smoke: LoadTest) -> None:
    result = smoke.ended().result
    asked = {one["name"]: one["requests"] for one in result["endpoints"]}
    assert {
        "POST /api/v1/gameplay/sync",
        "GET /api/v1/me",
        "GET /api/v1/leaderboards/{game_type}",
        "GET /sw.js",
    } <= asked.keys()
    assert asked["POST /api/v1/gameplay/sync"] > asked["GET /api/v1/me"]
    assert result["errors"] == {}


def test_a_run_leaves_a_report_of_its_own(smoke: LoadTest) -> None:
    smoke.ended()
    page = (smoke.files / "report.html").read_text()
    assert "<svg" in page
    assert is_page_of_its_own(page)
    result = json.loads((smoke.files / "result.json").read_text())
    timeline = list(csv.DictReader((smoke.files / "timeline.csv").read_text().splitlines()))
    assert len(timeline) == len(result["timeline"]) > 0
    assert {"t", "users", "rps", "p99_ms", "queue", "cpu"} <= timeline[0].keys()
    endpoints = list(csv.DictReader((smoke.files / "endpoints.csv").read_text().splitlines()))
    assert [row["name"] for row in endpoints] == [one["name"] for one in result["endpoints"]]


def test_on_monday_every_tablet_brings_its_backlog(monday: LoadTest) -> None:
    ended = monday.ended()
    assert ended.code == 0, ended
    figures, sessions = ended.result["figures"], ended.result["sessions"]
    assert figures["undelivered"] == 0
    assert figures["drained_s"] is not None
    assert sessions["acknowledged"] == sessions["stored"] >= 20 * 5
    assert sessions["connections_dropped"] >= 20 / 5
    assert "TEST PASSED (monday with 20 of 2000 students" in ended.out


def test_no_class_is_left(place: Bench, smoke: LoadTest, monday: LoadTest, plain: LoadTest) -> None:
    for run in (smoke, monday, plain):
        run.ended()
    assert place.load_classes() == set()
