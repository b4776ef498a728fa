"""The supervisor's event loop: it waits for signals, log output, control requests and the deadlines
of the rules (`supervisor`), and checks the programs' heartbeats once a second.
"""

from __future__ import annotations

import fcntl
import json
import os
import selectors
import signal
import socket
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

from neuroplay.home import control_socket
from neuroplay.infra.supervision import METRICS, child
from neuroplay.infra.supervision.child import END_SIGNALS
from neuroplay.infra.supervision.forks import ForkServer
from neuroplay.infra.supervision.log_file import LogFile
from neuroplay.infra.supervision.supervisor import Program, Rescue, Stopping, Supervisor
from neuroplay.infra.supervision.watch import DESCRIPTOR, HEARTBEATS, MESSAGE

BOOT_FAILED = 3

CHECK_EVERY_S = 1.0

TOUCH_EVERY_S = 3600.0

LOGS_EVERY_S = 0.05
"""Log output is read in batches, so that a busy API does not keep the supervisor busy too."""

PIPE_BYTES = 1 << 20
MESSAGE_BYTES = 1 << 16

CLIENTS = 64
"""Further connections to the control socket are closed while the loop has this many open files."""

Response = dict[str, Any]


class Loop:
    """Runs `programs` until it is asked to stop; their logs are in the folder `logs` and are copied
    to the descriptor `copied_to`, the control socket is in `runtime`. `boot` is the read end of a
    pipe whose write end belongs to the boot process: if that ends before it has reported `ready`,
    all programs are stopped. `forks` starts those programs that it can start, once each."""

    def __init__(
        self,
        programs: Sequence[Program],
        *,
        runtime: Path,
        logs: Path,
        copied_to: int | None = None,
        boot: int,
        rescue: Rescue,
        forks: ForkServer | None = None,
    ) -> None:
        self._runtime, self._forks = runtime, forks
        self._own_log = LogFile(logs / "supervisor.log", backups=1, copied_to=copied_to)
        self._logs = {
            program.name: LogFile(logs / f"{program.name}.log", backups=4, copied_to=copied_to)
            for program in programs
        }
        self._exit_code = 0
        self._published: Response | None = None
        """The values that the boot process reported with `ready`; None before."""

        self._heartbeat_pipes: dict[str, int] = {}
        """The read end of each monitored program's heartbeat pipe."""

        self._received: set[int] = set()
        self._next_check = self._touched_at = self.now()
        self._next_logs: float | None = None
        """When log output is read again; None while the loop waits for some."""

        self._selector, self._log_pipes = selectors.DefaultSelector(), selectors.DefaultSelector()
        self._on_readable(self._log_pipes, self._copy_logs)
        self._on_readable(boot, lambda: self._boot_ended(boot))
        self._handle_signals()
        self._listener = self._open_control()
        self._supervisor = Supervisor(programs, self, rescue)

    def run(self) -> int:
        """Run until all programs have ended; returns the exit code."""
        self._process_signals()
        self._begin()
        while not self._supervisor.done:
            times = (self._supervisor.due, self._next_logs, self._next_check)
            due = min(time for time in times if time is not None)
            events = self._selector.select(max(0.0, due - self.now()))
            # Before the events: Ctrl-C also ends the boot process, which is then no failed start.
            self._process_signals()
            for key, _ in events:
                key.data()
            self._reap()
            self._supervisor.tick()
            self._run_periodic_tasks()
        self._copy_logs()
        return self._exit_code

    def _begin(self) -> None:
        """Start the fork server, and the programs that do not wait for it."""
        programs = {program["name"] for program in self._supervisor.processes()}
        if self._forks is not None and self._start_forks(self._forks):
            programs -= self._forks.names
        self._supervisor.begin(programs)

    def _start_forks(self, forks: ForkServer) -> bool:
        """Start the fork server; returns whether it was."""
        if self._supervisor.stopping:
            return False
        try:
            told = forks.start()
        except OSError as error:
            self.note(f"the fork server cannot be started: {error}")
            return False
        self._on_readable(told, lambda: self._on_loaded(forks, told))
        return True

    def _on_loaded(self, forks: ForkServer, told: socket.socket) -> None:
        """Start the programs whose modules the fork server has imported; all, if it has ended. It
        ends after the last ones."""
        loaded = forks.loaded()
        if not loaded:
            self.note("the fork server has ended: programs are started without it")
        self._supervisor.begin(loaded or None)
        if not loaded or not forks.go_on():
            self._selector.unregister(told)
            forks.close()

    # The methods of Machine

    def now(self) -> float:
        return time.monotonic()

    def moment(self) -> str:
        return time.strftime("%Y-%m-%d %H:%M:%SZ", time.gmtime())

    def note(self, text: str) -> None:
        moment = time.strftime("%Y-%m-%d %H:%M:%S")
        thousandths = time.time_ns() // 1_000_000 % 1000
        self._own_log.write(f"{moment},{thousandths:03} {text}\n".encode())

    def start(self, program: Program) -> int:
        """The program's output goes to its log. Of our open files it inherits only its heartbeat
        pipe. A signal that arrives before its exec is not lost: posix_spawn blocks signals, and
        first resets our handlers."""
        own = {
            child.MARK: child.mark(self._runtime, program.name),
            child.PARENT: str(os.getpid()),
            **program.environment,
        }
        with ExitStack() as write_ends:
            output, write_end = os.pipe()
            write_ends.callback(os.close, write_end)
            files = [write_end]
            if program.heartbeats:
                files.append(self._open_heartbeat_pipe(program.name))
                write_ends.callback(os.close, files[-1])
                own[HEARTBEATS] = str(DESCRIPTOR)
            try:
                pid = self._fork(program, own, files) or _spawn(program, own, files)
            except OSError:
                os.close(output)
                raise
        with suppress(OSError):
            fcntl.fcntl(output, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
        self._logs[program.name].write(b"")  # creates the log even if the program prints nothing
        self._log_pipes.register(output, selectors.EVENT_READ, self._logs[program.name])
        return pid

    def _fork(self, program: Program, own: Mapping[str, str], files: Sequence[int]) -> int:
        """Have the fork server start a program; returns its pid, 0 if it cannot."""
        if self._forks is None or not self._forks.can_start(program.name):
            return 0
        try:
            return self._forks.fork(program.argv, own, files)
        except OSError as error:
            self.note(f"{error}; {program.name} is started without it")
            return 0

    def _open_heartbeat_pipe(self, name: str) -> int:
        """Replace a program's heartbeat pipe, whose ends are both non-blocking; returns the write
        end."""
        if name in self._heartbeat_pipes:
            os.close(self._heartbeat_pipes.pop(name))
        self._heartbeat_pipes[name], write_end = os.pipe()
        for end in (self._heartbeat_pipes[name], write_end):
            os.set_blocking(end, False)
        return write_end

    def heartbeats(self, name: str) -> Iterable[tuple[int, int]]:
        try:
            written = os.read(self._heartbeat_pipes[name], PIPE_BYTES)
        except (KeyError, BlockingIOError):
            return ()
        return MESSAGE.iter_unpack(written[: len(written) // MESSAGE.size * MESSAGE.size])

    def send(self, pid: int, number: int, *, group: bool = False) -> None:
        with suppress(ProcessLookupError):
            (os.killpg if group else os.kill)(pid, number)

    # Events

    def _on_readable(self, file: Any, callback: Callable[[], object]) -> None:
        self._selector.register(file, selectors.EVENT_READ, callback)

    def _handle_signals(self) -> None:
        read_end, write_end = os.pipe()
        for end in (read_end, write_end):
            os.set_blocking(end, False)
        signal.set_wakeup_fd(write_end, warn_on_full_buffer=False)
        self._on_readable(read_end, lambda: os.read(read_end, 4096))
        handled = {*END_SIGNALS, signal.SIGCHLD}
        if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:  # nohup: it outlives its terminal
            handled.remove(signal.SIGHUP)
        for number in handled:
            signal.signal(number, lambda received, _: self._received.add(received))
        signal.pthread_sigmask(signal.SIG_UNBLOCK, handled)  # `serve` blocked them

    def _process_signals(self) -> None:
        while self._received:
            if (number := self._received.pop()) in END_SIGNALS:
                self._exit_code = 0
                self._supervisor.stop_everything(f"received {signal.Signals(number).name}")

    def _reap(self) -> None:
        with suppress(ChildProcessError):
            while (found := os.waitpid(-1, os.WNOHANG))[0]:
                if self._forks is not None and found[0] == self._forks.pid:
                    self._forks.pid = 0
                self._copy_logs()  # its last output, before anybody reads that it has ended
                self._supervisor.ended(*found)

    def _boot_ended(self, boot: int) -> None:
        self._selector.unregister(boot)
        os.close(boot)
        if self._published is None and not self._supervisor.stopping:
            self._exit_code = BOOT_FAILED
            self._supervisor.stop_everything("the start was not completed")

    def _copy_logs(self) -> None:
        """Copy the programs' new output to their logs; the next batch is LOGS_EVERY_S later."""
        for key, _ in self._log_pipes.select(0):
            if data := os.read(key.fd, PIPE_BYTES):
                key.data.write(data)
            else:
                self._log_pipes.unregister(key.fd)
                os.close(key.fd)
        if self._next_logs is None:
            self._selector.unregister(self._log_pipes)
        self._next_logs = self.now() + LOGS_EVERY_S

    def _run_periodic_tasks(self) -> None:
        now = self.now()
        if self._next_logs is not None and now >= self._next_logs:
            self._next_logs = None
            self._on_readable(self._log_pipes, self._copy_logs)
        if now >= self._next_check:
            self._next_check = now + CHECK_EVERY_S
            self._supervisor.check_heartbeats()
            if self._published is not None and not self._supervisor.stopping:
                with suppress(OSError):  # a full disk
                    self._maintain_runtime_folder()

    def _maintain_runtime_folder(self) -> None:
        """Restore the files that commands and restarts need in the runtime folder, and renew all
        modification times: cleaners of /tmp delete files that are days old."""
        if not control_socket(self._runtime).exists():
            self._runtime.mkdir(mode=0o700, parents=True, exist_ok=True)
            old, self._listener = self._listener, self._open_control()
            self._selector.unregister(old)
            old.close()
        (self._runtime / METRICS).mkdir(mode=0o700, exist_ok=True)
        if not (gate := self._runtime / "gate").exists():
            gate.touch(mode=0o600)
        if self.now() - self._touched_at > TOUCH_EVERY_S:
            self._touched_at = self.now()
            for place in (self._runtime, *self._runtime.rglob("*")):
                with suppress(OSError):
                    os.utime(place, follow_symlinks=False)

    # The control socket: one JSON message per request and per response

    def _open_control(self) -> socket.socket:
        path = control_socket(self._runtime)
        temporary = Path(f"{path}.{os.getpid()}")
        temporary.unlink(missing_ok=True)
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        before = os.umask(0o177)
        try:
            listener.bind(str(temporary))
            listener.listen(128)
            temporary.replace(path)
        except OSError:
            listener.close()
            raise
        finally:
            os.umask(before)
        listener.setblocking(False)
        self._on_readable(listener, self._accept)
        return listener

    def _accept(self) -> None:
        with suppress(OSError):
            client, _ = self._listener.accept()
            client.setblocking(False)
            if len(self._selector.get_map()) < CLIENTS:
                self._on_readable(client, lambda: self._respond(client))
            else:
                client.close()

    def _respond(self, client: socket.socket) -> None:
        self._selector.unregister(client)
        with suppress(OSError), client:
            client.send(json.dumps(self._execute(client.recv(MESSAGE_BYTES))).encode())

    def _execute(self, message: bytes) -> Response:
        try:
            request = json.loads(message)
            action, name = request["do"], request.get("name")
            if action == "ready":
                self._published = dict(request["told"])
            elif action == "start":
                self._supervisor.start(name)
            elif action == "stop":
                self._supervisor.stop(name)
            elif action != "look":
                raise ValueError(action)
        except Stopping:
            return {"error": "everything is being stopped"}
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return {"error": "no such question"}
        return {
            "stopping": self._supervisor.stopping,
            "told": self._published or {},
            "processes": self._supervisor.processes(),
        }


def _spawn(program: Program, own: Mapping[str, str], files: Sequence[int]) -> int:
    """Start a program by itself, with `files` as its output and its heartbeat pipe."""
    places = [(files[0], 1), (files[0], 2), *((file, DESCRIPTOR) for file in files[1:])]
    return os.posix_spawn(
        program.argv[0],
        list(program.argv),
        {**os.environ, **own},
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            *((os.POSIX_SPAWN_DUP2, file, place) for file, place in places),
        ],
        setpgroup=0,
        setsigmask=(),
        setsigdef=(signal.SIGPIPE, signal.SIGXFSZ, *END_SIGNALS),
    )
