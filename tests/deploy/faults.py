"""What makes each alert fire, on a running system. A fault lasts as long as its block; what only
a runbook's command can end stays until that is run."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import psutil
import psycopg2

from neuroplay.infra.standby.wal_files import FILE_BYTES
from tests.acceptance.installation import Installation, Player, finished_game, wait_until
from tests.acceptance.standing_by import receiver, set_back, standby_pids, wait_copied
from tests.deploy.memory import Memory
from tests.integration.servers import hung
from tests.prometheus.server import Prometheus

CLASS = "3A"
ASKING = 10
"""Devices that ask at once."""

CROWD = 60
"""More than the API has threads."""

MONTH_S = 30 * 86_400

Cursor = psycopg2.extensions.cursor


@dataclass(frozen=True, kw_only=True)
class Watched:
    system: Installation
    prometheus: Prometheus
    player: Player
    memory: Memory
    standby: Path
    """NEUROPLAY_WAL_DIR."""
    small_disks: bool
    """Whether home and standby are on such."""


Fault = Callable[[Watched], AbstractContextManager[Mapping[str, str]]]
"""Gives what stands for the words in capitals of the runbook's commands."""


def _freeze(system: Installation, name: str) -> None:
    """The supervisor starts a killed process again at once; a frozen one needs somebody."""
    main = system.status()[name]["pid"]
    for process in system.processes():
        if process.pid == main or main in {one.pid for one in process.parents()}:
            process.suspend()


@contextmanager
def _repeating(what: Callable[[], object], times: int) -> Iterator[None]:
    """Do it again and again in so many threads."""
    over = threading.Event()

    def again() -> None:
        while not over.is_set():
            what()

    with ThreadPoolExecutor(times) as pool:
        done = [pool.submit(again) for _ in range(times)]
        try:
            yield
        finally:
            over.set()
    for one in done:
        one.result()


@contextmanager
def _database(
    system: Installation, user: str = "neuroplay"
) -> Iterator[psycopg2.extensions.cursor]:
    connection = psycopg2.connect(host=str(system.runtime / "pg"), user=user, dbname="neuroplay")
    try:
        with connection, connection.cursor() as cursor:
            yield cursor
    finally:
        connection.close()


def _utc(moment: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(moment))


def _a_month_offline(games: int) -> list[dict[str, object]]:
    begun = time.time() - MONTH_S
    spans = [(begun + 600 * number, begun + 600 * number + 125) for number in range(games)]
    game = finished_game()
    return [
        {
            **game,
            "session_id": str(uuid4()),
            "started_at": _utc(started),
            "ended_at": _utc(ended),
        }
        for started, ended in spans
    ]


@contextmanager
def frozen_worker(watched: Watched) -> Iterator[Mapping[str, str]]:
    """While a tablet sends a month of games. The oldest is said to have come six minutes ago, for
    which nobody waits here."""
    _freeze(watched.system, "worker")
    games = _a_month_offline(1100)
    for first in range(0, len(games), 100):
        watched.player.send(games[first : first + 100])
    with _database(watched.system) as cursor:
        cursor.execute(
            "UPDATE sync_inbox SET received_at = received_at - interval '6 min' "
            "WHERE session_id = %s",
            (games[0]["session_id"],),
        )
    yield {"ID": str(games[0]["session_id"])}


@contextmanager
def frozen_postgres(watched: Watched) -> Iterator[Mapping[str, str]]:
    """While children look at their progress."""
    player = watched.player
    _freeze(watched.system, "postgres")
    with _repeating(lambda: watched.system.get("/api/v1/me", player.token), ASKING):
        yield {}


@contextmanager
def stopped(watched: Watched) -> Iterator[Mapping[str, str]]:
    assert watched.system.run("stop").code == 0
    yield {}


@contextmanager
def invalid_sessions(watched: Watched) -> Iterator[Mapping[str, str]]:
    games = [{**finished_game(), "score": -1} for _ in range(40)]
    assert set(watched.player.send(games)) == {"invalid"}
    yield {"UUID": watched.player.device_id, "ID": str(games[0]["session_id"])}


@contextmanager
def guessing_program(watched: Watched) -> Iterator[Mapping[str, str]]:
    def guess() -> None:
        card = {"class_code": "7K2MN", "card_code": uuid4().hex[:10].upper()}
        watched.system.post("/api/v1/sign-in", {**card, "device_id": str(uuid4())})

    with _repeating(guess, ASKING):
        yield {"CLASS": CLASS}


@contextmanager
def busy_tables(watched: Watched) -> Iterator[Mapping[str, str]]:
    """Another program locks a table for 0.8 s, over and over."""

    def lock() -> None:
        with _database(watched.system) as cursor:
            cursor.execute("LOCK TABLE students IN ACCESS EXCLUSIVE MODE")
            cursor.execute("SELECT pg_sleep(0.8)")

    with _repeating(lock, 1), _repeating(lambda: _ask(watched), ASKING):
        yield {}


def _ask(watched: Watched) -> None:
    watched.system.get("/api/v1/me", watched.player.token)


@contextmanager
def crowd_at_busy_tables(watched: Watched) -> Iterator[Mapping[str, str]]:
    """The same, while more devices ask than the API has threads: the others wait too long."""
    with busy_tables(watched), _repeating(lambda: _ask(watched), CROWD):
        yield {}


def why_no_small_disks(watched: Watched) -> str:
    return "" if watched.small_disks else "only root can mount a small disk"


