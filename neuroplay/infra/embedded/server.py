"""The base class of the embedded servers: start, wait until ready, stop."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Self

from neuroplay.infra.embedded import folders
from neuroplay.infra.embedded.accounts import Account, service_account
from neuroplay.infra.supervision import child, remove_empty
from neuroplay.infra.supervision.errors import CannotStart

if TYPE_CHECKING:
    from neuroplay.config import Settings

START_PATIENCE_S, STOP_PATIENCE_S = 60.0, 5.0
"""For a server that a command runs itself; the supervisor waits for `stop_patience_s`."""

POLL_S = 0.01


class EmbeddedServer(ABC):
    """An embedded server of a home.

    Call `prepare()`, have the supervisor run `command()`, then call `wait_ready()` and
    `complete()`. `running()` does all of this with a child process.
    """

    name: ClassVar[str]
    product: ClassVar[str]
    executable: ClassVar[str]
    """The name of its file; leftovers of a killed run are found by it."""

    stop_signal: ClassVar[signal.Signals] = signal.SIGTERM
    stop_patience_s: ClassVar[float]
    preparing: ClassVar[str] = ""
    starting: ClassVar[str]
    """What `serve` prints during `prepare()` and the start; '' for a step that takes no time."""

    data: Path

    def __init__(self, home: Path, runtime_dir: Path) -> None:
        self._home, self._runtime_dir = home, runtime_dir
        self.log = home / "logs" / f"{self.name}.log"

    @classmethod
    @abstractmethod
    def of(cls, settings: Settings) -> Self | None:
        """The server for `settings`, or None if they name an external one."""

    @property
    @abstractmethod
    def url(self) -> str:
        """The URL for clients, as in the settings of this home."""

    @cached_property
    def account(self) -> Account:
        return service_account(self._home)

    def prepare(self) -> None:
        """Create the folders, and end processes and delete files that a crash left.

        The caller must hold the home's lock. Raises CannotStart.
        """
        folders.make_runtime(self._runtime_dir, self.account)
        self.log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)

    @abstractmethod
    def command(self) -> tuple[str, ...]:
        """The command line; the server runs in the foreground until it receives `stop_signal`."""

    @abstractmethod
    def why_not_ready(self) -> str:
        """Why the server does not accept requests yet; '' if it does."""

    def complete(self) -> list[str]:
        """Finish the setup of a server that is ready; returns warnings for the operator."""
        return []

    def wait_ready(self, timeout_s: float, *, check: Callable[[], None] = lambda: None) -> None:
        """Wait until the server accepts requests. Raises CannotStart after `timeout_s`.

        `check` is called between attempts; it raises to cancel the wait.
        """
        deadline = time.monotonic() + timeout_s
        while why := self.why_not_ready():
            check()
            if time.monotonic() > deadline:
                raise CannotStart(
                    f"{self.product} was not ready after {timeout_s:.0f} s: {why}",
                    hint=f"See {self.log}, or run: neuroplay logs {self.name}",
                )
            time.sleep(POLL_S)

    def end_leftovers(self, first: signal.Signals | None = None) -> None:
        """End processes of a server that was killed, or whose supervisor was killed."""
        mark, at = child.mark(self._runtime_dir, self.name), str(self.data.resolve())
        child.end_leftovers(mark, at=at, program=self.executable, first=first or self.stop_signal)

    @contextmanager
    def running(self, *, patience_s: float = START_PATIENCE_S) -> Iterator[str]:
        """Run the server as a child process; yields its URL once it is ready, within `patience_s`.
        Raises CannotStart."""
        self.prepare()
        process = self._start()

        def check() -> None:
            if (code := process.poll()) is not None:
                raise CannotStart(
                    f"{self.name} ended with {code}: {last_message(self.log)}",
                    hint=f"See {self.log}",
                )

        try:
            self.wait_ready(patience_s, check=check)
            self.complete()
            yield self.url
        finally:
            process.send_signal(self.stop_signal)
            try:
                process.wait(STOP_PATIENCE_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            self.end_leftovers(signal.SIGKILL)
            remove_empty(self._runtime_dir)

    def _start(self) -> subprocess.Popen[bytes]:
        mark = child.mark(self._runtime_dir, self.name)
        # Root opens it in a folder of the service's account, so a link must not be followed.
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
        with os.fdopen(os.open(self.log, flags, 0o600), "ab") as output:
            return subprocess.Popen(
                self.command(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env={**os.environ, child.MARK: mark, child.PARENT: str(os.getpid())},
                cwd="/",
                start_new_session=True,
            )

    def _as_account(self, program: Sequence[str], *needed: Path) -> tuple[str, ...]:
        """The command line of `program` as the server's user, with access to the folders `needed`.
        It gets no secret in its environment, and ends with its parent."""
        options = ["--clean", f"--at={self.data.resolve()}"]
        if self.account.other:
            options.append(f"--user={self.account.uid}:{self.account.gid}")
        if not all(map(self.account.may_enter, needed)):
            options.append(f"--{child.REACH}")
        return wrapped(program, stop_signal=self.stop_signal, options=options)


def wrapped(
    program: Sequence[str],
    *,
    stop_signal: signal.Signals = signal.SIGTERM,
    options: Sequence[str],
) -> tuple[str, ...]:
    """The command line of `program` behind the launcher (`supervision.child`), which ends it with
    its parent; `options` are the launcher's."""
    options = [f"--parent-death={stop_signal.name}", *options]
    return (sys.executable, "-I", "-S", child.__file__, *options, "--", *program)


def last_message(log: Path) -> str:
    """The last non-empty line of a log; of NeuroPlay's JSON records, the error or the event."""
    try:
        text = log.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return "there is no log"
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return _message_of(lines[-1]) if lines else "its log is empty"


def _message_of(line: str) -> str:
    if not line.startswith("{"):
        return line
    try:
        record = json.loads(line)
    except ValueError:
        return line
    return str(record.get("error") or record.get("event") or line)
