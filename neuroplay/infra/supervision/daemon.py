"""supervisor as NeuroPlay runs it: python -m neuroplay.infra.supervision.daemon OPTIONS FILE

What differs from supervisord:

- It sleeps until something happens. Signals wake it through a descriptor, where supervisord may
  notice a death or a request to stop up to a second later; a stop of five programs in order would
  take that five times.
- It never gives up: a program that dies young comes back after 1, 2, 3 ... 30 s, one that had run
  well comes back at once.
- It watches the process that brings the system up (`--boot-fd`): where that ends before it said
  that all is ready, everything is stopped and the exit code is 3.
- Log output is taken in gulps, so that a busy API does not keep it busy too; a full disk costs
  lines of it, never a program.
- It asks the API whether it is alive (`watch`), and starts it again where it is deaf.
- A program that is asked to end between its fork and its exec ends. supervisord's own handlers,
  which the fork inherits, would note the signal in a copy that nobody reads.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import select
import signal
import socket
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from supervisor.medusa.asyncore_25 import ExitNow
from supervisor.options import ProcessConfig, ServerOptions
from supervisor.poller import PollPoller
from supervisor.process import Subprocess
from supervisor.states import ProcessStates, SupervisorStates
from supervisor.supervisord import Supervisor

from neuroplay.home import control_socket
from neuroplay.infra.embedded import append_only, folders
from neuroplay.infra.supervision import METRICS, NO_ANSWER, READY, RUN_FILES, remove
from neuroplay.infra.supervision.child import PARENT, REQUESTS_TO_END
from neuroplay.infra.supervision.gate import GATE
from neuroplay.infra.supervision.log_files import survive_a_full_disk
from neuroplay.infra.supervision.programs import API, LIVE, LIVE_SOCKET, REDIS
from neuroplay.infra.supervision.watch import DEAF_S, Deaf, Watch

BOOT_FAILED = 3

STEADY_S = 10.0
"""A program that ran this long had started well; its death is no reason to wait."""

LONGEST_WAIT_S = 30

STARTED_S = 0.3
"""After this time a program is shown as RUNNING."""

TOUCHED_EVERY_S = 3600.0

IN_BETWEEN = (ProcessStates.STARTING, ProcessStates.STOPPING, ProcessStates.BACKOFF)

GULP_S = 0.05
PIPE_BYTES = 1 << 20


class WakingPoller(PollPoller):  # type: ignore[misc, unused-ignore]
    """A poller that signals and the boot process wake, too."""

    def __init__(self, options: Any) -> None:
        super().__init__(options)
        self._wake, write = socket.socketpair()
        self._wake.setblocking(False)
        write.setblocking(False)
        signal.set_wakeup_fd(write.fileno(), warn_on_full_buffer=False)
        self._write = write
        self._own = select.poll()
        self._own.register(self._wake, select.POLLIN)
        self.timeout_s = 1.0
        self.boot_fd: int | None = None
        self.log_fds: frozenset[int] = frozenset()
        self._logs_flow = False

    def watch_boot(self, descriptor: int) -> None:
        self.boot_fd = descriptor
        self._own.register(descriptor, select.POLLIN)

    def forget_boot(self) -> None:
        if self.boot_fd is not None:
            self._own.unregister(self.boot_fd)
            self.boot_fd = None

    def poll(self, timeout: float) -> tuple[list[int], list[int]]:
        if self._logs_flow:
            self._own.poll(GULP_S * 1000)
        own = {self._wake.fileno()} | ({self.boot_fd} if self.boot_fd is not None else set())
        for descriptor in own:
            self._poller.register(descriptor, self.READ)
        readable, writable = super().poll(min(timeout, self.timeout_s))
        for descriptor in own:
            self._poller.unregister(descriptor)
        with contextlib.suppress(BlockingIOError):
            self._wake.recv(4096)
        readable = [descriptor for descriptor in readable if descriptor not in own]
        self._logs_flow = bool(readable) and self.log_fds.issuperset(readable)
        return readable, writable


class ChildConfig(ProcessConfig):  # type: ignore[misc, unused-ignore]
    def make_process(self, group: Any = None) -> Any:
        process = Child(self)
        process.group = group
        return process


class Child(Subprocess):  # type: ignore[misc, unused-ignore]
    """A supervised program that waits before it comes back where it died young."""

    told = ""
    """What `neuroplay status` should know of it, until an operator stops it."""

    _early_deaths = 0
    _signals_before: Iterable[int] = ()

    def spawn(self) -> Any:
        # Blocked over the fork: what comes in between waits for `_spawn_as_child`.
        self._signals_before = signal.pthread_sigmask(signal.SIG_BLOCK, REQUESTS_TO_END)
        try:
            pid = super().spawn()
            if self.told and not self.spawnerr:
                self.spawnerr: str | None = self.told
            return pid
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, self._signals_before)

    def _spawn_as_child(self, filename: str, argv: list[str]) -> None:
        signal.set_wakeup_fd(-1)
        for number in REQUESTS_TO_END:
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_SETMASK, self._signals_before)
        super()._spawn_as_child(filename, argv)

    def finish(self, pid: int, status: int) -> None:
        lived_s = time.time() - self.laststart
        super().finish(pid, status)
        if self.state not in (ProcessStates.EXITED, ProcessStates.BACKOFF):
            self._early_deaths, self.told = 0, ""  # it was asked to stop
        elif lived_s < STEADY_S:
            self._early_deaths += 1
            rescued = self.config.name == REDIS and self._rescue(status)
            self.backoff = min(self._early_deaths, LONGEST_WAIT_S) - 1
            self.change_state(ProcessStates.BACKOFF)
            if self.state is ProcessStates.BACKOFF:
                self.backoff = min(self._early_deaths, LONGEST_WAIT_S)
                self.delay = time.time() + (0 if rescued else self.backoff)
        else:
            self._early_deaths = 0

    def _rescue(self, status: int) -> bool:
        """Whether a file that Valkey may not have been able to read is out of its way now."""
        data = Path("redis")  # the working folder is the home
        if not append_only.may_be_damaged(status):
            return False
        moved = append_only.set_aside(data)
        if moved is not None:
            self.config.options.logger.warn(
                f"redis did not start: its file may be damaged, and is kept as {moved}"
            )
        return moved is not None


class Options(ServerOptions):  # type: ignore[misc, unused-ignore]
    def __init__(self) -> None:
        super().__init__()
        self.poller = WakingPoller(self)

    def setsignals(self) -> None:
        super().setsignals()
        # Blocked since before this program began: until now nobody would have heard them.
        signal.pthread_sigmask(signal.SIG_UNBLOCK, REQUESTS_TO_END)

    def processes_from_section(self, *arguments: Any, **named: Any) -> Any:
        *first, _ = arguments
        configurations = super().processes_from_section(*first, klass=ChildConfig, **named)
        for configuration in configurations:
            configuration.startsecs = STARTED_S
        return configurations

    def check_execv_args(self, filename: str, argv: list[str], st: Any) -> None:
        """Let exec itself say whether a program can be run: access(2), which supervisord asks,
        knows nothing of the power to reach into closed folders."""

    def make_pipes(self, stderr: bool = True) -> Any:
        pipes = super().make_pipes(stderr)
        with contextlib.suppress(OSError, AttributeError):
            fcntl.fcntl(pipes["stdout"], fcntl.F_SETPIPE_SZ, PIPE_BYTES)
        return pipes


class RuntimeFolder:
    """The runtime folder while NeuroPlay runs. Cleaners of /tmp take what nobody touched for days:
    all of it stays young, and what commands need comes back."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._word = folder / "serve.json"
        self._told = self._word.read_bytes() if self._word.exists() else b""
        self._touched_at = time.monotonic()

    def keep(self, daemon: Daemon) -> None:
        """Look after it; called about once a second."""
        with contextlib.suppress(OSError, SystemExit):  # a full disk, in supervisord's words
            if not control_socket(self._folder).exists():
                self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                daemon.options.close_httpservers()
                daemon.options.httpservers = ()
                daemon.options.openhttpservers(daemon)
            (self._folder / METRICS).mkdir(mode=0o700, exist_ok=True)
            (self._folder / "gate").touch(mode=0o600)
            if self._told and not self._word.exists():
                handle = os.open(self._word, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
                with os.fdopen(handle, "wb") as file:
                    file.write(self._told)
        if time.monotonic() - self._touched_at > TOUCHED_EVERY_S:
            self._touched_at = time.monotonic()
            for where, inside, files in os.walk(self._folder):
                for name in (".", *inside, *files):
                    with contextlib.suppress(OSError):
                        os.utime(os.path.join(where, name), follow_symlinks=False)


class Daemon(Supervisor):  # type: ignore[misc, unused-ignore]
    exit_code = 0
    _asked = False
    """Whether a signal asked for the stop."""

    _ready: RuntimeFolder | None = None
    """Kept as it is from the moment that all is ready."""

    _watch: Watch | None = None

    def handle_signal(self) -> None:
        """All signals that came, not one a turn; a closed terminal means stop, not reload."""
        while self.options.signal_receiver._signals_recvd:
            received = self.options.get_signal()
            if received in REQUESTS_TO_END:
                # Ctrl-C reaches the boot process as well: its end is then no failure.
                self._asked, self.exit_code = True, 0
                self._stop(f"received {signal.Signals(received).name}")

    def tick(self, now: float | None = None) -> None:
        self._look_at_boot()
        poller = self.options.poller
        poller.log_fds = frozenset(self.get_process_map())
        restless = self.options.mood < SupervisorStates.RUNNING or any(
            process.state in IN_BETWEEN
            for group in self.process_groups.values()
            for process in group.processes.values()
        )
        poller.timeout_s = 0.1 if restless else 1.0
        if self._ready and self.options.mood == SupervisorStates.RUNNING:
            self._ready.keep(self)
        self._look_at_api()
        super().tick(now)

    def _look_at_api(self) -> None:
        if API not in self.process_groups:
            return
        api: Child = self.process_groups[API].processes[API]
        if self._watch is None:
            environment = api.config.environment
            places = range(int(os.environ.get("NEUROPLAY_API_WORKERS", "1")))
            paths = [Path(environment[LIVE].format(place)) for place in places]
            self._watch = Watch(paths, Path(environment[GATE]))
        runs = self.options.mood >= SupervisorStates.RUNNING and not api.killing
        deaf = self._watch.look(time.monotonic(), api.pid if runs and api.pid else None)
        silent_s = self._watch.longest_silence_s
        if deaf is not None:
            self._end_deaf(api, deaf)
        elif silent_s >= DEAF_S / 3:
            api.spawnerr = f"{NO_ANSWER} for {silent_s:.0f} s"
        elif api.spawnerr and api.spawnerr.startswith(NO_ANSWER):
            api.spawnerr = api.told or None

    def _end_deaf(self, api: Child, deaf: Deaf) -> None:
        """End it by force: it may stand still. The API's own master, or the supervisor, starts it
        again."""
        which = "the API" if deaf.pid is None else f"process {deaf.place + 1} of the API"
        moment = time.strftime("%Y-%m-%d %H:%M:%S")
        api.told = f"{which} did not answer for {deaf.seconds:.0f} s and was restarted at {moment}"
        api.spawnerr = api.told
        self.options.logger.warn(api.told)
        with contextlib.suppress(ProcessLookupError):
            if deaf.pid is None:
                os.killpg(api.pid, signal.SIGKILL)
            else:
                os.kill(deaf.pid, signal.SIGKILL)

    def ordered_stop_groups_phase_1(self) -> None:
        """End the last program and those of equal rank together."""
        if self.stop_groups:
            rank = self.stop_groups[-1].config.priority
            for group in self.stop_groups:
                if group.config.priority == rank:
                    group.stop_all()

    def _look_at_boot(self) -> None:
        poller = self.options.poller
        if poller.boot_fd is None:
            return
        try:
            said = os.read(poller.boot_fd, 64)
        except BlockingIOError:
            return
        poller.forget_boot()
        if said == READY:
            self._ready = RuntimeFolder(Path(self.options.configfile).parent)
        if said != READY and not self._asked:
            self.exit_code = BOOT_FAILED
            self._stop("the start was not completed")

    def _stop(self, why: str) -> None:
        self.options.logger.info(f"{why}: stopping")
        self.options.mood = SupervisorStates.SHUTDOWN


def main(argv: list[str]) -> int:
    """Run until told to stop; returns the exit code."""
    *flags, configuration = argv
    os.environ[PARENT] = str(os.getpid())
    survive_a_full_disk()
    options = Options()
    options.realize(["-c", configuration])
    options.first, options.test = True, False
    for flag in flags:
        name, _, value = flag.partition("=")
        if name == "--boot-fd":
            os.set_blocking(int(value), False)
            options.poller.watch_boot(int(value))
    daemon = Daemon(options)
    try:
        daemon.main()
    except ExitNow:
        pass
    finally:
        options.close_httpservers()
        options.close_logger()
        _tidy(Path(configuration).parent)
    return daemon.exit_code


def _tidy(runtime_dir: Path) -> None:
    """Remove what was for this run only."""
    for path in runtime_dir.glob(LIVE_SOCKET.format("*")):
        path.unlink(missing_ok=True)
    for name in (METRICS, *RUN_FILES):
        remove(runtime_dir / name)
    folders.remove_empty(runtime_dir / "pg", runtime_dir)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
