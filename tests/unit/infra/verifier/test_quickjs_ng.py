"""The games' rules in a separate process: their results, and the limits of its resources."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neuroplay.bootstrap import RULES
from neuroplay.core.entities.game_catalogue import GAMES
from neuroplay.core.entities.verification import RoundResult, TracedRound
from neuroplay.core.errors import CannotPlayAgain
from neuroplay.core.rules.verification import traced_round
from neuroplay.infra.verifier.child import PROCESS_BYTES
from neuroplay.infra.verifier.quickjs_ng import QuickJsVerifier
from tests.rounds import random_round
from tests.unit.core.samples import session
from tests.unit.core.test_storable import ANYTHING

ROUND_STEPS = 7200
ROOT = Path(__file__).parents[4]


@pytest.fixture(scope="module")
def verifier() -> Iterator[QuickJsVerifier]:
    made = QuickJsVerifier(RULES)
    yield made
    made.close()


def played(**changes: Any) -> TracedRound:
    values = {
        "game_type": "cyber_runner",
        "game_version": "1",
        "seed": 20_261_123,
        "difficulty": 3,
        "trace": [180, 1, 60, 4, 60, 2],
        **changes,
    }
    return TracedRound(**values)


def with_rules(folder: Path, replay: str, **limits: float) -> QuickJsVerifier:
    """A verifier whose cyber_runner is this JavaScript; `seed, difficulty, trace` are its names."""
    file = folder / "rules.js"
    file.write_text(
        "var neuroplayRules = {games: {'cyber_runner@1': {"
        "replay(seed, difficulty, trace) {" + replay + "}}}};"
    )
    return QuickJsVerifier(file, **limits)


def code_of(verifier: QuickJsVerifier, asked: TracedRound | None = None) -> str:
    with pytest.raises(CannotPlayAgain) as found:
        verifier.play_again(asked or played())
    return found.value.code


RESULT = "{score: 5, accuracy: 0.5, duration: 12, completed: true, right: 1, total: 2, hash: -7}"


def test_a_round_is_played_again_as_it_was(verifier: QuickJsVerifier) -> None:
    first = verifier.play_again(played())
    assert first == verifier.play_again(played())
    assert (first.duration, first.completed) == (120.0, True)
    assert 0 < first.right < first.total
    assert first.accuracy == pytest.approx(first.right / first.total, abs=1e-4)
    others = [verifier.play_again(played(**c)) for c in ({"seed": 1}, {"trace": []})]
    assert len({first.state_hash, *(o.state_hash for o in others)}) == 3


def test_a_round_that_was_left_ends_where_it_was_left(verifier: QuickJsVerifier) -> None:
    left = verifier.play_again(played(trace=[60, 1, 541, 8]))
    assert (left.duration, left.completed) == (10.0, False)


def test_every_game_that_can_be_played_has_rules(verifier: QuickJsVerifier) -> None:
    for game_type, game in GAMES.items():
        if game.playable:
            assert verifier.play_again(played(game_type=game_type, trace=[])).total >= 0


@settings(max_examples=40)
@given(
    seed=st.integers(-(2**53) + 1, 2**53 - 1),
    difficulty=st.integers(1, 5),
    trace=st.lists(st.integers(-(2**53) + 1, 2**53 - 1) | st.integers(-1, 60), max_size=60),
)
def test_any_numbers_are_a_round(
    verifier: QuickJsVerifier, seed: int, difficulty: int, trace: list[int]
) -> None:
    result = verifier.play_again(played(seed=seed, difficulty=difficulty, trace=trace))
    assert 0 <= result.right <= result.total
    assert 0 <= result.duration <= 120


@settings(max_examples=25)
@given(seed=ANYTHING, trace=ANYTHING)
def test_whatever_a_session_carries_is_played_or_passed_over(
    verifier: QuickJsVerifier, seed: Any, trace: Any
) -> None:
    asked = traced_round(session(metadata={"seed": seed, "trace": trace}))
    assert asked is None or isinstance(verifier.play_again(asked), RoundResult)


def test_a_million_events_cost_what_a_round_costs(verifier: QuickJsVerifier) -> None:
    result = verifier.play_again(played(trace=[1, 1] * 1_000_000))
    assert result.completed


@pytest.mark.slow
def test_more_events_than_memory_end_the_round_and_not_the_verifier(
    verifier: QuickJsVerifier,
) -> None:
    assert code_of(verifier, played(trace=[10**15, 1] * 4_000_000)) in (
        "out_of_memory",
        "overrun",
        "verifier_died",
    )
    assert verifier.play_again(played()).completed


@pytest.mark.parametrize(
    "changes",
    [
        {"game_version": "not known"},
        {"game_version": ""},
        {"game_version": "1@1"},
        {"game_type": "cyber_runner@1", "game_version": ""},
        {"game_type": "chess"},
        {"game_type": "__proto__"},
        {"game_type": "constructor"},
        {"game_type": '"]\n["'},
    ],
)
def test_rules_that_are_not_there_are_unknown(
    verifier: QuickJsVerifier, changes: dict[str, Any]
) -> None:
    assert code_of(verifier, played(**changes)) == "unknown_rules"
    assert verifier.play_again(played()).completed


def test_an_installation_without_rules_says_so(tmp_path: Path) -> None:
    assert code_of(QuickJsVerifier(tmp_path / "rules.js")) == "no_rules"


@pytest.mark.parametrize(
    ("replay", "code"),
    [
        ("for (;;) {}", "overrun"),
        ("const a = []; for (;;) a.push('x'.repeat(1e6) + a.length)", "out_of_memory"),
        ("const f = () => f() + 1; return f()", "rules_failed"),
        ("throw new Error('no')", "rules_failed"),
        ("return undefined", "rules_failed"),
        ("return 5", "rules_failed"),
        ("return {score: 5}", "rules_failed"),
        (f"return {{...{RESULT}, score: '5'}}", "rules_failed"),
        (f"return {{...{RESULT}, score: true}}", "rules_failed"),
        (f"return {{...{RESULT}, accuracy: NaN}}", "rules_failed"),
        (f"return {{...{RESULT}, other: 'x'.repeat(1e6)}}", "verifier_died"),
        ("return std.open('/etc/passwd')", "rules_failed"),
    ],
)
def test_whatever_the_rules_do_it_ends_and_the_next_round_is_played(
    tmp_path: Path, replay: str, code: str
) -> None:
    # In the same child, where that lives on: a trace decides what becomes of the round.
    verifier = with_rules(
        tmp_path, f"if (trace.length) {{ {replay} }} return {RESULT}", cpu_s=0.2, wall_s=20.0
    )
    assert verifier.play_again(played(trace=[])).score == 5
    assert code_of(verifier) == code
    assert verifier.play_again(played(trace=[])).score == 5
    verifier.close()


def test_rules_that_are_no_javascript_have_failed(tmp_path: Path) -> None:
    verifier = with_rules(tmp_path, "no javascript")
    assert code_of(verifier) == "rules_failed"
    verifier.close()


def test_a_round_finds_nothing_of_the_round_before(tmp_path: Path) -> None:
    verifier = with_rules(
        tmp_path,
        f"const score = globalThis.seen || 0; globalThis.seen = 1; return {{...{RESULT}, score}}",
    )
    assert [verifier.play_again(played()).score for _ in range(2)] == [0, 0]
    verifier.close()


def test_a_child_that_gives_no_answer_is_ended_and_replaced(tmp_path: Path) -> None:
    before = children()
    verifier = with_rules(tmp_path, f"return {RESULT}", wall_s=2.0)
    verifier.play_again(played())
    (child,) = children() - before
    child.suspend()
    assert code_of(verifier) == "overrun"
    assert not child.is_running()
    assert verifier.play_again(played()).score == 5
    verifier.close()


def test_a_child_that_died_is_replaced(tmp_path: Path) -> None:
    before = children()
    verifier = with_rules(tmp_path, f"return {RESULT}")
    verifier.play_again(played())
    (child,) = children() - before
    child.kill()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert verifier.play_again(played()).score == 5
    verifier.close()


def test_a_child_that_dies_in_mid_round_is_told(tmp_path: Path) -> None:
    verifier = with_rules(tmp_path, "for (;;) {}", cpu_s=30, wall_s=30)
    before = children()

    def end_it_as_the_system_does_where_memory_runs_out() -> None:
        while not any(child.cpu_times().user > 0.1 for child in children() - before):
            time.sleep(0.01)
        for child in children() - before:
            child.kill()

    with ThreadPoolExecutor(1) as threads:
        ended = threads.submit(end_it_as_the_system_does_where_memory_runs_out)
        assert code_of(verifier) == "verifier_died"
        ended.result(10)
    verifier.close()


def test_close_leaves_no_process_and_it_may_be_used_again(tmp_path: Path) -> None:
    before = children()
    verifier = with_rules(tmp_path, f"return {RESULT}")
    verifier.close()
    for _ in range(2):
        verifier.play_again(played())
        assert len(children()) == len(before) + 1
        verifier.close()
        assert children() == before


def test_a_child_ends_with_a_parent_that_was_killed() -> None:
    program = (
        "import os, psutil, signal\n"
        "from neuroplay.bootstrap import RULES\n"
        "from neuroplay.infra.verifier.quickjs_ng import QuickJsVerifier\n"
        "from tests.rounds import random_round\n"
        "verifier = QuickJsVerifier(RULES)\n"
        "verifier.play_again(random_round(1))\n"
        "[child] = psutil.Process().children()\n"
        "print(child.pid, flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, check=False, timeout=60
    )
    with suppress(psutil.NoSuchProcess):
        psutil.Process(int(done.stdout)).wait(10)


def test_the_engine_is_never_in_the_process_that_asks() -> None:
    # In a process of its own: another test of this one may have loaded the engine itself.
    asks = """
