from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from neuroplay.infra.supervision.configuration import write_configuration
from neuroplay.infra.supervision.programs import Program

# A daemon whose children are asked to end in the first moment after their fork, as a stop that
# follows a start at once does; the daemon itself is asked as soon as that child has ended.
ASKED_AT_ONCE = """
import os, signal, sys
from neuroplay.infra.supervision import daemon

class Asked(daemon.Child):
    def _prepare_child_fds(self):
        os.kill(os.getpid(), signal.{name})
        super()._prepare_child_fds()

    def finish(self, pid, status):
        super().finish(pid, status)
        os.kill(os.getpid(), signal.SIGTERM)

daemon.Child = Asked
sys.exit(daemon.main(sys.argv[1:]))
"""


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT"])
def test_a_program_asked_to_end_before_its_exec_never_runs(tmp_path: Path, name: str) -> None:
    ran = tmp_path / "ran"
    program = Program(
        name="worker", argv=["/bin/sh", "-c", f"touch {ran}"], stop_patience_s=1, at_once=True
    )
    (tmp_path / "logs").mkdir()
    configuration = tmp_path / "supervisor.conf"
    write_configuration(configuration, [program], runtime_dir=tmp_path)
    script = ASKED_AT_ONCE.format(name=name)
    done = subprocess.run(
        [sys.executable, "-c", script, str(configuration)],
        cwd=tmp_path,
        capture_output=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 0, done
    assert not ran.exists()
