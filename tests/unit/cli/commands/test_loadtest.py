"""`neuroplay loadtest` with a stand-in for Locust, which writes a prepared result."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path

import pytest

from cli.loading import chaos, generator, target
from cli.output.errors import cannot
from loadprofiles.profiles import PROFILES
from tests.unit.cli.documented import promised, shape


@pytest.fixture(autouse=True)
def folder(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)


FIGURES = {
    "steady_s": 39.0,
    "requests": 100,
    "failures": 0,
    "rps": 50.0,
    "avg_ms": 5.0,
    "p95_ms": 9.0,
    "p99_ms": 20.0,
    "failure_rate": 0.0,
    "lost": 0,
    "counted_twice": 0,
}


def result(verdict="pass", *, rps=50.0, **said):
    timeline = [
        {
            "t": float(second),
            "rps": rps + second % 2,
            "p50_ms": 3.0,
            "p95_ms": 9.0,
            "p99_ms": 20.0,
            "queue": 3.0,
            "cpu": 0.3,
            "memory": 0.2,
            "users": 20,
            "failures": 0,
            "generator_cpu": 0.1,
        }
        for second in range(1, 41)
    ]
    return {
        "profile": "normal",
        "verdict": verdict,
        "reasons": [],
        "judged": "all",
        "chaos": None,
        "host": "http://127.0.0.1:5000",
        "began_at": "2026-11-25T16:28:04Z",
        "users": 20,
        "profile_users": 500,
        "run_time_s": 40,
        "ramp_s": 1.0,
        "machine": {
            "calibrated_s": 2.0,
            "bare_rps": 4102.5,
            "bare_ms": 0.41,
            "fsyncs_per_s": 812.0,
            "python_steps_per_s": 18123000.0,
            "processors": 2.0,
            "offered_rps": 26.7,
            "needed_bare_rps": 85.3,
        },
        "figures": {**FIGURES, "rps": rps},
        "thresholds": [
            {
                "name": "p99_ms",
                "limit": 1000,
                "sense": "below",
                "value": 20.0,
                "ok": True,
                "status": "ok",
                "note": "",
            }
        ],
        "sessions": {
            "acknowledged": 70,
            "stored": 70,
            "lost": 0,
            "counted_twice": 0,
            "duplicates_sent": 3,
            "connections_dropped": 1,
        },
        "endpoints": [
            {
                "name": "POST /api/v1/gameplay/sync",
                "requests": 40,
                "failures": 0,
                "p50_ms": 3.0,
                "p95_ms": 9.0,
                "p99_ms": 20.0,
            }
        ],
        "errors": {},
        "generator": {"machine": "2 cores", "python": "3.11", "locust": "2.47", "neuroplay": "2.5"},
        "timeline": timeline,
        **said,
    }


class Play:
    """In the generator's place. `students` is how many there were while it ran."""

    def __init__(self, store):
        self._store = store
        self.words: list[str] = []
        self.out: Path | None = None
        self.students = 0
        self.result = result()
        self.looks: list[dict] = []
        self.act = lambda: None

    def __call__(self, words, out, hear, *, ops_token=""):
        self.words, self.out = list(words), out
        self.students = len(self._store.tables.students)
        for look in self.looks:
            hear(look)
        self.act()
        return self.result


@pytest.fixture
def play(store, monkeypatch, tmp_path):
    monkeypatch.setenv("NEUROPLAY_HOME", str(tmp_path / "home"))
    fake = Play(store)
    monkeypatch.setattr(generator, "run", fake)
    monkeypatch.setattr(target, "status_of", lambda *_: 200)
    return fake


# A run


def test_a_run_plays_with_a_load_class_of_its_own_that_is_gone_afterwards(run, store, play):
    ran = run("loadtest", "normal", "--users", "20", "--out", "here")

    assert ran.code == 0
    assert play.students == 20
    assert not store.tables.students
    assert not store.tables.classes
    assert play.out == Path("here").resolve()
    assert "TEST PASSED" in ran.out
    assert f"Report: {Path('here').resolve() / 'report.html'}" in ran.out


@pytest.mark.parametrize(
    ("verdict", "code"), [("pass", 0), ("graceful", 1), ("fail", 1), ("void", 3)]
)
def test_the_exit_code_is_the_verdicts(run, play, verdict, code):
    play.result = result(verdict)

    assert run("loadtest", "normal", "--users", "2").code == code


