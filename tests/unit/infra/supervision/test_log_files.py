"""A full disk costs lines of a log, never a program."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

DAEMON = """
import os, sys
from supervisor import loggers
from neuroplay.infra.supervision.log_files import survive_a_full_disk
survive_a_full_disk()
sys.stderr = open("/dev/full", "w")
logger = loggers.getLogger(loggers.LevelsByName.INFO)
loggers.handle_file(logger, sys.argv[1], "%(message)s\\n", True, 50, 1)
"""


def daemon(log: Path, then: str) -> subprocess.CompletedProcess[str]:
    """Run `then` beside a log at `log`; ended without Python's own last flush of stderr."""
    return subprocess.run(
        [sys.executable, "-c", f"{DAEMON}\n{then}\nos._exit(0)", str(log)],
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_lines_that_find_no_room_are_passed_over(tmp_path):
    full = tmp_path / "full.log"
    full.symlink_to("/dev/full")
    then = """
for n in range(9000):
    logger.info("x" * 30)
print("alive", flush=True)
"""
    done = daemon(full, then)
    assert done.stdout == "alive\n", done


def test_lines_are_written_again_when_there_is_room(tmp_path):
    log = tmp_path / "some.log"
    then = """
import resource, signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
logger.info("before")
resource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
for n in range(20):
    logger.info("lost")
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
for n in range(3):
    logger.info("after")
"""
    done = daemon(log, then)
    assert done.returncode == 0, done
    said = "".join(path.read_text() for path in sorted(tmp_path.iterdir(), reverse=True))
    assert said.startswith("before\n")
    assert said.count("after\n") == 3


def test_a_rotation_that_fails_is_made_up_for(tmp_path):
    log = tmp_path / "some.log"
    then = """
os.mkdir(sys.argv[1] + ".1")
open(sys.argv[1] + ".1/in-the-way", "w").close()
for n in range(20):
    logger.info("line of a dozen")
"""
    done = daemon(log, then)
    assert done.returncode == 0, done
    assert "line of a dozen" in log.read_text()
    assert os.path.isdir(f"{log}.1")
