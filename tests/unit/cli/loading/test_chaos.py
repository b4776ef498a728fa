from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from cli.loading.chaos import Chaos
from cli.output.errors import CommandError
from neuroplay.infra.supervision.client import ProcessState, SupervisorAway


@dataclass
class FakeSupervisor:
    programs: list[str] = field(default_factory=lambda: ["api", "worker"])
    calls: list[str] = field(default_factory=list)
    is_away: bool = False
    fault: Exception | None = None

    def processes(self):
        if self.is_away:
            raise SupervisorAway("nobody")
        return [
            ProcessState(name=name, state="STOPPED", pid=None, uptime_s=None, reason="")
            for name in self.programs
        ]

    def stop(self, program):
        if self.fault:
            raise self.fault
        self.calls.append(f"stop {program}")

    def wait_for(self, programs, states, timeout_s):
        self.calls.append(f"wait {programs[0]}")

    def start(self, program):
        self.calls.append(f"start {program}")


def looks(chaos, *, ramp_s, run_time_s, until):
    for second in range(1, until + 1):
        phase = "ramp" if second < ramp_s else "steady"
        chaos.hear({"phase": phase, "t": float(second), "run_time_s": run_time_s})


def test_it_happens_once_when_a_third_of_the_steady_time_is_over(capsys):
    supervisor: Any = FakeSupervisor()
    chaos = Chaos("restart-api", supervisor)

    looks(chaos, ramp_s=10, run_time_s=40, until=19)
    assert supervisor.calls == []
    looks(chaos, ramp_s=10, run_time_s=40, until=40)

    assert chaos.finish() == ""
    assert supervisor.calls == ["stop api", "wait api", "start api"]
    assert capsys.readouterr().err == "    20 s  chaos: restart-api\n"


def test_it_does_not_happen_while_students_still_come_or_the_queue_drains():
    supervisor: Any = FakeSupervisor()
    chaos = Chaos("restart-api", supervisor)

    looks(chaos, ramp_s=100, run_time_s=40, until=50)
    chaos.hear({"phase": "draining", "queue": 1, "t": 60.0})
    chaos.hear({"phase": "ledger", "done": 1, "students": 2, "t": 61.0})

    assert "did not happen: the run ended first" in chaos.finish()
    assert supervisor.calls == []


def test_a_fault_that_could_not_be_made_is_told():
    away: Any = FakeSupervisor(fault=SupervisorAway("gone"))
    chaos = Chaos("restart-api", away)

    looks(chaos, ramp_s=1, run_time_s=3, until=3)

    assert chaos.finish() == "restart-api did not happen: gone"


def test_killing_what_does_not_run_is_no_fault_that_happened():
    supervisor: Any = FakeSupervisor()
    chaos = Chaos("kill-worker", supervisor)

    looks(chaos, ramp_s=1, run_time_s=3, until=3)

    assert "worker is not running" in chaos.finish()


@pytest.mark.parametrize(
    ("supervisor", "words"),
    [
        (FakeSupervisor(is_away=True), "needs NeuroPlay running on this machine"),
        (FakeSupervisor(programs=["api", "worker"]), "does not run its own redis"),
    ],
)
def test_what_is_not_here_cannot_be_broken(supervisor, words):
    with pytest.raises(CommandError, match=words) as refused:
        Chaos("kill-redis", supervisor)

    assert refused.value.code == 3
