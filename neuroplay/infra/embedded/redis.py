"""A private Valkey 9: append-only file under the home, a unix socket and no port."""

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
    # A file cut off by a power failure is read up to the cut.
    "aof-load-truncated": "yes",
    # The append-only file is all there is.
    "save": "",
    "databases": "1",
    # Queue, rate limits and caches: small. When full, say so rather than lose a task.
    "maxmemory": "128mb",
    "maxmemory-policy": "noeviction",
    "loglevel": "notice",
    "always-show-logo": "no",
    "timeout": "0",
}


class EmbeddedValkey(EmbeddedServer):
    name = "redis"
    product = "Valkey"
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
        """It answers PING when its file is read."""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(1.0)
            try:
                connection.connect(str(self.socket))
                connection.sendall(b"PING\r\n")
                answers = connection.recv(64).startswith(b"+PONG")
            except OSError:
                answers = False
        return "" if answers else "it does not answer"

    def complete(self) -> list[str]:
        return [
            f"Redis could not read its file, now kept as {kept}; it contained no games"
            for kept in append_only.aside(self.data)
            if kept not in self._aside
        ]
