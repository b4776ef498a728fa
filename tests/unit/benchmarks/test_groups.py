from __future__ import annotations

import importlib
import inspect
from collections import Counter
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from benchmarks import __main__ as program
from benchmarks.groups import game, load, mix, page, postgres, retaining, soak, verify
from benchmarks.harness.closed_loop import Answers
from benchmarks.harness.figures import Figure
from benchmarks.harness.system import program_name
from loadprofiles.profiles import PROFILES
from neuroplay.core.entities.game_catalogue import GAMES
from neuroplay.operation.programs import API, BEAT, WORKER


def named(figures: list[Figure]) -> dict[str, Figure]:
    return {figure.name: figure for figure in figures}


def test_the_help_describes_every_group() -> None:
    text = program.parser().format_help()
    for name, group in program.GROUPS.items():
        assert f"  {name:10} {group.about}" in text


@pytest.mark.parametrize("name", program.GROUPS)
def test_every_group_is_a_module_that_measures(name: str) -> None:
    if name in ("lighthouse", "offline"):
        pytest.importorskip("playwright")
    module = importlib.import_module(f"benchmarks.groups.{name}")
    assert len(inspect.signature(module.measure).parameters) == 1


def test_no_group_is_all_that_take_little_time_and_an_unknown_one_is_refused(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert program.parser().parse_args([]).groups == []
    with pytest.raises(SystemExit):
        program.parser().parse_args(["serve", "nosuch"])
    assert f"nosuch is not one of {', '.join(program.GROUPS)}\n" in capsys.readouterr().err


def test_a_run_in_a_process_of_its_own_gets_the_same_options() -> None:
    words = ["--run-time", "1m30s", "--users", "7", "--profiles", "spike"]
    chosen = program.parser().parse_args(["load", *words])
    again = program.parser().parse_args(["load", *program.words_of(chosen)])
    assert (again.run_time, again.users, again.profiles) == (90, 7, "spike")
    assert program.words_of(program.parser().parse_args(["load"])) == []


def test_several_sizes_are_passed_on_and_anything_else_is_refused(
    capsys: pytest.CaptureFixture[str],
) -> None:
    words = ["--children", "100,3000", "--sessions", "10000"]
    chosen = program.parser().parse_args(["growth", *words])
    assert (chosen.children, chosen.sessions) == ((100, 3000), (10_000,))
    assert program.words_of(chosen) == words
    for wrong in ("", "0", "-1", "1,", "1,a", "1.5", "01"):
        with pytest.raises(SystemExit):
            program.parser().parse_args(["growth", f"--sessions={wrong}"])
        assert "--sessions" in capsys.readouterr().err


def test_pgbenchs_rate_is_read_from_its_report() -> None:
    said = "latency average = 0.3 ms\ntps = 3817.124 (without initial connection time)\n"
    assert postgres.transactions_per_second(said) == 3817.124
    with pytest.raises(ValueError, match="no rate"):
        postgres.transactions_per_second("")


def test_the_profiles_with_aims_exist() -> None:
    assert set(load.SOUGHT) < set(PROFILES)


def test_every_playable_game_is_weighed_and_verified() -> None:
    playable = {name for name, one in GAMES.items() if one.playable}
    assert {one.name for one in game.weights()} == {f"{name}, JS + CSS" for name in playable}
    assert {key.partition("@")[0] for key in verify.current()} == playable
    for key in verify.current():
        rounds = verify.whole_rounds(key)
        assert len(rounds) > 20
        assert {f"{one.game_type}@{one.game_version}" for one in rounds} == {key}


def test_a_game_that_is_not_built_has_no_weight(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(game, "DIST", tmp_path)
    built, *others = game.playable()
    (tmp_path / "assets").mkdir()
    for name in (f"{built}-x.js", f"{built}-x.css", f"{built}-x.js.gz", "index-x.js"):
        (tmp_path / "assets" / name).write_bytes(b"")
    weighed = named(game.weights())
    empty = page.weight_kb(tmp_path / "assets" / "index-x.js")
    assert weighed[f"{built}, JS + CSS"].values == (2 * empty,)
    assert all(weighed[f"{name}, JS + CSS"].reached is False for name in others)


def result(verdict: str = "pass", *reasons: str, **figures: Any) -> dict[str, Any]:
    return {"verdict": verdict, "reasons": list(reasons), "figures": figures}


def test_a_load_that_does_not_pass_tells_why() -> None:
    found = named(load.figures_of("spike", [result(), result("void", "the generator was busy")]))
    verdict = found["spike, verdict pass"]
    assert verdict.values == (1, 0)
    assert verdict.reached is False
    assert verdict.note == "void: the generator was busy"


def test_a_load_is_held_against_the_aims() -> None:
    found = named(load.figures_of("spike", [result(rps=951.0, p99_ms=120.0, lost=0, failures=1)]))
    assert found["spike, requests"].reached is True
    assert found["spike, p99"].reached is False
    assert found["spike, lost sessions"].reached is True
    assert found["spike, failed requests"].reached is False


def test_a_figure_that_was_not_seen_is_not_reached() -> None:
    found = named(load.figures_of("monday", [result(lost=0), result(lost=None)]))
    assert found["monday, lost sessions"].values == ()
    assert found["monday, lost sessions"].reached is False
    assert found["monday, drained after the last came back"].reached is False


def test_memory_is_the_sum_of_all_programs_and_its_slope_is_per_hour() -> None:
    run = [(at * 10.0, {"api": 100.0 + at, "postgres": 50.0}) for at in range(41)]
    found = named(soak.figures_of([run]))
    assert found["memory of all processes, highest"].values == (190,)
    assert found["memory's slope"].values[0] == pytest.approx(360)
    assert found["memory's slope, api"].values[0] == pytest.approx(360)
    assert found["memory's slope, postgres"].values[0] == pytest.approx(0)


def test_a_request_counts_for_the_turn_in_which_it_was_sent() -> None:
    run = retaining.Run(
        asked=[
            retaining.Asked(at=at, kind=kind, took_ms=took)
            for at, kind, took in (
                (0.1, "/me", 99.0),  # the turn has just begun
                (1.0, "/me", 2.0),
                (1.5, "sync of 5", 77.0),
                (2.0, "/me", 4.0),
                (4.0, "/me", 30.0),
                (9.0, "/me", 88.0),  # after the last turn
            )
        ],
        turns=[
            retaining.Turn(on=False, began=0.0, ended=3.0, api_cpu_s=0.008),
            retaining.Turn(on=True, began=3.0, ended=6.0, api_cpu_s=0.005),
        ],
        removed=1,
    )
    assert run.percentile_ms("/me", 0.0, on=False) == 2
    assert run.percentile_ms("/me", 0.5, on=False) == 4
    assert run.percentile_ms("/me", 0.5, on=True) == 30
    assert run.api_cpu_ms(on=False) == pytest.approx(2)
    assert run.api_cpu_ms(on=True) == pytest.approx(5)


def test_what_grows_before_the_steady_part_is_no_slope() -> None:
    run = [(float(at), {"api": 100.0 + min(at, 10)}) for at in range(41)]
    found = named(soak.figures_of([run]))
    assert found["memory's slope"].values[0] == pytest.approx(0)


@pytest.mark.parametrize(
    ("command", "name"),
    [
        ("/x/bin/postgres -D /home/postgres/data", "postgres"),
        ("/x/valkey-server 127.0.0.1:0", "redis"),
        ("python -m neuroplay.api.server", API),
        ("python -m neuroplay.worker.run worker", WORKER),
        ("python -m neuroplay.worker.run worker beat", WORKER),
        ("python -m neuroplay.worker.run beat", BEAT),
        ("python -m something", "other"),
    ],
)
def test_a_program_is_known_by_its_command_line(command: str, name: str) -> None:
    assert program_name(command.split()) == name


def test_the_mix_has_the_turns_of_its_profile_and_each_program_has_its_share() -> None:
    signed_in = [(f"token{n}", str(uuid4())) for n in range(mix.CONNECTIONS)]
    asked = [one for line in mix.requests(signed_in, "etag", 30, 1) for one in line]
    kinds = Counter(one.split(b" ", 2)[1].rpartition(b"/")[0] for one in asked)
    assert set(kinds) == {b"/api/v1/gameplay", b"/api/v1", b"/api/v1/leaderboards", b""}
    assert max(kinds, key=kinds.__getitem__) == b"/api/v1/gameplay"
    answers = Answers(seconds=2, times_ms=(1.0,) * 1000, unexpected=3, refused=3)
    cpu_s = {"api": 0.5, "worker": 0.2, "supervisor": 0.1}
    found = named(mix.figures_of([mix.Run(answers=answers, cpu_s=cpu_s)]))
    assert sum(found["mix of spike, CPU of all servers"].values) == pytest.approx(0.8)
    assert found["mix of spike, CPU of api"].values == (0.5,)
    assert found["mix of spike, CPU of postgres"].values == (0,)
    assert found["mix of spike, refused"].values == (3,)
