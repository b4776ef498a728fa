"""Runs Locust in its own processes and reads its progress.

Importing Locust patches the standard library, so this process must not import it.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Thread
from typing import Any

from cli.output.errors import CommandError, cannot

LOCUSTFILE = "locustfile.py"
LOG = "locust.log"
RESULT = "result.json"
LAST_LINES = 3


def run(
    arguments: Sequence[str],
    out: Path,
    hear: Callable[[dict[str, Any]], None],
    *,
    ops_token: str = "",
    program: Sequence[str] = (),
) -> dict[str, Any] | None:
    """Run Locust until it ends; returns the result document, or None for a worker.

    `hear` is called with each progress report. Ctrl-C ends the run properly, with a result if it
    had begun; a second one ends it at once. Without a result, both raise KeyboardInterrupt.
    `program` replaces Locust in tests. Raises CommandError with exit code 3 if Locust fails.
    """
    from neuroplay.operation.daemon import child

    reader, writer = os.pipe()
    command = [
        # Ends Locust if this process ends, even by SIGKILL.
        *(sys.executable, "-I", "-S", child.__file__, f"--parent-death={signal.SIGINT.name}", "--"),
        *(program or _locust()),
        *("--live-fd", str(writer), "--out", str(out)),
        *arguments,
    ]
    environment = {name: v for name, v in os.environ.items() if not name.startswith("LOCUST_")}
    environment[child.PARENT] = str(os.getpid())
    if ops_token:
        environment["NEUROPLAY_OPS_TOKEN"] = ops_token
    with (out / LOG).open("w") as log:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            pass_fds=(writer,),
            cwd=out,
            env=environment,
            start_new_session=True,
        )
    os.close(writer)
    # If the master dies, its workers would wait for it and keep the pipe open.
    Thread(target=_end_all_with, args=(process,), daemon=True).start()
    try:
        asked_to_end = _listen(process, reader, hear)
    finally:
        _end_all(process)
        process.wait()
    found = _result(out)
    if found is None and (process.returncode != 0 or "--worker" not in arguments):
        raise KeyboardInterrupt if asked_to_end else _failure(process.returncode, out)
    return found


def _end_all_with(process: subprocess.Popen[bytes]) -> None:
    process.wait()
    _end_all(process)


def _end_all(process: subprocess.Popen[bytes]) -> None:
    """Kill the generator and its workers, which are in its process group."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def _locust() -> list[str]:
    import loadprofiles

    file = Path(loadprofiles.__file__).with_name(LOCUSTFILE)
    return [
        sys.executable,
        *("-m", "locust", "-f", str(file), "--headless", "--loglevel", "WARNING"),
    ]


def free_port() -> int:
    """A free port on the loopback."""
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _listen(
    process: subprocess.Popen[bytes], reader: int, hear: Callable[[dict[str, Any]], None]
) -> bool:
    """Hear the generator until it ends; returns whether it was asked to by Ctrl-C."""
    asked_to_end = False
    with os.fdopen(reader) as lines:
        while True:
            try:
                for line in lines:
                    hear(json.loads(line))
                process.wait()
                return asked_to_end
            except KeyboardInterrupt:
                if asked_to_end:
                    raise
                asked_to_end = True
                process.send_signal(signal.SIGINT)


def _result(out: Path) -> dict[str, Any] | None:
    file = out / RESULT
    if not file.exists():
        return None
    try:
        found: dict[str, Any] = json.loads(file.read_text())
    except ValueError:
        raise cannot(
            f"the load generator left an incomplete {file.name} in {out}",
            hint="Is the disk full?",
        ) from None
    return found


def _failure(code: int, out: Path) -> CommandError:
    last_lines = (out / LOG).read_text(errors="replace").strip().splitlines()[-LAST_LINES:]
    words = " / ".join(line.removeprefix("Error: ") for line in last_lines) or f"exit code {code}"
    return cannot(f"the load generator failed: {words}", hint=f"See {out / LOG}")
