"""The supervisor's event loop: it sleeps until a signal, a line of a log, a question or a time of
the rules (`supervisor`) wakes it, and about once a second to hear whether programs are alive.
"""

from __future__ import annotations

import fcntl
import json
import os
import selectors
import signal
import socket
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

from neuroplay.home import control_socket
from neuroplay.infra.supervision import METRICS, child
from neuroplay.infra.supervision.child import REQUESTS_TO_END
from neuroplay.infra.supervision.log_file import LogFile
from neuroplay.infra.supervision.supervisor import Program, Rescue, Stopping, Supervisor
from neuroplay.infra.supervision.watch import DESCRIPTOR, HEARTBEATS, MESSAGE

BOOT_FAILED = 3

LISTEN_EVERY_S = 1.0
TOUCHED_EVERY_S = 3600.0

GULP_S = 0.05
"""Log lines are taken so far apart, so that a busy API does not keep the supervisor busy too."""

PIPE_BYTES = 1 << 20
MESSAGE_BYTES = 1 << 16

GUESTS = 64
"""Connections to the control socket at a time."""

Answer = dict[str, Any]


class Loop:
    """Runs `programs` until told to stop, with logs in the folder `logs` and its sockets in
    `runtime`. `boot` is a descriptor that the process which brings the system up holds the other
    end of: where that ends before it said `ready`, everything is stopped."""

    def __init__(
        self, programs: Sequence[Program], *, runtime: Path, logs: Path, boot: int, rescue: Rescue
    ) -> None:
        self._runtime = runtime
        self._own_log = LogFile(logs / "supervisor.log", backups=1)
        self._logs = {p.name: LogFile(logs / f"{p.name}.log", backups=4) for p in programs}
        self._exit_code = 0
        self._told: Answer | None = None
        """What the boot process wants commands to know; there from the moment that all is ready."""

        self._hearts: dict[str, int] = {}
        """Where each watched program's heartbeats come out."""

        self._received: set[int] = set()
        self._next_listen = self._touched_at = self.now()
        self._next_gulp: float | None = None
        self._selector, self._pipes = selectors.DefaultSelector(), selectors.DefaultSelector()
        self._on_readable(self._pipes, self._take_logs)
        self._on_readable(boot, lambda: self._boot_ended(boot))
        self._wait_for_signals()
        self._listener = self._open_control()
        self._supervisor = Supervisor(programs, self, rescue)

    def run(self) -> int:
        """Return the exit code when all programs have ended."""
        self._take_signals()
        self._supervisor.begin()
        while not self._supervisor.done:
            times = (self._supervisor.due, self._next_gulp, self._next_listen)
            due = min(time for time in times if time is not None)
            woken = self._selector.select(max(0.0, due - self.now()))
            self._take_signals()  # first: Ctrl-C reaches the boot process as well
            for key, _ in woken:
                key.data()
            self._reap()
            self._supervisor.tick()
            self._look_around()
        self._take_logs()
        return self._exit_code

    # The machine of the rules.

    def now(self) -> float:
        return time.monotonic()

    def moment(self) -> str:
        return time.strftime("%Y-%m-%d %H:%M:%S")

    def note(self, text: str) -> None:
        thousandths = time.time_ns() // 1_000_000 % 1000
        self._own_log.write(f"{self.moment()},{thousandths:03} {text}\n".encode())

    def start(self, program: Program) -> int:
        """Its output goes to its log; it has no other open file of ours but the pipe of its
        heartbeats, and no signal that comes before its exec is lost: posix_spawn blocks them, and
        forgets our handlers first."""
        environment = {
            **os.environ,
            child.MARK: child.mark(self._runtime, program.name),
            child.PARENT: str(os.getpid()),
            **program.environment,
        }
        with ExitStack() as its_ends:
            output, its_output = os.pipe()
            its_ends.callback(os.close, its_output)
            files: list[tuple[Any, ...]] = [
                (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
                (os.POSIX_SPAWN_DUP2, its_output, 1),
                (os.POSIX_SPAWN_DUP2, its_output, 2),
            ]
            if program.heartbeats:
                its_heart = self._new_heart(program.name)
                its_ends.callback(os.close, its_heart)
                files.append((os.POSIX_SPAWN_DUP2, its_heart, DESCRIPTOR))
                environment[HEARTBEATS] = str(DESCRIPTOR)
            try:
                pid = os.posix_spawn(
                    program.argv[0],
                    list(program.argv),
                    environment,
                    file_actions=files,
                    setpgroup=0,
                    setsigmask=(),
                    setsigdef=(signal.SIGPIPE, signal.SIGXFSZ, *REQUESTS_TO_END),
                )
            except OSError:
                os.close(output)
                raise
        with suppress(OSError):
            fcntl.fcntl(output, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
        self._logs[program.name].write(b"")  # it is there, whether or not the program says anything
        self._pipes.register(output, selectors.EVENT_READ, self._logs[program.name])
        return pid

    def _new_heart(self, name: str) -> int:
        """The end of a pipe into which a program writes its heartbeats. Neither end ever waits."""
        if name in self._hearts:
            os.close(self._hearts.pop(name))
        self._hearts[name], its_end = os.pipe()
        for end in (self._hearts[name], its_end):
            os.set_blocking(end, False)
        return its_end

    def heartbeats(self, name: str) -> Iterable[tuple[int, int]]:
        try:
            written = os.read(self._hearts[name], PIPE_BYTES)
        except (KeyError, BlockingIOError):
            return ()
        return MESSAGE.iter_unpack(written[: len(written) // MESSAGE.size * MESSAGE.size])

    def send(self, pid: int, number: int, *, group: bool = False) -> None:
        with suppress(ProcessLookupError):
            (os.killpg if group else os.kill)(pid, number)

    # What wakes the loop.

    def _on_readable(self, what: Any, then: Callable[[], object]) -> None:
        self._selector.register(what, selectors.EVENT_READ, then)

    def _wait_for_signals(self) -> None:
        woken, write = os.pipe()
        for end in (woken, write):
            os.set_blocking(end, False)
        signal.set_wakeup_fd(write, warn_on_full_buffer=False)
        self._on_readable(woken, lambda: os.read(woken, 4096))
        heard = {*REQUESTS_TO_END, signal.SIGCHLD}
        if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:  # nohup: it outlives its terminal
            heard.remove(signal.SIGHUP)
        for number in heard:
            signal.signal(number, lambda received, _: self._received.add(received))
        signal.pthread_sigmask(signal.SIG_UNBLOCK, heard)  # `serve` had them wait

    def _take_signals(self) -> None:
        while self._received:
            if (number := self._received.pop()) in REQUESTS_TO_END:
                self._exit_code = 0
                self._supervisor.stop_everything(f"received {signal.Signals(number).name}")

    def _reap(self) -> None:
        with suppress(ChildProcessError):
            while (found := os.waitpid(-1, os.WNOHANG))[0]:
                self._take_logs()  # its last words, before anybody is told that it ended
                self._supervisor.ended(*found)

    def _boot_ended(self, boot: int) -> None:
        self._selector.unregister(boot)
        os.close(boot)
        if self._told is None and not self._supervisor.stopping:
            self._exit_code = BOOT_FAILED
            self._supervisor.stop_everything("the start was not completed")

    def _take_logs(self) -> None:
        """What the programs wrote since the last gulp."""
        for key, _ in self._pipes.select(0):
            if data := os.read(key.fd, PIPE_BYTES):
                key.data.write(data)
            else:
                self._pipes.unregister(key.fd)
                os.close(key.fd)
        if self._next_gulp is None:
            self._selector.unregister(self._pipes)
        self._next_gulp = self.now() + GULP_S

    def _look_around(self) -> None:
        """What is done by time alone."""
        now = self.now()
        if self._next_gulp is not None and now >= self._next_gulp:
            self._next_gulp = None
            self._on_readable(self._pipes, self._take_logs)
        if now >= self._next_listen:
            self._next_listen = now + LISTEN_EVERY_S
            self._supervisor.listen()
            if self._told is not None and not self._supervisor.stopping:
                with suppress(OSError):  # a full disk
                    self._keep_folder()

    def _keep_folder(self) -> None:
        """Cleaners of /tmp take what nobody touched for days: what commands and restarts need in
        the runtime folder comes back, and all of it stays young."""
        if not control_socket(self._runtime).exists():
            self._runtime.mkdir(mode=0o700, parents=True, exist_ok=True)
            lost, self._listener = self._listener, self._open_control()
            self._selector.unregister(lost)
            lost.close()
        (self._runtime / METRICS).mkdir(mode=0o700, exist_ok=True)
        if not (gate := self._runtime / "gate").exists():
            gate.touch(mode=0o600)
        if self.now() - self._touched_at > TOUCHED_EVERY_S:
            self._touched_at = self.now()
            for place in (self._runtime, *self._runtime.rglob("*")):
                with suppress(OSError):
                    os.utime(place, follow_symlinks=False)

    # The control socket: one message of JSON each way.

    def _open_control(self) -> socket.socket:
        path = control_socket(self._runtime)
        half = Path(f"{path}.{os.getpid()}")
        half.unlink(missing_ok=True)
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        before = os.umask(0o177)
        try:
            listener.bind(str(half))
            listener.listen(128)
            half.replace(path)
        except OSError:
            listener.close()
            raise
        finally:
            os.umask(before)
        listener.setblocking(False)
        self._on_readable(listener, self._welcome)
        return listener

    def _welcome(self) -> None:
        with suppress(OSError):
            guest, _ = self._listener.accept()
            guest.setblocking(False)
            if len(self._selector.get_map()) < GUESTS:
                self._on_readable(guest, lambda: self._answer(guest))
            else:
                guest.close()

    def _answer(self, guest: socket.socket) -> None:
        self._selector.unregister(guest)
        with suppress(OSError), guest:
            guest.send(json.dumps(self._do(guest.recv(MESSAGE_BYTES))).encode())

    def _do(self, asked: bytes) -> Answer:
        try:
            question = json.loads(asked)
            what, name = question["do"], question.get("name")
            if what == "ready":
                self._told = dict(question["told"])
            elif what in ("start", "stop"):
                (self._supervisor.start if what == "start" else self._supervisor.stop)(name)
            elif what != "look":
                raise ValueError(what)
        except Stopping:
            return {"error": "everything is being stopped"}
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return {"error": "no such question"}
        return {
            "stopping": self._supervisor.stopping,
            "told": self._told or {},
            "processes": self._supervisor.processes(),
        }
