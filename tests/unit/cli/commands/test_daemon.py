"""What `neuroplay restart` waits for, and whom it knows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from cli.commands import daemon, health
from cli.output.errors import CommandError


@pytest.fixture
def waited(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses that were made; none takes time."""
    pauses: list[float] = []
    monkeypatch.setattr("cli.commands.daemon.time.sleep", pauses.append)
    return pauses


def answers(monkeypatch: pytest.MonkeyPatch, *states: str) -> None:
    told: Iterator[str] = iter(states)

    def ask() -> dict[str, Any]:
        state = next(told)
        well = {"ok": "healthy", "saturated": "saturated"}.get(state, "unhealthy")
        return {"status": well, "checks": {"database": state}}

    monkeypatch.setattr(health, "ask", ask)


def test_waits_while_the_system_starts(
    monkeypatch: pytest.MonkeyPatch, waited: list[float]
) -> None:
    answers(monkeypatch, "no answer", "no answer", "ok")
    assert daemon._wait_well(["api"]) == ""
    assert len(waited) == 2


def test_does_not_wait_until_fewer_requests_arrive(
    monkeypatch: pytest.MonkeyPatch, waited: list[float]
) -> None:
    answers(monkeypatch, "saturated")
    assert daemon._wait_well(["api"]) == ""
    assert waited == []


def test_does_not_wait_for_what_needs_a_command(
    monkeypatch: pytest.MonkeyPatch, waited: list[float]
) -> None:
    secret = "its cards were made with another secret; run: neuroplay doctor"
    answers(monkeypatch, "no answer", secret)
    assert daemon._wait_well(["api"]) == f"database: {secret}"
    assert len(waited) == 1


def test_a_machine_without_an_api_has_nothing_to_wait_for(waited: list[float]) -> None:
    assert daemon._wait_well(["worker", "beat"]) == ""
    assert waited == []


def test_who_asks_for_beat_is_told_where_it_runs() -> None:
    with pytest.raises(CommandError, match="beat is no process of its own") as told:
        daemon._check_beat("beat", ["api", "worker"])
    assert "part of the worker, or runs on another machine" in (told.value.hint or "")
    for process, known in [
        ("beat", ["beat"]),
        ("beat", ["worker", "beat"]),
        ("beat", ["api"]),
        ("worker", ["worker"]),
        (None, ["worker"]),
    ]:
        daemon._check_beat(process, known)