def test_the_result_as_json_is_as_promised_and_nothing_else_is_on_stdout(run, play):
    ran = run("loadtest", "normal", "--users", "2", "--json")

    told, known = json.loads(ran.out), promised("loadtest normal")
    assert set(told) == set(known)
    for name in ("thresholds", "sessions", "endpoints", "generator"):
        assert shape(told[name]) == shape(known[name])
    assert set(known["figures"]) <= {*told["figures"], "cpu"}


def test_without_out_each_run_has_a_folder_of_its_own(run, play, tmp_path):
    run("loadtest", "spike", "--users", "2")

    assert play.out is not None
    assert play.out.parent == tmp_path / "home" / "loadtests"
    assert play.out.name.endswith("-spike")


@pytest.mark.parametrize("profile", PROFILES)
def test_every_profile_is_a_command(run, play, profile):
    assert run("loadtest", profile).code == 0
    assert play.students == PROFILES[profile].users
    assert play.words[play.words.index("--profile") + 1] == profile


@pytest.mark.parametrize(
    ("error", "code"), [(cannot("it fell over"), 3), (KeyboardInterrupt(), 130)]
)
def test_the_load_class_goes_when_the_run_breaks(run, store, play, error, code):
    def fail():
        raise error

    play.act = fail

    ran = run("loadtest", "normal", "--users", "2", "--out", "here")

    assert ran.code == code
    assert play.students == 2
    assert not store.tables.students
    assert not Path("here/roster.json").exists()


@pytest.mark.parametrize("signal_number", [signal.SIGTERM, signal.SIGHUP])
def test_a_request_to_end_is_as_an_interrupt(run, store, play, signal_number):
    before = signal.getsignal(signal_number)
    play.act = lambda: os.kill(os.getpid(), signal_number)

    assert run("loadtest", "normal", "--users", "2").code == 130
    assert not store.tables.students
    assert signal.getsignal(signal_number) is before


def test_a_generator_without_a_result_is_told_in_one_line(run, store, play):
    play.result = None

    ran = run("loadtest", "normal", "--users", "2")

    assert ran.code == 3
    assert ran.err == "Error: the load generator ended without a result\n"
    assert not store.tables.students


def test_away_from_a_terminal_the_run_is_told_in_lines_on_stderr(run, play):
    look = {"phase": "steady", "run_time_s": 40, "failed": 0, **result()["timeline"][0]}
    play.looks = [{**look, "t": float(second)} for second in range(1, 25)]

    ran = run("loadtest", "normal", "--users", "2", "--json")

    assert ran.err.count(" steady ") == 3
    json.loads(ran.out)


# Before it


def test_no_server_is_told_before_a_class_is_made(run, store, play, monkeypatch):
    def refuse(url, believed, document=None):
        raise ConnectionRefusedError(111, "Connection refused")

    monkeypatch.setattr(target, "status_of", refuse)

    ran = run("loadtest", "normal", "--users", "2")
    assert ran.code == 3
    assert "connection refused. Is NeuroPlay running? Run: neuroplay serve" in ran.err
    ran = run("loadtest", "normal", "--users", "2", "--host", "http://10.0.0.9")
    assert "no answer from http://10.0.0.9: connection refused. Check the address" in ran.err
    assert not store.opened


@pytest.mark.parametrize(
    ("status", "words"), [(401, "does not know the load class"), (404, "HTTP 404")]
)
def test_a_server_that_does_not_know_the_class_is_not_loaded(
    run, store, play, monkeypatch, status, words
):
    monkeypatch.setattr(target, "status_of", lambda _, __, *card: status if card else 200)

    ran = run("loadtest", "normal", "--users", "2", "--host", "http://10.0.0.9")

    assert ran.code == 3
    assert words in ran.err
    assert play.words == []
    assert not store.tables.students


def test_a_folder_that_cannot_be_written_is_told_before_a_class_is_made(run, store, play):
    Path("file").write_text("")

    ran = run("loadtest", "normal", "--users", "2", "--out", "file/below")

    assert ran.code == 3
    assert "cannot write to" in ran.err
    assert not store.opened


def test_the_files_of_an_earlier_run_do_not_pass_for_this_ones(run, play):
    Path("here").mkdir()
    Path("here/report.html").write_text("old")

    run("loadtest", "normal", "--users", "2", "--out", "here")

    assert not Path("here/report.html").exists()


