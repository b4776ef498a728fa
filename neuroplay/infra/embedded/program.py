"""One embedded server as a child of this process, for tests and for short work of a command."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from neuroplay.infra.embedded.accounts import Account
from neuroplay.infra.supervision import child
from neuroplay.infra.supervision.errors import CannotStart

STOP_PATIENCE_S = 5.0


def wrapped(
    program: Sequence[str],
    *,
    stop_signal: signal.Signals = signal.SIGTERM,
    options: Sequence[str] = (),
) -> tuple[str, ...]:
    """`program` behind the step that keeps it from outliving its parent; `options` are that
    step's."""
    options = [f"--parent-death={stop_signal.name}", *options]
    return (sys.executable, "-I", "-S", child.__file__, *options, "--", *program)


def as_account(account: Account, *needed: Path) -> list[str]:
    """That step's options to run as `account`, which can reach the folders `needed`."""
    options = [f"--user={account.uid}:{account.gid}"] if account.other else []
    if not all(map(account.may_enter, needed)):
        options.append(f"--{child.REACH}")
    return options


class Program:
    """A running server; its output goes to `log`, its data is in `at`."""

    def __init__(
        self,
        name: str,
        argv: Sequence[str],
        *,
        runtime_dir: Path,
        log: Path,
        stop_signal: signal.Signals,
        at: Path,
    ) -> None:
        self._name, self._log, self._stop_signal = name, log, stop_signal
        self._mark, self._at = child.mark(runtime_dir, name), str(at)
        environment = {**os.environ, child.MARK: self._mark, child.PARENT: str(os.getpid())}
        # As root in a folder of the service's account, which is believed no link.
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
        with os.fdopen(os.open(log, flags, 0o600), "ab") as output:
            self._process = subprocess.Popen(
                argv,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=environment,
                cwd="/",
                start_new_session=True,
            )

    def check(self) -> None:
        """Raise CannotStart, with the server's own last words, where it has ended."""
        if (code := self._process.poll()) is not None:
            raise CannotStart(
                f"{self._name} ended with {code}: {last_words(self._log)}",
                hint=f"See {self._log}",
            )

    def stop(self) -> None:
        """End it in order, or by force after STOP_PATIENCE_S; nothing of it is left."""
        if self._process.poll() is None:
            self._process.send_signal(self._stop_signal)
            try:
                self._process.wait(STOP_PATIENCE_S)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        child.end_leftovers(self._mark, at=self._at, first=signal.SIGKILL)


def last_words(log: Path, *, lines: int = 1) -> str:
    """The last lines of a log that say something."""
    try:
        text = log.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return "it left no log"
    said = [line.strip() for line in text.splitlines() if line.strip()]
    return " / ".join(map(_words, said[-lines:])) or "it said nothing"


def _words(line: str) -> str:
    """What a line says, where it is one of ours: JSON of which people want to read one value."""
    if not line.startswith("{"):
        return line
    try:
        told = json.loads(line)
    except ValueError:
        return line
    return str(told.get("error") or told.get("event") or line)
