"""A full disk costs lines of a log, never a program."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

DAEMON = """
import sys
from supervisor import loggers
from neuroplay.infra.supervision.log_files import survive_a_full_disk
survive_a_full_disk()
sys.stderr = open("/dev/full", "w")
logger = loggers.getLogger()
loggers.handle_file(logger, sys.argv[1], "%(message)s\\n", rotating=True, maxbytes=50, backups=1)
"""


def daemon(log: Path, then: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", DAEMON + then, str(log)],
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_lines_that_find_no_room_are_passed_over(tmp_path):
    full = tmp_path / "full.log"
    full.symlink_to("/dev/full")
    done = daemon(
        full,
        "for n in range(9000):\n    logger.info('x' * 30)\nimport os\nprint('alive', flush=True)\nos._exit(0)",
    )
    assert done.stdout == "alive\n", done


def test_lines_are_written_again_when_there_is_room(tmp_path):
    log = tmp_path / "some.log"
    then = """
import os, resource, signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
logger.info("before")
resource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
for n in range(20):
    logger.info("lost")
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
for n in range(3):
    logger.info("after")
os._exit(0)
"""
    done = daemon(log, then)
    assert done.returncode == 0, done
    said = "".join(path.read_text() for path in sorted(tmp_path.iterdir(), reverse=True))
    assert said.startswith("before\n")
    assert said.count("after\n") == 3


def test_a_rotation_that_fails_is_made_up_for(tmp_path):
    log = tmp_path / "some.log"
    then = """
import os
os.mkdir(sys.argv[1] + ".1")
open(sys.argv[1] + ".1/in-the-way", "w").close()
for n in range(20):
    logger.info("line of a dozen")
os._exit(0)
"""
    done = daemon(log, then)
    assert done.returncode == 0, done
    assert "line of a dozen" in log.read_text()
    assert os.path.isdir(f"{log}.1")
