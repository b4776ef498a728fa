"""`neuroplay serve` in a terminal, and its signals."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.acceptance.installation import PATIENCE_S, Installation, wait_until

pytestmark = pytest.mark.slow


def is_ready(system: Installation) -> bool:
    return system.get("/health/ready")[0] == 200


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of tests that start a system anew, with whatever data there is."""
    return tmp_path_factory.mktemp("foreground") / "home"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_everything_in_order(home: Path, number: signal.Signals) -> None:
    system = Installation(home=home)
    with system.foreground("--no-demo") as serve:
        ready = f"ready at http://127.0.0.1:{system.port}"
        wait_until(lambda: ready in system.said, "ready")
        assert is_ready(system)
        assert len(system.status()) == 4
        if number == signal.SIGINT:
            os.killpg(serve.pid, number)  # Ctrl-C goes to the whole foreground group
        else:
            serve.send_signal(number)
        _, complained = serve.communicate(timeout=PATIENCE_S)
        assert serve.returncode == 0
        assert "Demo" not in system.said
        assert "Traceback" not in system.said + complained
        assert system.processes() == []
    log = (system.home / "logs" / "supervisor.log").read_text()
    stops = [
        line.split("stopped: ")[1].split()[0] for line in log.splitlines() if "stopped:" in line
    ][-4:]
    assert [sorted(stops[:2]), sorted(stops[2:])] == [["api", "worker"], ["postgres", "redis"]]


MOMENTS: dict[str, Callable[[Installation], object]] = {
    "its folders are being made": lambda system: (system.home / "postgres").exists(),
    "one process becomes two": lambda system: (system.runtime / "metrics").exists(),
    "the supervisor begins": lambda system: (system.home / "logs" / "supervisor.log").exists(),
    "the API begins": lambda system: (system.home / "logs" / "api.log").exists(),
}


@pytest.mark.parametrize("moment", MOMENTS)
def test_ctrl_c_during_the_start_leaves_nothing(tmp_path: Path, moment: str) -> None:
    system = Installation(home=tmp_path / "home")
    with system.foreground() as serve:
        wait_until(lambda: MOMENTS[moment](system), moment)
        os.killpg(serve.pid, signal.SIGINT)
        _, complained = serve.communicate(timeout=PATIENCE_S)
        assert "Traceback" not in complained
        wait_until(lambda: system.processes() == [], "nothing is left")


def test_a_start_that_is_killed_half_way_does_not_spoil_the_next(tmp_path: Path) -> None:
    system = Installation(home=tmp_path / "home")
    with system.foreground() as serve:
        wait_until((system.home / "postgres").exists, "the start has begun")
        system.kill()
        serve.communicate(timeout=PATIENCE_S)
    try:
        started = system.run("serve", "--detach")
        assert started.code == 0
        # What is no terminal may be a log: no link is made that somebody could find there.
        assert "#join=" not in started.out
        assert "neuroplay adult invite" in started.out
        assert system.json("adult", "list") == {"adults": []}
    finally:
        system.end()


def test_the_logs_of_its_programs_are_also_on_standard_error_if_wanted(home: Path) -> None:
    system = Installation(home=home, settings={"NEUROPLAY_LOG_TO": "both"})
    with system.foreground("--no-demo") as serve:
        wait_until(lambda: "ready at" in system.said, "ready")
        assert system.get("/openapi.json")[0] == 200
        wait_until(lambda: "/openapi.json" in (home / "logs/api.log").read_text(), "it is logged")
        serve.send_signal(signal.SIGTERM)
        _, copied = serve.communicate(timeout=PATIENCE_S)
    (request,) = [line for line in copied.splitlines() if '"route": "/openapi.json"' in line]
    assert json.loads(request)["status"] == 200
    assert "stopping" in copied
