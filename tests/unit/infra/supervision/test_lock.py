from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from neuroplay.infra.supervision import lock
from neuroplay.infra.supervision.errors import CannotStart


def test_a_home_has_one_holder_until_it_lets_go(tmp_path: Path) -> None:
    assert lock.holder(tmp_path) is None
    held = lock.take(tmp_path)
    assert lock.holder(tmp_path) == os.getpid()
    with pytest.raises(CannotStart, match=rf"already runs on the home .* \(pid {os.getpid()}\)"):
        lock.take(tmp_path)
    os.close(held)
    assert lock.holder(tmp_path) is None
    os.close(lock.take(tmp_path))


HOLD = """
import os, sys, time
from pathlib import Path
from neuroplay.infra.supervision import lock
held = lock.take(Path(sys.argv[1]))
os.ftruncate(held, 0)
os.pwrite(held, sys.argv[2].encode(), 0)
print("held", flush=True)
time.sleep(60)
"""


@pytest.mark.parametrize("damaged", ["", "1", "-1", "99999999999999999999", "\0\0", "²", "torn\n"])
def test_a_damaged_lock_file_names_no_other_process(tmp_path: Path, damaged: str) -> None:
    """`stop` ends the process that is named: whoever really holds the lock is found by its file."""
    argv = [sys.executable, "-c", HOLD, str(tmp_path), damaged]
    if "\0" in damaged:
        argv[-1] = "0"
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        if "\0" in damaged:
            lock.lock_file(tmp_path).write_bytes(damaged.encode())
        assert lock.holder(tmp_path) == process.pid
        process.kill()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root lends the lock to a group")
def test_as_root_the_account_may_read_the_lock_and_nobody_else(tmp_path: Path) -> None:
    os.close(lock.take(tmp_path, group=54321))
    found = lock.lock_file(tmp_path).stat()
    assert (found.st_uid, found.st_gid, found.st_mode & 0o777) == (0, 54321, 0o640)


def test_the_lock_is_signed_for_another_process(tmp_path: Path) -> None:
    held = lock.take(tmp_path)
    lock.sign(held, 7)
    assert lock.lock_file(tmp_path).read_text() == "7\n"
    os.close(held)
