"""Verifies rounds with the PWA's own rules.js, in a child process that runs quickjs-ng.

Whatever a trace does to the engine, this process only loses some time.
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
"""CPU time of the child for one round; a round of two minutes takes less than 0.02 s."""

WALL_S = 5.0
"""Until the child responds; the machine may be busy."""

LONGEST_ANSWER = 4096
"""Bytes."""

NEEDED = ("LD_LIBRARY_PATH",)
"""Environment variables that some builds of Python need to start. The child gets no others: they
may contain secrets."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Child:
    process: subprocess.Popen[bytes]
    socket: socket.socket


class QuickJsVerifier:
    """A ReplayVerifier. The child starts with the first round and runs until `close`. If it dies or
    takes too long, the next round starts another.

    For one thread of one process. Do not fork after the first round.
    """

    def __init__(self, rules: Path, *, cpu_s: float = CPU_S, wall_s: float = WALL_S) -> None:
        self._rules = rules.absolute()
        self._cpu_s = cpu_s
        self._wall_s = wall_s
        self._child: _Child | None = None

    def play_again(self, played: TracedRound) -> RoundResult:
        request = [
            played.game_type,
            played.game_version,
            played.seed,
            played.difficulty,
            list(played.trace),
        ]
        response = self._ask(json.dumps(request, separators=(",", ":")).encode() + b"\n")
        return _result(response)

    def close(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            child.socket.close()
            child.process.kill()
            child.process.wait()

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

    def _exchange(self, running: _Child, line: bytes, *, ends_s: float) -> bytes:
        running.socket.settimeout(self._wall_s)
        running.socket.sendall(line)
        response = b""
        while not response.endswith(b"\n"):
            running.socket.settimeout(max(ends_s - time.monotonic(), 0.001))
            part = running.socket.recv(LONGEST_ANSWER)
            if not part:
                raise ConnectionError("it ended")
            response += part
            if len(response) > LONGEST_ANSWER:
                raise ConnectionError("it answered too much")
        return response

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
        return _Child(process=process, socket=ours)


def _result(response: bytes) -> RoundResult:
    result: Any = None
    with contextlib.suppress(ValueError, RecursionError):
        result = json.loads(response)
    if not isinstance(result, dict):
        raise CannotPlayAgain("the rules answered no object", code="rules_failed")
    if "error" in result:
        raise CannotPlayAgain("the rules gave no result", code=str(result["error"]))
    try:
        return RoundResult(
            score=_a(int, result["score"]),
            accuracy=float(_a((int, float), result["accuracy"])),
            duration=float(_a((int, float), result["duration"])),
            completed=_a(bool, result["completed"]),
            right=_a(int, result["right"]),
            total=_a(int, result["total"]),
            state_hash=_a(int, result["hash"]),
        )
    except (KeyError, TypeError) as error:
        raise CannotPlayAgain(f"the rules' result has no {error}", code="rules_failed") from error


def _a(kind: type | tuple[type, ...], value: Any) -> Any:
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise TypeError("value of the right kind")
    return value
