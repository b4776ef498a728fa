"""A load test that breaks part of the system, and still finds every session."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.acceptance.loading import Bench, bench

pytestmark = [pytest.mark.slow, pytest.mark.long]

SHORT = ("--users", "15", "--spawn-rate", "15", "--run-time", "7s")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    with bench(tmp_path_factory.mktemp("chaos")) as made:
        yield made


@pytest.mark.parametrize(
    ("fault", "program"),
    [("kill-redis", "redis"), ("restart-api", "api"), ("kill-worker", "worker")],
)
def test_the_ledger_holds_whatever_is_broken(place: Bench, fault: str, program: str) -> None:
    before = place.system.status()[program]["pid"]
    ended = place.loadtest(fault, "normal", *SHORT, "--chaos", fault).ended()
    assert ended.code == 0, (ended.reasons, ended.result.get("errors"), ended.result["figures"])
    assert (ended.result["chaos"], ended.reasons) == (fault, "")
    assert f"chaos: {fault}" in ended.err
    assert place.system.status()[program]["pid"] != before
    sessions = ended.result["sessions"]
    assert sessions["acknowledged"] == sessions["stored"] > 0
    assert (sessions["lost"], sessions["counted_twice"]) == (0, 0)
    assert place.load_classes() == set()
