"""Rounds played again by the PWA's own rules.js, in a child process that runs quickjs-ng.

The engine is never in this process: whatever a trace does to it, this one loses some time.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from neuroplay.core.entities.verification import RoundResult, TracedRound
from neuroplay.core.errors import CannotPlayAgain
from neuroplay.infra.verifier import child

CPU_S = 1.0
"""Of the child for one round; a round of two minutes takes less than 0.02."""

WALL_S = 5.0
"""Until the child's answer, on a machine that is busy with other things."""

LONGEST_ANSWER = 4096

NEEDED = ("LD_LIBRARY_PATH",)
"""Environment that some builds of Python need to start; secrets stay here."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Child:
    process: subprocess.Popen[bytes]
    line: socket.socket


class QuickJsVerifier:
    """A ReplayVerifier. The child starts with the first round, serves until `close`, and is
    replaced where it died or took too long. For one thread of one process; nothing is kept over
    a fork that came after the first round."""

    def __init__(self, rules: Path, *, cpu_s: float = CPU_S, wall_s: float = WALL_S) -> None:
        self._rules = rules.absolute()
        self._cpu_s = cpu_s
        self._wall_s = wall_s
        self._child: _Child | None = None

    def play_again(self, played: TracedRound) -> RoundResult:
        question = [
            played.game_type,
            played.game_version,
            played.seed,
            played.difficulty,
            list(played.trace),
        ]
        answer = self._ask(json.dumps(question, separators=(",", ":")).encode() + b"\n")
        return _result(answer)

    def close(self) -> None:
        gone, self._child = self._child, None
        if gone is not None:
            gone.line.close()
            gone.process.kill()
            gone.process.wait()

    def _ask(self, line: bytes) -> bytes:
        now_s = time.monotonic()
        try:
            return self._exchange(self._running(), line, ends_s=now_s + self._wall_s)
        except TimeoutError:
            self.close()
            raise CannotPlayAgain(
                f"the rules gave no answer in {self._wall_s:g} s", code="overrun"
            ) from None
        except OSError as error:
            self.close()
            raise CannotPlayAgain(
                f"the rules' process did not answer: {error.strerror or error}",
                code="verifier_died",
            ) from error

    def _exchange(self, asked: _Child, line: bytes, *, ends_s: float) -> bytes:
        asked.line.settimeout(self._wall_s)
        asked.line.sendall(line)
        answer = b""
        while not answer.endswith(b"\n"):
            asked.line.settimeout(max(ends_s - time.monotonic(), 0.001))
            part = asked.line.recv(LONGEST_ANSWER)
            if not part:
                raise ConnectionError("it ended")
            answer += part
            if len(answer) > LONGEST_ANSWER:
                raise ConnectionError("it answered too much")
        return answer

    def _running(self) -> _Child:
        if self._child is not None and self._child.process.poll() is not None:
            self.close()
        if self._child is None:
            self._child = self._start()
        return self._child

    def _start(self) -> _Child:
        if not self._rules.is_file():
            raise CannotPlayAgain(f"{self._rules} is missing", code="no_rules")
        engine = find_spec("_quickjs")
        if engine is None or engine.origin is None:
            raise CannotPlayAgain("quickjs-ng is not installed", code="verifier_died")
        ours, theirs = socket.socketpair()
        try:
            process = subprocess.Popen(
                [
                    *(sys.executable, "-I", "-S", child.__file__),
                    *(os.path.dirname(engine.origin), str(self._rules), str(self._cpu_s)),
                ],
                stdin=theirs.fileno(),
                stdout=theirs.fileno(),
                stderr=subprocess.DEVNULL,
                cwd="/",
                env={name: os.environ[name] for name in NEEDED if name in os.environ},
            )
        except BaseException:
            ours.close()
            raise
        finally:
            theirs.close()
        return _Child(process=process, line=ours)


def _result(answer: bytes) -> RoundResult:
    told: Any = None
    with contextlib.suppress(ValueError, RecursionError):
        told = json.loads(answer)
    if not isinstance(told, dict):
        raise CannotPlayAgain("the rules answered no object", code="rules_failed")
    if "error" in told:
        raise CannotPlayAgain("the rules gave no result", code=str(told["error"]))
    try:
        return RoundResult(
            score=_a(int, told["score"]),
            accuracy=float(_a((int, float), told["accuracy"])),
            duration=float(_a((int, float), told["duration"])),
            completed=_a(bool, told["completed"]),
            right=_a(int, told["right"]),
            total=_a(int, told["total"]),
            state_hash=_a(int, told["hash"]),
        )
    except (KeyError, TypeError) as error:
        raise CannotPlayAgain(f"the rules' result has no {error}", code="rules_failed") from error


def _a(kind: type | tuple[type, ...], value: Any) -> Any:
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise TypeError("value of the right kind")
    return value
