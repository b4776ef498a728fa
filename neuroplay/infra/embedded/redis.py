"""A private Valkey 9: append-only file under the home, a unix socket and no port."""

from __future__ import annotations

import signal
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path

from neuroplay.infra.embedded import folders
from neuroplay.infra.embedded.accounts import Account, service_account
from neuroplay.infra.embedded.binaries import valkey_server
from neuroplay.infra.embedded.program import Program, as_account, wrapped
from neuroplay.infra.supervision import child
from neuroplay.infra.supervision.errors import CannotStart

STOP_SIGNAL = signal.SIGTERM
POLL_S = 0.01

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


class EmbeddedValkey:
    """The embedded Redis of a home; the counterpart of EmbeddedPostgres."""

    def __init__(self, home: Path, runtime_dir: Path) -> None:
        self._home, self._runtime_dir = home, runtime_dir
        self.data = home / "redis"
        self.socket = runtime_dir / "redis.sock"
        self.log = home / "logs" / "redis.log"

    @cached_property
    def account(self) -> Account:
        return service_account(self._home)

    @property
    def url(self) -> str:
        """The same as Settings.effective_redis_url of this home."""
        return f"unix://{self.socket}"

    def prepare(self) -> None:
        """Make the folders and clear what a crash left. Raises CannotStart."""
        folders.make_runtime(self._runtime_dir, self.account)
        self.log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        folders.make_private(self.data, uid=self.account.uid, gid=self.account.gid)
        self.end_leftovers()
        self.socket.unlink(missing_ok=True)

    def end_leftovers(self) -> None:
        """End what is left of a server that was killed, or whose supervisor was."""
        child.end_leftovers(child.mark(self._runtime_dir, "redis"), at=str(self.data.resolve()))

    def command(self) -> tuple[str, ...]:
        """What to run, in the foreground, until it gets STOP_SIGNAL."""
        settings = {**SETTINGS, "dir": str(self.data), "unixsocket": str(self.socket)}
        options = [part for name, value in settings.items() for part in (f"--{name}", value)]
        program = valkey_server()
        reach = as_account(self.account, self.data, program.parent, self._runtime_dir)
        return wrapped(
            [str(program), *options],
            stop_signal=STOP_SIGNAL,
            options=["--clean", f"--at={self.data.resolve()}", *reach],
        )

    def wait_ready(self, timeout_s: float, *, check: Callable[[], None] = lambda: None) -> None:
        """Return when it answers PING (its file is read by then); see EmbeddedPostgres."""
        deadline = time.monotonic() + timeout_s
        while not self._answers():
            check()
            if time.monotonic() > deadline:
                raise CannotStart(
                    f"Valkey was not ready after {timeout_s:.0f} s",
                    hint=f"See {self.log}, or run: neuroplay logs redis",
                )
            time.sleep(POLL_S)

    def _answers(self) -> bool:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(1.0)
            try:
                connection.connect(str(self.socket))
                connection.sendall(b"PING\r\n")
                return connection.recv(64).startswith(b"+PONG")
            except OSError:
                return False

    @contextmanager
    def running(self, *, timeout_s: float = 30.0) -> Iterator[str]:
        """The server as a child of this process, ready; gives its URL, gone at the end."""
        self.prepare()
        program = Program(
            "redis",
            self.command(),
            runtime_dir=self._runtime_dir,
            log=self.log,
            stop_signal=STOP_SIGNAL,
            at=self.data.resolve(),
        )
        try:
            self.wait_ready(timeout_s, check=program.check)
            yield self.url
        finally:
            program.stop()
            folders.remove_empty(self._runtime_dir)
