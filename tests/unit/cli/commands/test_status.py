"""What `neuroplay status` says of a system whose supervisor does not list its processes, and which
logs it points to."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from cli.commands import health
from cli.output.errors import cannot
from cli.server.reach import ANSWER_TIMEOUT_S
from neuroplay.infra.supervision import lock
from neuroplay.infra.supervision.client import ProcessState, SupervisorClient, SupervisorSilent

HOLDER = 4711


@pytest.fixture
def listing(monkeypatch, tmp_path):
    """Replaces the supervisor's list; the home is locked by HOLDER."""
    monkeypatch.setenv("NEUROPLAY_HOME", str(tmp_path))
    monkeypatch.setattr(lock, "holder", lambda _: HOLDER)

    def answer(listed: Callable[[SupervisorClient], list[ProcessState]]) -> None:
        monkeypatch.setattr(SupervisorClient, "processes", listed)

    return answer


def test_a_supervisor_that_does_not_respond_is_said_with_its_pid(run, listing, tmp_path):
    def silent(_: SupervisorClient) -> list[ProcessState]:
        raise SupervisorSilent("the supervisor does not respond", hint="Run: neuroplay stop")

    listing(silent)
    ran = run("status")
    assert ran.code == 1
    expected = f"NeuroPlay (pid {HOLDER}): the supervisor does not respond (home: {tmp_path})"
    assert ran.out.strip() == expected
    assert "neuroplay stop" in ran.err
    listed = run("status", "--json")
    assert listed.code == 1
    assert json.loads(listed.out)["processes"] == []


@pytest.mark.parametrize(
    ("state", "pid", "log"),
    [("RUNNING", 1, "supervisor"), ("DEAF", 1, "api"), ("BACKOFF", None, "api")],
)
def test_a_reason_comes_with_the_log_that_tells_more(run, listing, state, pid, log):
    api = ProcessState(name="api", state=state, pid=pid, uptime_s=pid, reason="it is so")
    listing(lambda _: [api])
    assert f"api: it is so. See: neuroplay logs {log}" in run("status").err.replace(
        ".venv/bin/neuroplay", "neuroplay"
    )


@pytest.mark.parametrize("said", ["healthy", "saturated", "unhealthy", None])
def test_an_api_that_refuses_requests_is_said(run, listing, monkeypatch, said):
    def ask(*, timeout_s: float) -> dict[str, object]:
        assert timeout_s < ANSWER_TIMEOUT_S
        if said is None:
            raise cannot("it does not answer")
        return {"status": said}

    monkeypatch.setattr(health, "ask", ask)
    listing(lambda _: [ProcessState(name="api", state="RUNNING", pid=1, uptime_s=1, reason="")])
    ran = run("status")
    assert ran.code == 0
    assert ("it refuses some" in ran.err) == (said == "saturated")
    assert json.loads(run("status", "--json").out)["saturated"] == (said == "saturated")


def test_nobody_is_asked_where_no_api_runs(run, listing, monkeypatch):
    monkeypatch.setattr(health, "ask", lambda **_: pytest.fail("it was asked"))
    listing(lambda _: [ProcessState(name="worker", state="RUNNING", pid=1, uptime_s=1, reason="")])
    assert json.loads(run("status", "--json").out)["saturated"] is False
