"""The locustfile: plays the students and judges the run when it ends.

locust -f loadprofiles/locustfile.py --host http://127.0.0.1:5000 --users 100 --spawn-rate 10 \
    --run-time 1m

`--profile` selects the profile (default: normal), with its number of users, spawn rate and run time
unless they are given. Without `--roster` the `neuroplay` command of this machine creates a load
class and erases it afterwards.
"""

from __future__ import annotations

import atexit
import json
import os
import subprocess
import sys
import tempfile
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import gevent
import locust.runners
import psutil
from gevent.event import Event
from gevent.lock import RLock
from locust import events
from locust.runners import STATE_MISSING, MasterRunner, WorkerRunner

from loadprofiles.judge.machine import calibrated
from loadprofiles.judge.outcome import result_of
from loadprofiles.judge.run import Run
from loadprofiles.judge.settling import settle
from loadprofiles.judge.verdict import JUDGED
from loadprofiles.play.generator import GENERATOR
from loadprofiles.play.roster import Card, read_roster
from loadprofiles.play.students import Student
from loadprofiles.profiles import CALIBRATION_S, DEFAULT, PROFILES
from loadprofiles.reach.server import Server, is_this_machine
from loadprofiles.reach.trust import TRUST
from loadprofiles.record.recorder import REFUSED
from loadprofiles.report.files import write
from loadprofiles.report.words import EXIT_CODES, Lines, summary

__all__ = ["Student"]

DEFAULT_HOST = "http://127.0.0.1:5000"
STOP_TIMEOUT_S = 15.0
"""Time for students to finish their requests when the run stops."""

LAST_REPORTS_S = 10.0
COULD_NOT_RUN = 3
ORDER = "neuroplay-order"

locust.runners.WORKER_REPORT_INTERVAL = 1.0


@events.init_command_line_parser.add_listener  # type: ignore[untyped-decorator]
def add_options(parser: Any) -> None:
    options = parser.add_argument_group("NeuroPlay")
    options.add_argument(
        "--roster", default="", help="Roster file, from: neuroplay loadtest roster"
    )
    options.add_argument(
        "--out", default="", help="Folder for report.html, result.json and CSV files"
    )
    options.add_argument("--judge", default="all", choices=list(JUDGED), help="What to judge")
    options.add_argument(
        "--calibrate",
        type=float,
        default=CALIBRATION_S,
        help="Seconds in which the machine's speed is measured first; 0: not at all",
    )
    options.add_argument("--data", default="", help="Folder on the database's disk, if it is here")
    options.add_argument("--chaos", default="", help="Fault during the run, for the report")
    options.add_argument("--cacert", default="", help="PEM certificate or CA to trust")
    options.add_argument("--any-name", action="store_true", help="Do not check its host name")
    options.add_argument("--live-fd", type=int, default=-1, help="File descriptor for progress")
    asked = {word.partition("=")[0] for word in sys.argv[1:]}
    if asked & {"--run-time", "-t"} and "--autostart" not in asked:
        # A run with an end needs no web page.
        parser.set_defaults(headless=True)


@events.init.add_listener  # type: ignore[untyped-decorator]
def begin(environment: Any, runner: Any, **_: Any) -> None:
    options = environment.parsed_options
    try:
        TRUST.believe(options.cacert, any_name=options.any_name)
    except OSError as error:
        _give_up(f"--cacert {options.cacert} cannot be used: {error.strerror or error}")
    if isinstance(runner, WorkerRunner):
        if options.live_fd >= 0:
            # The reader must see the end of the judging process, which this worker may outlive.
            os.close(options.live_fd)
        _Worker(environment)
        return
    name = options.profile or DEFAULT
    if name not in PROFILES:
        _give_up(f"unknown profile {name!r}; choose one of {', '.join(PROFILES)}")
    profile = PROFILES[name]
    options.num_users = options.num_users or profile.users
    options.spawn_rate = options.spawn_rate or profile.spawn_rate
    if options.headless and not options.run_time:
        options.run_time = profile.run_time_s
    environment.host = (environment.host or DEFAULT_HOST).rstrip("/")
    environment.stop_timeout = environment.stop_timeout or STOP_TIMEOUT_S
    options.only_summary = True
    _Judge(environment, runner)


def _give_up(why: str) -> None:
    with suppress(OSError):  # the log may be on a full disk
        print(f"Error: {why}", file=sys.stderr, flush=True)
    # A normal exit would wait for Locust's greenlets.
    os._exit(COULD_NOT_RUN)


def _noted(host: str) -> dict[str, Any]:
    """The report of this process since the last call."""
    return {
        **GENERATOR.take(),
        "plays": bool(GENERATOR.cards),
        "beside": is_this_machine(host),
        "memory": psutil.Process().memory_info().rss,
        "is_over": GENERATOR.is_over,
    }


