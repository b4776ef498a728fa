"""What `neuroplay status` says of a system whose supervisor does not list its processes, and which
logs it points to."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

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