import sys
from neuroplay.bootstrap import RULES
from neuroplay.infra.verifier.quickjs_ng import QuickJsVerifier
from tests.unit.infra.verifier.test_quickjs_ng import played
verifier = QuickJsVerifier(RULES)
verifier.play_again(played())
verifier.close()
print(sorted({"_quickjs", "quickjs"} & sys.modules.keys()))
"""
    done = subprocess.run(
        [sys.executable, "-c", asks], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"


def test_the_child_lets_others_go_first_and_its_memory_is_bounded(tmp_path: Path) -> None:
    before = children()
    verifier = with_rules(tmp_path, f"return {RESULT}")
    verifier.play_again(played())
    (child,) = children() - before
    assert child.nice() >= min(psutil.Process().nice() + 10, 19)
    assert child.rlimit(psutil.RLIMIT_AS)[1] == PROCESS_BYTES
    assert child.rlimit(psutil.RLIMIT_FSIZE)[1] == 0
    verifier.close()


@pytest.mark.slow
def test_rounds_of_all_kinds_have_answers(verifier: QuickJsVerifier) -> None:
    results = [verifier.play_again(random_round(number)) for number in range(60)]
    assert {result.completed for result in results} == {True, False}
    assert len({result.state_hash for result in results}) > 50
    assert max(result.score for result in results) > 100
    assert max(result.duration for result in results) == ROUND_STEPS / 60


def children() -> set[psutil.Process]:
    return set(psutil.Process().children())
