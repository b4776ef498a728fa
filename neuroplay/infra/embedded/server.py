"""What the embedded servers have in common: how one is started, waited for and ended."""

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
"""For one that a command runs for itself; a supervisor gives it `stop_patience_s`."""

POLL_S = 0.01


class EmbeddedServer(ABC):
    """An embedded server of a home.

    `prepare()` comes first, `command()` is what a supervisor runs, `wait_ready()` and `complete()`
    follow. `running()` is all of it, as a child of this process.
    """

    name: ClassVar[str]
    product: ClassVar[str]
    stop_signal: ClassVar[signal.Signals] = signal.SIGTERM
    stop_patience_s: ClassVar[float]
    preparing: ClassVar[str] = ""
    starting: ClassVar[str]
    """What `serve` says meanwhile; nothing where that takes no time."""

    data: Path

    def __init__(self, home: Path, runtime_dir: Path) -> None:
        self._home, self._runtime_dir = home, runtime_dir
        self.log = home / "logs" / f"{self.name}.log"

    @classmethod
    @abstractmethod
    def of(cls, settings: Settings) -> Self | None:
        """The one that `settings` want; None where they name a server of one's own."""

    @property
    @abstractmethod
    def url(self) -> str:
        """For its clients; the same as the settings of this home have."""

    @cached_property
    def account(self) -> Account:
        return service_account(self._home)

    def prepare(self) -> None:
        """Make the folders, and clear what a crash left.

        Nothing else may use this home meanwhile: `serve` holds its lock. Raises CannotStart.
        """
        folders.make_runtime(self._runtime_dir, self.account)
        self.log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)

    @abstractmethod
    def command(self) -> tuple[str, ...]:
        """What to run, in the foreground, until it gets `stop_signal`."""

    @abstractmethod
    def why_not_ready(self) -> str:
        """Why it takes no requests yet; '' where it does."""

    def complete(self) -> list[str]:
        """Do what is to be done once it is ready; returns what the operator should know."""
        return []

    def wait_ready(self, timeout_s: float, *, check: Callable[[], None] = lambda: None) -> None:
        """Return when it takes requests.

        `check` is called between tries and raises to give up. Raises CannotStart after
        `timeout_s`.
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
        """End what is left of a server that was killed, or whose supervisor was."""
        mark, at = child.mark(self._runtime_dir, self.name), str(self.data.resolve())
        child.end_leftovers(mark, at=at, first=first or self.stop_signal)

    @contextmanager
    def running(self) -> Iterator[str]:
        """The server as a child of this process, ready; gives its URL, gone at the end."""
        self.prepare()
        process = self._start()

        def check() -> None:
            if (code := process.poll()) is not None:
                raise CannotStart(
                    f"{self.name} ended with {code}: {last_words(self.log)}",
                    hint=f"See {self.log}",
                )

        try:
            self.wait_ready(START_PATIENCE_S, check=check)
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
        # As root in a folder of the service's account, which is believed no link.
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
        """`program` as its user, who can reach the folders `needed`; it gets no secret, and ends
        with its parent."""
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
    """`program` behind the step that keeps it from outliving its parent; `options` are that
    step's."""
    options = [f"--parent-death={stop_signal.name}", *options]
    return (sys.executable, "-I", "-S", child.__file__, *options, "--", *program)


def last_words(log: Path) -> str:
    """The last line of a log that says something."""
    try:
        text = log.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return "it left no log"
    said = [line.strip() for line in text.splitlines() if line.strip()]
    return _words(said[-1]) if said else "it said nothing"


def _words(line: str) -> str:
    """What a line says, where it is one of ours: JSON of which people want to read one value."""
    if not line.startswith("{"):
        return line
    try:
        told = json.loads(line)
    except ValueError:
        return line
    return str(told.get("error") or told.get("event") or line)