def _play_here(environment: Any) -> None:
    """Record the requests of this process's students."""
    add = environment.events
    add.request.add_listener(_record_request)
    add.user_error.add_listener(_record_user_error)
    add.test_stopping.add_listener(lambda **_: GENERATOR.stop())
    add.test_stop.add_listener(lambda **_: _mark_over())


def _mark_over() -> None:
    GENERATOR.is_over = True


class _Worker:
    """A process that plays students and reports to the judging process."""

    def __init__(self, environment: Any) -> None:
        self._environment = environment
        # Failures are reported to the judging process.
        environment.process_exit_code = 0
        environment.runner.register_message(ORDER, self._take_order)
        environment.events.spawning_complete.add_listener(lambda **_: GENERATOR.be_steady())
        environment.events.report_to_master.add_listener(self._report)
        _play_here(environment)

    def _take_order(self, environment: Any, msg: Any, **_: Any) -> None:
        del environment
        GENERATOR.plan(msg.data)

    def _report(self, data: dict[str, Any], **_: Any) -> None:
        if GENERATOR.cards:
            data["neuroplay"] = _noted(self._environment.host)


class _Judge:
    """The process that starts the run, collects all reports and judges."""

    def __init__(self, environment: Any, runner: Any) -> None:
        self._environment, self._runner = environment, runner
        self._options = environment.parsed_options
        self._run_time_s = self._options.run_time
        # We end the run ourselves: Locust would not wait for the last reports.
        self._options.run_time = None
        self._run: Run | None = None
        self._made: Path | None = None
        self._erasing = RLock()
        self._workers: set[str] = set()
        self._over: set[str] = set()
        """Workers whose last report has arrived."""

        self._is_ending = False
        self._is_judged = Event()
        # Until there is a verdict: a run that ends without one must not pass.
        environment.process_exit_code = COULD_NOT_RUN
        atexit.register(self._erase_roster)
        self._cards = self._read_cards()
        self._speed = calibrated(
            Server(environment.host),
            self._options.calibrate,
            is_local=is_this_machine(environment.host),
            data=Path(self._options.data) if self._options.data else None,
        )
        add = environment.events
        add.test_start.add_listener(self._start)
        add.spawning_complete.add_listener(self._ramp_is_over)
        add.test_stopping.add_listener(self._stopping)
        add.test_stop.add_listener(self._stopped)
        add.quitting.add_listener(self._quitting)
        if isinstance(runner, MasterRunner):
            add.worker_report.add_listener(self._hear)
        else:
            _play_here(environment)

    def _read_cards(self) -> list[Card]:
        path = self._options.roster
        try:
            if not path:
                path = self._make_roster()
            cards = read_roster(Path(path).read_text())
        except (OSError, ValueError) as error:
            self._erase_roster()
            _give_up(str(error))
        if len(cards) < self._options.num_users:
            self._erase_roster()
            _give_up(
                f"the roster has {len(cards)} students, but {self._options.num_users} are needed"
            )
        return cards

    def _make_roster(self) -> str:
        folder = Path(tempfile.mkdtemp(prefix="neuroplay-load"))
        self._made = folder / "roster.json"
        _command("roster", str(self._made), "--students", str(self._options.num_users))
        return str(self._made)

    def _erase_roster(self) -> None:
        with self._erasing:
            made, self._made = self._made, None
            if made is None or not made.exists():
                return
            try:
                _command("roster", str(made), "--erase", "--yes")
                made.parent.rmdir()
            except OSError as error:
                again = f"neuroplay loadtest roster {made} --erase"
                print(f"Error: {error}. Run: {again}", file=sys.stderr, flush=True)

    def _start(self, **_: Any) -> None:
        """Before the first student is started."""
        options = self._options
        profile = PROFILES[options.profile or DEFAULT]
        order: dict[str, Any] = {
            "profile": profile.name,
            "run_time_s": self._run_time_s or 3600.0,
            "cards": [tuple(card) for card in self._cards],
        }
        self._is_ending = False
        self._is_judged.clear()
        if isinstance(self._runner, MasterRunner):
            self._send_orders(self._runner, order)
        else:
            GENERATOR.plan({**order, "index": 0, "of": 1})
        self._run = Run(
            profile=profile,
            users=self._runner.target_user_count or options.num_users,
            run_time_s=self._run_time_s,
            host=self._environment.host,
            cards=self._cards,
            judged=options.judge,
            tell=_progress_writer(options.live_fd),
            user_count=lambda: self._runner.user_count,
            chaos=options.chaos,
            speed=self._speed,
        )
        gevent.spawn(self._supervise, self._run)

    def _send_orders(self, runner: MasterRunner, order: dict[str, Any]) -> None:
        # Locust distributes the students over the workers in this order, so we do with the cards.
        dispatcher: Any = runner._users_dispatcher
        workers = [node.id for node in dispatcher._worker_nodes]
        for index, worker in enumerate(workers):
            runner.send_message(ORDER, {**order, "index": index, "of": len(workers)}, worker)
        self._workers, self._over = set(workers), set()

    def _supervise(self, run: Run) -> None:
        """Collect this process's reports, and end the run in time or if a worker is lost."""
        while run.stopped is None:
            gevent.sleep(1.0)
            run.hear("this", _noted(run.host))
            run.lost_workers = max(run.lost_workers, len(self._workers - self._at_work()))
            if run.lost_workers or (self._run_time_s and run.now >= self._run_time_s):
                # After a worker is lost, the load is not the intended one.
                self._end(run)
                return
        if self._options.headless:
            self._end(run)

    def _at_work(self) -> set[str]:
        clients = self._runner.clients.values() if self._workers else ()
        return {one.id for one in clients if one.state != STATE_MISSING}

    def _ramp_is_over(self, **_: Any) -> None:
        if self._run is not None:
            self._run.ramp_is_over()
        GENERATOR.be_steady()

    def _stopping(self, **_: Any) -> None:
        if self._run is not None:
            self._run.stop()

    def _stopped(self, **_: Any) -> None:
        """The run was stopped on the web page: judge it."""
        if not self._is_ending and self._run is not None and not self._options.headless:
            self._is_ending = True
            gevent.spawn(self._judge, self._run)

    def _hear(self, client_id: str, data: dict[str, Any], **_: Any) -> None:
        report = data.get("neuroplay")
        if self._run is None or report is None:
            return
        self._run.hear(client_id, report)
        if report["is_over"]:
            self._over.add(client_id)

    def _end(self, run: Run, *, interrupted: bool = False) -> None:
        if self._is_ending:
            return
        self._is_ending = True
        run.interrupted = interrupted
        run.stop()
        try:
            if isinstance(self._runner, MasterRunner):
                self._runner.stop(send_stop_to_client=False)
                # "stop" would block the workers, which wait for their students.
                self._runner.send_message("quit")
            else:
                self._runner.stop()
            self._judge(run)
        finally:
            self._is_judged.set()
            self._runner.quit()

    def _judge(self, run: Run) -> None:
        try:
            self._await_last_reports(run)
            settle(run)
            result = result_of(run)
            if self._options.out:
                write(Path(self._options.out), result)
            run.tell({"phase": "done", "verdict": result["verdict"], "t": run.now})
            if self._options.live_fd < 0:
                print(summary(result), flush=True)
            self._environment.process_exit_code = EXIT_CODES[result["verdict"]]
        finally:
            self._is_judged.set()

    def _await_last_reports(self, run: Run) -> None:
        """Wait for the last report of each worker; those without one are lost."""
        run.hear("this", _noted(run.host))
        with gevent.Timeout(STOP_TIMEOUT_S + LAST_REPORTS_S, False):
            while self._workers & self._at_work() - self._over:
                gevent.sleep(0.1)
        run.lost_workers = max(run.lost_workers, len(self._workers - self._over))

    def _quitting(self, **_: Any) -> None:
        """Locust ends: unless we ended the run, somebody stopped it."""
        if self._run is not None:
            self._end(self._run, interrupted=True)
            self._is_judged.wait()
        self._erase_roster()