@contextmanager
def _film(folder: Path, left: Callable[[os.statvfs_result], int]) -> Iterator[None]:
    """Somebody's file takes the rest of a disk but for `left`, in bytes."""
    file = folder / "somebodys-film"
    disk = os.statvfs(folder)
    try:
        with file.open("wb") as film:
            os.posix_fallocate(film.fileno(), 0, disk.f_frsize * disk.f_bavail - left(disk))
        yield
    finally:
        file.unlink()


@contextmanager
def full_disk(watched: Watched) -> Iterator[Mapping[str, str]]:
    """But for 6 %."""
    with _film(watched.system.home, lambda disk: round(0.06 * disk.f_frsize * disk.f_blocks)):
        yield {}


def why_no_idle_cores(_: Watched) -> str:
    """The alert would be about other programs, and never be over."""
    busy = psutil.cpu_percent(interval=5) > 60
    return "this machine is busy with other programs" if busy else ""


@contextmanager
def busy_cores(watched: Watched) -> Iterator[Mapping[str, str]]:
    cores = os.cpu_count() or 1
    burning = [
        subprocess.Popen(["nice", "-n", "19", "yes"], stdout=subprocess.DEVNULL)
        for _ in range(cores)
    ]
    try:
        yield {}
    finally:
        for process in burning:
            process.kill()
            process.wait()


def why_no_own_memory(watched: Watched) -> str:
    return "" if watched.memory.within else "only root can bind a file over /proc/meminfo"


@contextmanager
def used_memory(watched: Watched) -> Iterator[Mapping[str, str]]:
    watched.memory.use(0.9)
    try:
        yield {}
    finally:
        watched.memory.use(0.5)


FAULTY = """
CREATE FUNCTION faulty() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF new.session_id = '{session_id}' THEN RAISE EXCEPTION 'a fault in the release'; END IF;
  RETURN new;
END $$;
CREATE TRIGGER faulty BEFORE INSERT ON game_sessions FOR EACH ROW EXECUTE FUNCTION faulty();
"""


@contextmanager
def faulty_release(watched: Watched) -> Iterator[Mapping[str, str]]:
    """The database refuses one session, as a fault in a release would. The waits between its five
    tries are cut short; other games wake the worker."""
    system, player = watched.system, watched.player
    game = finished_game()

    def failed() -> bool:
        with _database(system) as cursor:
            cursor.execute(
                "UPDATE sync_inbox SET due_at = now() WHERE session_id = %s AND state = 'pending'",
                (game["session_id"],),
            )
            pending = cursor.rowcount
        if pending:
            player.play()
        return not pending

    with _database(system, "postgres") as cursor:
        cursor.execute(FAULTY.format(session_id=game["session_id"]))
    try:
        assert player.send([game]) == ["accepted"]
        wait_until(failed, "the session used up its tries")
        yield {"ID": str(game["session_id"])}
    finally:
        with suppress(psycopg2.OperationalError), _database(system, "postgres") as cursor:
            cursor.execute("DROP FUNCTION faulty CASCADE")


@contextmanager
def no_drill(watched: Watched) -> Iterator[Mapping[str, str]]:
    """A school of twenty days that backs up, and never tried one of its backups."""
    folder = watched.system.home.parent / "backups"
    folder.mkdir(exist_ok=True)
    assert watched.system.run("db", "backup", str(folder)).code == 0
    with _database(watched.system) as cursor:
        cursor.execute("UPDATE installation SET since = now() - interval '20 days'")
    yield {"FOLDER": str(folder)}


@contextmanager
def held_pass(watched: Watched) -> Iterator[Mapping[str, str]]:
    """Something holds the state of the retention's pass, for five days."""
    with _database(watched.system) as cursor:
        cursor.execute("SET idle_in_transaction_session_timeout = 0")
        cursor.execute("UPDATE retention_pass SET whole_since = now() - interval '5 days'")
        cursor.connection.commit()
        cursor.execute("SELECT FROM retention_pass FOR UPDATE")
        yield {}


@contextmanager
def undecided_for_long(watched: Watched) -> Iterator[Mapping[str, str]]:
    """Nobody has looked at an invalid game for seventy days."""
    game = {**finished_game(), "score": -1}
    assert watched.player.send([game]) == ["invalid"]
    with _database(watched.system) as cursor:
        cursor.execute(
            "UPDATE sync_inbox SET received_at = now() - interval '70 days' WHERE session_id = %s",
            (game["session_id"],),
        )
    yield {"ID": str(game["session_id"])}


@contextmanager
def hung_standby(watched: Watched) -> Iterator[Mapping[str, str]]:
    """All that receives changes stands still, as when its disk is a share that hangs."""
    wait_copied(watched.system)
    with hung(*standby_pids(watched.system)):
        yield {}


@contextmanager
def no_room_for_a_base(watched: Watched) -> Iterator[Mapping[str, str]]:
    """Somebody's file leaves room for changes alone on the standby's disk, whose base backups are
    eight days old, so that a full one is due."""
    folder = watched.system.home.parent / "backups"
    folder.mkdir(exist_ok=True)
    wait_copied(watched.system)
    set_back(watched.standby, timedelta(days=8))
    with _film(watched.standby.parent, lambda _: 3 * FILE_BYTES):
        receiver(watched.system).kill()
        yield {"FOLDER": str(folder)}


@contextmanager
def filtered_series(watched: Watched) -> Iterator[Mapping[str, str]]:
    """Prometheus drops one series of the scrape."""
    name = "neuroplay_sign_ins_total"
    usual = watched.prometheus.configuration.read_text()
    watched.prometheus.configure(
        f"{usual}    metric_relabel_configs:\n"
        f"      - {{source_labels: [__name__], regex: {name}, action: drop}}\n"
    )
    try:
        yield {"NAME": name}
    finally:
        watched.prometheus.configure(usual)