def test_the_roster_of_a_class_that_was_not_erased_is_not_written_over(run, store, play):
    Path("here").mkdir()
    Path("here/roster.json").write_text("{}")

    ran = run("loadtest", "normal", "--users", "2", "--out", "here")

    assert ran.code == 1
    assert f"neuroplay loadtest roster {Path('here/roster.json').resolve()} --erase" in ran.err
    assert Path("here/roster.json").read_text() == "{}"


@pytest.mark.parametrize(
    "options",
    [
        ["--users", "0"],
        ["--users", "100001"],
        ["--spawn-rate", "0"],
        ["--run-time", "soon"],
        ["--workers", "0"],
        ["--master", "--worker"],
        ["--judge", "mood"],
        ["--host", "play.school.example"],
        ["--users", "100", "--spawn-rate", "1", "--run-time", "10s"],
    ],
)
def test_what_can_be_no_run_is_a_usage_error_in_one_line(run, store, play, options):
    ran = run("loadtest", "normal", *options)

    assert ran.code == 2
    assert ran.err.count("\n") == 1
    assert not store.opened


# Several machines


def test_a_roster_given_is_played_with_and_left_alone(run, store, play):
    run("loadtest", "roster", "load.json", "--students", "3")

    ran = run("loadtest", "normal", "--users", "3", "--roster", "load.json")

    assert ran.code == 0
    assert play.words[play.words.index("--roster") + 1] == str(Path("load.json").resolve())
    assert len(store.tables.students) == 3
    assert Path("load.json").exists()


@pytest.mark.parametrize(
    ("roster", "code", "words"),
    [
        (None, 3, "no such file or directory"),
        ("nothing", 1, "not JSON"),
        (
            json.dumps(
                {"class": {"code": "7K2MN"}, "students": [{"card_code": "ABCDEFGHJK"}]},
            ),
            2,
            "has 1 student, but 3 are needed",
        ),
    ],
)
def test_a_roster_that_does_not_do_is_told_before_the_run(run, play, roster, code, words):
    if roster is not None:
        Path("load.json").write_text(roster)

    ran = run("loadtest", "normal", "--users", "3", "--roster", "load.json")

    assert ran.code == code
    assert words in ran.err
    assert play.words == []


def test_a_worker_makes_no_class_and_tells_no_result(run, store, play):
    play.result = None

    ran = run("loadtest", "normal", "--worker", "--master-host", "10.0.0.1")

    assert ran.code == 0
    assert ran.out == ""
    assert "Playing for 10.0.0.1:5557" in ran.err
    assert play.words == ["--worker", "--master-host", "10.0.0.1", "--master-port", "5557"]
    assert not store.opened


def test_a_master_says_that_it_waits(run, play):
    ran = run("loadtest", "normal", "--users", "2", "--master", "--expect-workers", "4")

    assert "Waiting for 4 workers on port 5557" in ran.err


# Something is broken on purpose


class FakeChaos:
    why = ""

    def __init__(self, name):
        pass

    def hear(self, row):
        pass

    def finish(self):
        return self.why


@pytest.mark.parametrize(
    ("why", "verdict", "told", "code"),
    [("", "pass", "pass", 0), ("not done", "pass", "void", 3), ("not done", "fail", "fail", 1)],
)
def test_a_fault_that_did_not_happen_was_not_stood(
    run, play, monkeypatch, why, verdict, told, code
):
    monkeypatch.setattr(FakeChaos, "why", why)
    monkeypatch.setattr("cli.loading.run.Chaos", FakeChaos)
    play.result = result(verdict, chaos="kill-worker")

    ran = run(
        "loadtest", "normal", "--users", "2", "--chaos", "kill-worker", "--out", "here", "--json"
    )

    assert ran.code == code
    document = json.loads(ran.out)
    assert (document["verdict"], document["reasons"]) == (told, [why] if why else [])
    if why:
        assert json.loads(Path("here/result.json").read_text())["verdict"] == told


def test_every_fault_has_its_name_in_the_help(run):
    # A narrow terminal breaks words at their hyphens.
    helped = "".join(run("loadtest", "normal", "--help").out.split())

    assert all(name in helped for name in chaos.FAULTS)


# Beside runs


def test_the_profiles_are_listed(run):
    ran = run("loadtest", "list")
    assert [line.split()[0] for line in ran.out.splitlines()] == ["PROFILE", *PROFILES]

    told = json.loads(run("loadtest", "list", "--json").out)
    assert shape(told) == shape(promised("loadtest list"))
    assert [one["name"] for one in told["profiles"]] == list(PROFILES)


