"""Hosts on one wire: each a network namespace with an address and a host name of its own, on a
bridge which this machine is on as well. Links can be slowed, lossy, cut and restored.

    with network() as net:
        one = net.host("one")
        with one.start("redis-server", "--bind", one.address) as process: ...
        one.cut()

Files, users and processes are those of this machine. Everything goes with the network: the
processes in the hosts too. What a run that was killed left behind, the next one removes.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import IO, Any

import psutil
import pytest

from tests.acceptance.installation import wait_until

BRIDGE = "npbridge"
BLOCK = "198.18"
"""Reserved for tests of networks (RFC 2544): no real host has such an address."""

PROGRAMS = {"ip": "iproute2", "tc": "iproute2", "iptables": "iptables", "unshare": "util-linux"}
PATIENCE_S = 60.0


def why_not() -> str:
    """Why this machine cannot have such hosts; '' if it can."""
    if os.geteuid() != 0:
        return "only root can make the namespaces"
    missing = sorted({package for name, package in PROGRAMS.items() if not shutil.which(name)})
    if missing:
        return f"a program is missing: apt-get install {' '.join(missing)}"
    tried = subprocess.run(["unshare", "--net", "--uts", "true"], capture_output=True, check=False)
    if tried.returncode:
        return f"this machine lets root make no namespaces: {tried.stderr.decode().strip()}"
    return ""


def _do(*command: str) -> str:
    """Raises AssertionError, with what it said, if the command fails."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(command)}: {done.stderr.strip()}"
    return done.stdout


