"""HAProxy before the API's pods, as the Ingress of a cluster is: it learns which pods are ready."""

from __future__ import annotations

import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.acceptance.installation import free_port, wait_until
from tests.proxies.programs import have

CONFIGURATION = """
global
    stats socket {folder}/admin level admin

defaults
    mode http
    timeout connect 5s
    timeout client 30s
    timeout server 30s
    timeout http-request 15s

frontend neuroplay
    bind 127.0.0.1:{port}
    default_backend api

backend api
    balance leastconn
    # A request that a pod did not answer shall be seen.
    retries 0
    server-template pod 1-{most} 127.0.0.1:1 disabled
"""


@dataclass
class Proxy:
    port: int
    admin: Path
    free: list[str]
    _names: dict[int, str] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, port: int) -> None:
        """Send requests to this port of this machine, too."""
        with self._lock:
            name = self._names[port] = self.free.pop(0)
        self._tell(f"set server api/{name} addr 127.0.0.1 port {port}")
        self._tell(f"set server api/{name} state ready")

    def remove(self, port: int) -> None:
        """Send no further requests there; those that are being answered go on."""
        self._tell(f"set server api/{self._names[port]} state drain")

    def forget(self, port: int) -> None:
        """The pod is gone."""
        with self._lock:
            name = self._names.pop(port)
        self._tell(f"set server api/{name} state maint")
        with self._lock:
            self.free.append(name)

    def _tell(self, command: str) -> None:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(str(self.admin))
            connection.sendall(f"{command}\n".encode())
            connection.shutdown(socket.SHUT_WR)
            said = b"".join(iter(lambda: connection.recv(4096), b"")).decode().strip()
        # It confirms a new address in a sentence, and a new state by silence.
        assert not said or "IP changed" in said or "port changed" in said or "no need" in said, said


@contextmanager
def before(pods: int, folder: Path) -> Iterator[Proxy]:
    """A proxy with room for so many pods."""
    program, environment = have("haproxy")
    proxy = Proxy(free_port(), folder / "admin", [f"pod{one}" for one in range(1, pods + 1)])
    file = folder / "haproxy.cfg"
    file.write_text(CONFIGURATION.format(folder=folder, port=proxy.port, most=pods))
    with (folder / "haproxy.log").open("w") as log:
        process = subprocess.Popen(
            [program, "-db", "-f", str(file)], env=dict(environment), stdout=log, stderr=log
        )
    try:
        wait_until(proxy.admin.exists, "HAProxy runs", 30)
        yield proxy
    finally:
        process.terminate()
        process.wait(30)