def test_a_roster_is_made_and_erased(run, store):
    made = run("loadtest", "roster", "load.json", "--students", "201", "--json")
    assert made.code == 0
    assert json.loads(made.out) == {"file": "load.json", "students": 201, "classes": 7}
    assert Path("load.json").stat().st_mode & 0o777 == 0o600
    assert len(store.tables.students) == 201

    asked = run("loadtest", "roster", "load.json", "--erase")
    assert asked.code == 2
    assert "--yes" in asked.err

    gone = run("loadtest", "roster", "load.json", "--erase", "--yes", "--json")
    assert json.loads(gone.out) == {"file": "load.json", "erased": 201}
    assert not store.tables.students
    assert not Path("load.json").exists()


def test_a_roster_whose_classes_are_gone_can_be_erased_all_the_same(run, store):
    run("loadtest", "roster", "load.json", "--students", "3")
    run("class", "erase", next(iter(store.tables.classes.values())).code, "--yes")

    ran = run("loadtest", "roster", "load.json", "--erase", "--yes", "--json")

    assert json.loads(ran.out)["erased"] == 0
    assert not Path("load.json").exists()


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        ([], 2, "either --students N or --erase"),
        (["--students", "3", "--erase"], 2, "either --students N or --erase"),
        (["--students", "0"], 2, "--students"),
        (["--erase", "--yes"], 3, "no such file"),
    ],
)
def test_a_roster_is_either_made_or_erased(run, store, options, code, words):
    ran = run("loadtest", "roster", "load.json", *options)

    assert ran.code == code
    assert words in ran.err
    assert not store.tables.classes


def test_a_roster_that_is_there_is_not_written_over(run, store):
    Path("load.json").write_text("{}")

    ran = run("loadtest", "roster", "load.json", "--students", "3")

    assert ran.code == 1
    assert "neuroplay loadtest roster load.json --erase" in ran.err
    assert not store.tables.classes


def test_a_roster_that_cannot_be_written_leaves_no_class(run, store):
    assert run("loadtest", "roster", "none/load.json", "--students", "3").code == 3
    assert not store.tables.classes


# Two runs


def keep(name, document):
    Path(name).write_text(json.dumps(document))


def test_two_runs_alike_compare_as_the_same(run):
    keep("a.json", result())
    keep("b.json", result())

    ran = run("loadtest", "compare", "a.json", "b.json", "--json")

    assert ran.code == 0
    told = json.loads(ran.out)
    assert shape(told) == shape(promised("loadtest compare"))
    assert {one["change"] for one in told["changes"]} == {"same"}


def test_what_became_worse_ends_with_1_and_what_became_better_does_not(run):
    keep("a.json", result(rps=50.0))
    keep("b.json", result(rps=40.0))

    ran = run("loadtest", "compare", "a.json", "b.json")
    assert ran.code == 1
    assert next(line for line in ran.out.splitlines() if line.startswith("rps")).endswith("worse")
    assert run("loadtest", "compare", "b.json", "a.json").code == 0


def test_the_folder_of_a_run_stands_for_its_result(run):
    Path("before").mkdir()
    keep("before/result.json", result())

    assert run("loadtest", "compare", "before", "before").code == 0


def test_a_figure_that_nobody_saw_is_a_dash(run):
    blind = result()
    for row in blind["timeline"]:
        row["cpu"] = None
    keep("a.json", blind)

    ran = run("loadtest", "compare", "a.json", "a.json")

    line = next(line for line in ran.out.splitlines() if line.startswith("cpu"))
    assert line.split() == ["cpu", "-", "-", "-", "unknown"]


@pytest.mark.parametrize(
    ("document", "code", "words"),
    [
        (None, 3, "cannot read b.json: no such file or directory"),
        ("text", 1, "b.json is not a result.json"),
        ([], 1, "b.json is not a result.json"),
        ({"profile": "normal", "users": 20}, 1, "no timeline"),
        ({"profile": "normal", "users": 20, "timeline": []}, 1, "not a result.json"),
        (result(users=30), 1, "the runs differ: users is 20 and 30"),
        (result(profile="spike"), 1, "the runs differ: profile"),
        (result("void"), 1, "void"),
    ],
)
def test_what_cannot_be_compared_is_told_in_one_line(run, document, code, words):
    keep("a.json", result())
    if document is not None:
        keep("b.json", document)

    ran = run("loadtest", "compare", "a.json", "b.json")

    assert ran.code == code
    assert words in ran.err
    assert ran.err.count("\n") == 1