@dataclass(frozen=True, kw_only=True)
class Host:
    name: str
    address: str
    namespace: str
    port: str
    """The bridge's end of its cable."""

    def command(self, *words: str) -> list[str]:
        """The command that runs `words` there, in the process that starts it."""
        named = ["unshare", "--uts", "sh", "-c", 'hostname "$0" && exec "$@"', self.name]
        return ["ip", "netns", "exec", self.namespace, *named, *words]

    def run(
        self,
        *words: str,
        env: Mapping[str, str] | None = None,
        timeout_s: float = PATIENCE_S,
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.command(*words),
            env=None if env is None else dict(env),
            capture_output=True,
            text=True,
            check=False,
            timeout=timeout_s,
        )

    @contextmanager
    def start(
        self,
        *words: str,
        env: Mapping[str, str] | None = None,
        output: IO[Any] | int = subprocess.DEVNULL,
    ) -> Iterator[subprocess.Popen[str]]:
        """A program there; SIGTERM at the end, and SIGKILL to one that does not heed it."""
        process = subprocess.Popen(
            self.command(*words),
            env=None if env is None else dict(env),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            text=True,
        )
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(PATIENCE_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def processes(self) -> list[psutil.Process]:
        """All that run there, whoever started them."""
        return _within(self.namespace)

    def slow(self, kbit_s: int) -> None:
        """Limit its link, each way. What waits longer than 400 ms for its turn is dropped."""
        rate = ["tbf", "rate", f"{kbit_s}kbit", "burst", "16kb", "latency", "400ms"]
        _do("tc", "qdisc", "replace", "dev", self.port, "root", *rate)
        _do(*self._inside("tc", "qdisc", "replace", "dev", "eth0", "root", *rate))

    def lose(self, share: float) -> None:
        """Drop this share of the packets that arrive, and as many of those that it sends.

        With 1.0 it is silent: others wait for it, where after `cut` they are soon told that
        there is no such host.
        """
        self._let_pass()
        for chain, way in (("INPUT", "-i"), ("OUTPUT", "-o")):
            rule = ["-A", chain, way, "eth0", "-m", "statistic", "--mode", "random"]
            drop = ["--probability", str(share), "-j", "DROP"]
            _do(*self._inside("iptables", "--wait", *rule, *drop))

    def cut(self) -> None:
        """Pull its cable out of the bridge."""
        _do("ip", "link", "set", self.port, "down")

    def restore(self) -> None:
        """Undo `slow`, `lose` and `cut`."""
        _do("ip", "link", "set", self.port, "up")
        self._let_pass()
        for way in ([], self._inside()):
            device = "eth0" if way else self.port
            # There is nothing to delete where it was not slow.
            clear = [*way, "tc", "qdisc", "delete", "dev", device, "root"]
            subprocess.run(clear, capture_output=True, check=False)

    def _let_pass(self) -> None:
        _do(*self._inside("iptables", "--wait", "--flush"))

    def _inside(self, *words: str) -> Sequence[str]:
        return ["ip", "netns", "exec", self.namespace, *words]


@dataclass(frozen=True, kw_only=True)
class Network:
    number: int
    hosts: dict[str, Host] = field(default_factory=dict)

    @property
    def address(self) -> str:
        """Of this machine, on the bridge."""
        return f"{BLOCK}.{self.number}.1"

    def host(self, name: str) -> Host:
        """A new host, named `name` (also what `hostname` says there)."""
        at = len(self.hosts) + 2
        made = Host(
            name=name,
            address=f"{BLOCK}.{self.number}.{at}",
            namespace=f"{BRIDGE}{self.number}-{name}",
            port=f"np{self.number}p{at}",
        )
        self.hosts[name] = made
        inside = ("-netns", made.namespace)
        _do("ip", "netns", "add", made.namespace)
        peer = ("peer", "name", "eth0", "netns", made.namespace)
        _do("ip", "link", "add", made.port, "type", "veth", *peer)
        _do("ip", "link", "set", made.port, "master", f"{BRIDGE}{self.number}", "up")
        _do("ip", *inside, "address", "add", f"{made.address}/24", "dev", "eth0")
        for device in ("lo", "eth0"):
            _do("ip", *inside, "link", "set", device, "up")
        return made


@contextmanager
def network() -> Iterator[Network]:
    """Skips where the machine cannot have such hosts."""
    if reason := why_not():
        pytest.skip(f"hosts cannot be made here: {reason}")
    _remove_abandoned()
    made = Network(number=_claim())
    try:
        yield made
    finally:
        _remove(made.number)


def _claim() -> int:
    """A bridge, under the first number that is free; its alias says whose it is."""
    for number in range(256):
        bridge = f"{BRIDGE}{number}"
        add = ["ip", "link", "add", bridge, "type", "bridge"]
        if subprocess.run(add, capture_output=True, check=False).returncode == 0:
            _do("ip", "link", "set", bridge, "alias", _owner(psutil.Process()))
            _do("ip", "address", "add", f"{BLOCK}.{number}.1/24", "dev", bridge)
            _do("ip", "link", "set", bridge, "up")
            return number
    raise AssertionError(f"no bridge can be made: {' '.join(add)}")


def _owner(process: psutil.Process) -> str:
    return f"{process.pid} {process.create_time()}"


def _remove_abandoned() -> None:
    """Networks whose process ended without removing them."""
    alive = {_owner(process) for process in psutil.process_iter()}
    for link in json.loads(_do("ip", "-json", "link", "show", "type", "bridge")):
        name, owner = link["ifname"], link.get("ifalias")
        if name.startswith(BRIDGE) and owner and owner not in alive:
            _remove(int(name.removeprefix(BRIDGE)))


def _remove(number: int) -> None:
    bridge = f"{BRIDGE}{number}"
    namespaces = [name for name in _namespaces() if name.startswith(f"{bridge}-")]
    for namespace in namespaces:
        running = _within(namespace)
        for process in running:
            with suppress(psutil.NoSuchProcess):
                process.send_signal(signal.SIGKILL)
        wait_until(lambda running=running: not any(map(_runs, running)), f"{namespace} is empty")
        _do("ip", "netns", "delete", namespace)
    # The kernel would remove the cables with their namespaces, but some time later.
    for link in json.loads(_do("ip", "-json", "link", "show", "master", bridge)):
        subprocess.run(["ip", "link", "delete", link["ifname"]], capture_output=True, check=False)
    _do("ip", "link", "delete", bridge)


def _namespaces() -> list[str]:
    return [line.split()[0] for line in _do("ip", "netns", "list").splitlines()]


def _within(namespace: str) -> list[psutil.Process]:
    found = []
    for pid in _do("ip", "netns", "pids", namespace).split():
        with suppress(psutil.NoSuchProcess):
            found.append(psutil.Process(int(pid)))
    return found


def _runs(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