def _record_request(
    request_type: str,
    name: str,
    response_time: float,
    start_time: float,
    exception: Any = None,
    **_: Any,
) -> None:
    what, error = f"{request_type} {name}", None
    if exception is not None:
        error = f"{what}: {exception}"
    steady = GENERATOR.was_steady(start_time)
    refused = exception is not None and str(exception) == REFUSED
    GENERATOR.notes.request(what, response_time, error, steady=steady, refused=refused)


def _record_user_error(exception: BaseException, **_: Any) -> None:
    GENERATOR.fault(f"a student could not go on: {exception!r}")


def _progress_writer(descriptor: int) -> Any:
    if descriptor >= 0:
        return partial(_write_progress, os.fdopen(descriptor, "w", buffering=1))
    return Lines(partial(print, flush=True))


def _write_progress(stream: Any, row: dict[str, Any]) -> None:
    with suppress(OSError):  # without a reader the run continues
        stream.write(json.dumps(row) + "\n")


def _command(*words: str) -> None:
    """Run `neuroplay loadtest …` on this machine. Raises OSError with its error message."""
    ran = subprocess.run(
        [sys.executable, "-m", "cli", "loadtest", *words],
        capture_output=True,
        text=True,
        check=False,
    )
    if ran.returncode:
        *_, message = ran.stderr.strip().splitlines() or [f"exit code {ran.returncode}"]
        raise OSError(f"neuroplay loadtest {words[0]}: {message.removeprefix('Error: ')}")
