"""An error that ends a process is logged."""

from __future__ import annotations

import json
import subprocess
import sys

from neuroplay.infra.embedded.server import last_message

SCRIPT = """
import threading, warnings
from neuroplay.infra.monitoring.logging import configure_logging, log_crashes
from neuroplay.core.errors import SettingsError
configure_logging()
log_crashes("neuroplay.test")
warnings.warn("old")
thread = threading.Thread(target=lambda: 1 / 0)
thread.start()
thread.join()
raise SettingsError("NEUROPLAY_PORT: no number")
"""


def test_crashes_and_warnings_are_lines_of_json_and_the_last_one_says_why(tmp_path):
    ran = subprocess.run(
        [sys.executable, "-W", "default", "-c", SCRIPT], capture_output=True, text=True, check=False
    )

    assert ran.returncode == 1
    assert ran.stdout == ""
    lines = [json.loads(line) for line in ran.stderr.splitlines() if line]
    assert [line["level"] for line in lines] == ["warning", "critical", "critical"]
    assert lines[1]["error"] == "ZeroDivisionError: division by zero"
    log = tmp_path / "api.log"
    log.write_text(ran.stderr)
    assert last_message(log) == "SettingsError: NEUROPLAY_PORT: no number"
