from __future__ import annotations

import json
from xml.etree import ElementTree

import pytest

from benchmarks.groups import overload
from benchmarks.harness.open_loop import Offered, chance, moments, percentile

STUDENTS = [{"device_id": f"device-{n}", "token": f"token-{n}"} for n in range(3)]


def step(*, served: int, refused: int) -> overload.Step:
    offered = Offered(
        seconds=1.0,
        sent=served + refused,
        served=list(range(served)),
        served_ms=[20.0] * served,
        refused_ms=[250.0] * refused,
        late_ms=[1.0],
    )
    return overload.Step(offered=offered, capacity=100.0, cpu_s=0.19)


def test_requests_are_those_of_children_at_play_and_no_game_comes_twice() -> None:
    requests = overload.prepared(STUDENTS, 1, 100)
    games = [one for one in requests if one.startswith(b"POST /api/v1/gameplay/sync ")]
    assert len(games) == 70
    ids = {json.loads(one.partition(b"\r\n\r\n")[2])["sessions"][0]["session_id"] for one in games}
    assert len(ids) == 70
    following = overload.prepared(STUDENTS, 101, 10)
    assert not any(one.encode() in b"".join(following) for one in ids)


@pytest.mark.parametrize(
    ("answer", "wanted"),
    [
        (b"HTTP/1.1 200 OK\r\n\r\n{}", True),
        (b'HTTP/1.1 202 Accepted\r\n\r\n{"receipts":[{"status":"accepted"}]}', True),
        (b'HTTP/1.1 202 Accepted\r\n\r\n{"receipts":[{"status":"invalid"}]}', False),
        (b"HTTP/1.1 503 Service Unavailable\r\n\r\n", False),
    ],
)
def test_a_game_that_is_not_accepted_is_not_served(answer: bytes, wanted: bool) -> None:
    assert overload.is_wanted(answer) == wanted


def test_figures_are_parts_of_capacity_and_the_picture_shows_each_step() -> None:
    steps = {
        share: [step(served=min(round(share * 100), 95), refused=max(round(share * 100) - 95, 0))]
        for share in overload.STEPS
    }
    found = {one.name: one for one in overload.figures(steps, lost=0, twice=1)}
    assert found["2 times: answered, of capacity"].median == 0.95
    assert found["2 times: refused"].median == 52.5
    assert found["2 times: CPU of all servers for each answered"].median == pytest.approx(2)
    assert found["0.5 times: answered, of capacity"].aim == 0.45
    assert found["0.5 times: p99 of a refusal"].median == 0
    assert not found["games counted twice"].reached
    drawn = ElementTree.fromstring(overload.drawn(steps, "about"))  # noqa: S314 - our own
    lines = [one for one in drawn.iter() if one.tag.endswith("polyline")]
    assert [len(one.attrib["points"].split()) for one in lines] == [len(overload.STEPS)] * 4


def test_requests_are_due_at_random_and_as_many_as_wanted() -> None:
    due = moments(1000, 10, chance())
    assert due == sorted(due)
    assert 9_500 < len(due) < 10_500
    assert due[-1] < 10
    assert due == moments(1000, 10, chance())


def test_no_times_have_no_percentile() -> None:
    assert percentile([], 0.99) == 0
    assert percentile([3, 1, 2], 0.5) == 2
