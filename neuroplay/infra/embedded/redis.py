"""A private Valkey 9: an append-only file in the home, a socket in the runtime folder, and no TCP
port."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import TYPE_CHECKING

from neuroplay.infra.embedded import append_only, folders
from neuroplay.infra.embedded.binaries import valkey_server
from neuroplay.infra.embedded.server import EmbeddedServer

if TYPE_CHECKING:
    from neuroplay.config import Settings

SETTINGS = {
    "port": "0",
    "unixsocketperm": "700",
    "daemonize": "no",
    "appendonly": "yes",
    "appendfsync": "everysec",
    # After a power failure, a truncated file is read as far as it is complete.
    "aof-load-truncated": "yes",
    # No snapshots: the append-only file is enough.
    "save": "",
    "databases": "1",
    # Queue, rate limits and caches are small. When memory is full, writes fail and no task is lost.
    "maxmemory": "128mb",
    "maxmemory-policy": "noeviction",
    "loglevel": "notice",
    "always-show-logo": "no",
    "timeout": "0",
}


class EmbeddedValkey(EmbeddedServer):
    name = "redis"
    product = "Valkey"
    executable = "valkey-server"
    stop_patience_s = 10.0
    starting = "Starting Redis"

    def __init__(self, home: Path, runtime_dir: Path) -> None:
        super().__init__(home, runtime_dir)
        self.data = home / "redis"
        self.socket = runtime_dir / "redis.sock"
        self._aside: list[Path] = []

    @classmethod
    def of(cls, settings: Settings) -> EmbeddedValkey | None:
        return cls(settings.home, settings.runtime_dir) if settings.embedded_redis else None

    @property
    def url(self) -> str:
        return f"unix://{self.socket}"

    def prepare(self) -> None:
        super().prepare()
        folders.make_private(self.data, self.account)
        self.end_leftovers()
        self.socket.unlink(missing_ok=True)
        self._aside = append_only.aside(self.data)

    def command(self) -> tuple[str, ...]:
        settings = {**SETTINGS, "dir": str(self.data), "unixsocket": str(self.socket)}
        options = [part for name, value in settings.items() for part in (f"--{name}", value)]
        program = valkey_server()
        needed = (self.data, program.parent, self._runtime_dir)
        return self._as_account([str(program), *options], *needed)

    def why_not_ready(self) -> str:
        """Valkey responds to PING once it has read its file."""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(1.0)
            try:
                connection.connect(str(self.socket))
                connection.sendall(b"PING\r\n")
                responds = connection.recv(64).startswith(b"+PONG")
            except OSError:
                responds = False
        return "" if responds else "no response to PING"

    def complete(self) -> list[str]:
        return [
            f"Redis could not read its file, now kept as {kept}; it contained no games"
            for kept in append_only.aside(self.data)
            if kept not in self._aside
        ]
