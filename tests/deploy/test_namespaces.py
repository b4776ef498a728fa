"""The hosts that other tests stand on: what they can reach, and that nothing of them stays."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from tests.acceptance.installation import wait_until
from tests.deploy.namespaces import Host, network, why_not

pytestmark = [
    pytest.mark.deploy,
    pytest.mark.skipif(bool(why_not()), reason=f"hosts cannot be made here: {why_not()}"),
]

PORT = 8000
SIZE = 100_000
FETCH = "import sys, urllib.request as r; r.urlopen(sys.argv[1], timeout=2).read()"


def fetch(url: str) -> int:
    with urlopen(url, timeout=2) as answer:  # noqa: S310 - our own
        return len(answer.read())


def answers(url: str) -> bool:
    try:
        return fetch(url) > 0
    except (URLError, TimeoutError):
        return False


def shown(*words: str) -> str:
    return subprocess.run(["ip", *words], capture_output=True, text=True, check=True).stdout


@contextmanager
def web(host: Host, folder: Path) -> Iterator[str]:
    """The address of a file of SIZE bytes on that host."""
    (folder / "file").write_bytes(os.urandom(SIZE))
    words = ("-m", "http.server", str(PORT), "--bind", host.address, "--directory", str(folder))
    url = f"http://{host.address}:{PORT}/file"
    with host.start(sys.executable, *words):
        wait_until(lambda: answers(url), "the host answers")
        yield url


def test_hosts_have_names_and_reach_each_other_and_this_machine(tmp_path: Path) -> None:
    with network() as net:
        one, two = net.host("one"), net.host("two")
        assert [host.run("hostname").stdout for host in (one, two)] == ["one\n", "two\n"]
        with web(one, tmp_path) as url:
            assert fetch(url) == SIZE
            assert two.run(sys.executable, "-c", FETCH, url).returncode == 0
            loopback = f"http://127.0.0.1:{PORT}/file"
            assert "refused" in two.run(sys.executable, "-c", FETCH, loopback).stderr


def test_a_link_is_slowed_silenced_cut_and_restored(tmp_path: Path) -> None:
    with network() as net, web(net.host("one"), tmp_path) as url:
        host = net.hosts["one"]
        host.slow(kbit_s=1000)
        began = time.monotonic()
        fetch(url)
        assert time.monotonic() - began > 0.5  # 800 kbit, less what may come in one burst
        host.restore()
        began = time.monotonic()
        fetch(url)
        assert time.monotonic() - began < 0.5

        host.lose(1.0)
        with pytest.raises((URLError, TimeoutError), match="timed out"):
            fetch(url)
        host.restore()
        assert answers(url)

        host.cut()
        assert not answers(url)
        host.restore()
        wait_until(lambda: answers(url), "the host answers again")


def test_nothing_stays_of_a_network() -> None:
    with network() as net:
        host = net.host("one")
        sleeper = subprocess.Popen(host.command("sleep", "1000"))
        wait_until(lambda: len(host.processes()) == 1, "the process is there")
    assert sleeper.wait(10) == -9
    assert host.namespace not in shown("netns", "list")
    assert host.port not in shown("link")


def test_the_next_network_removes_what_a_killed_run_left() -> None:
    leave = (
        "import os, signal\n"
        "from tests.deploy.namespaces import network\n"
        "with network() as net:\n"
        "    print(net.host('left').namespace, flush=True)\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    killed = subprocess.run(
        [sys.executable, "-c", leave], capture_output=True, text=True, check=False
    )
    left = killed.stdout.strip()
    assert left in shown("netns", "list")
    with network():
        assert left not in shown("netns", "list")
