"""PostgreSQL's own programs for base backups and WAL."""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING

from neuroplay.infra.db.dump_programs import BackupFailed, client
from neuroplay.infra.embedded import STANDBY
from neuroplay.infra.embedded.binaries import POSTGRES_MAJOR
from neuroplay.infra.standby import manifest

if TYPE_CHECKING:
    from sqlalchemy import Engine

REPORT_EVERY_S = 1
"""How often the receiver reports; see db.standby_state.SILENT_S."""

START_WAL = re.compile(r"^START WAL LOCATION: .* \(file ([0-9A-F]{24})\)$", re.MULTILINE)


class Program:
    """A running program. Its errors are kept for `failure`."""

    def __init__(self, argv: Sequence[str], env: Mapping[str, str], *, keep_open: int = -1) -> None:
        self.name = Path(argv[0]).name
        self._errors: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - until `close`
        self._process = subprocess.Popen(
            argv,
            stdin=subprocess.DEVNULL,
            stdout=self._errors,
            stderr=self._errors,
            env={**os.environ, "LC_ALL": "C", **env},
            cwd="/",
            umask=0o077,
            pass_fds=() if keep_open < 0 else (keep_open,),
        )

    @property
    def pid(self) -> int:
        return self._process.pid

    def wait(self) -> int:
        return self._process.wait()

    def end(self) -> None:
        """End it, if it runs, and wait for that."""
        if self._process.poll() is None:
            # A stopped process does not hear SIGTERM, and nothing is lost by a kill: the last file
            # of WAL is read up to where it ends.
            self._process.kill()
        self._process.wait()

    def failure(self) -> str:
        """What it said last."""
        self._errors.seek(0)
        lines = self._errors.read().decode(errors="replace").splitlines()
        said = [line for line in lines if "error: " in line or "fatal: " in line]
        last = (said or [line for line in lines if line.strip()] or ["it printed no error"])[0]
        return re.sub(r"^\w+: (error|fatal): ", "", last.strip())

    def close(self) -> None:
        self.end()
        self._errors.close()


class Programs:
    """Runs the programs in the folder `bin_folder`, those of a server against `engine`'s."""

    def __init__(self, bin_folder: Path, engine: Engine) -> None:
        self._bin, self._engine = bin_folder, engine
        self._lock = threading.Lock()
        self._running: Program | None = None
        self._stopped = False

    @contextmanager
    def receiver(self, wal: Path, *, lock: int) -> Iterator[Program]:
        """pg_receivewal, which writes to the folder `wal`. It keeps the descriptor `lock`, so that
        the folder stays locked if this process is killed and it is not."""
        options = (
            f"--directory={wal}",
            f"--slot={STANDBY}",
            "--synchronous",
            "--no-loop",
            f"--status-interval={REPORT_EVERY_S}",
        )
        with client(self._engine, "pg_receivewal", *options) as (argv, env):
            program = Program(self._here(argv), {**env, "PGAPPNAME": STANDBY}, keep_open=lock)
            try:
                yield program
            finally:
                program.close()

    def base_backup(self, target: Path, *, after: Path | None) -> None:
        """Make a base backup in `target`; an incremental one if `after` is an earlier one. Raises
        BackupFailed."""
        options = [
            f"--pgdata={target}",
            "--checkpoint=fast",
            "--wal-method=stream",
            f"--manifest-checksums={manifest.ALGORITHM}",
        ]
        if after is not None:
            options.append(f"--incremental={after / 'backup_manifest'}")
        with client(self._engine, "pg_basebackup", *options) as (argv, env):
            self._run(self._here(argv), env)

    def verify(self, base: Path, *, major: int) -> None:
        """Compare a base backup with its manifest, and read its WAL if `major` is ours. Raises
        BackupFailed, OSError."""
        for needed in manifest.verify(base):
            if major == POSTGRES_MAJOR:
                options = (
                    "--quiet",
                    f"--path={base / manifest.WAL}",
                    f"--timeline={needed.timeline}",
                    f"--start={needed.start}",
                    f"--end={needed.end}",
                )
                self._run([str(self._bin / "pg_waldump"), *options], {})

    def stop(self) -> None:
        """End the running base backup, if there is one. Others fail from now on."""
        with self._lock:
            self._stopped = True
            if self._running is not None:
                self._running.end()

    def _here(self, argv: Sequence[str]) -> list[str]:
        return [str(self._bin / Path(argv[0]).name), *argv[1:]]

    def _run(self, argv: Sequence[str], env: Mapping[str, str]) -> None:
        with self._lock:
            if self._stopped:
                raise BackupFailed("it was stopped")
            program = self._running = Program(argv, env)
        try:
            if program.wait() != 0:
                raise BackupFailed(f"{program.name} failed: {program.failure()}")
        finally:
            with self._lock:
                self._running = None
                program.close()


def start_wal_of(base: Path) -> str:
    """The first WAL file that a base backup needs. Raises OSError, BackupFailed."""
    found = START_WAL.search((base / "backup_label").read_text(encoding="utf-8"))
    if found is None:
        raise BackupFailed(f"{base / 'backup_label'} does not say where its WAL starts")
    return found[1]
