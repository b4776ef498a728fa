"""Keeps a standby: receives WAL without interruption, makes base backups when they are due, and
removes old ones.

Nothing here is needed for games to be accepted: db.standby_wait gives a standby up that does not
answer. So every failure is reported, and tried again.
"""

from __future__ import annotations

import os
import queue
import shutil
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Protocol

from neuroplay.core.errors import SettingsError, StoreUnavailable
from neuroplay.infra.db.dump_programs import BackupFailed
from neuroplay.infra.standby import plan, secret_marks
from neuroplay.infra.standby.folder import MOMENT, NEW, Series, StandbyFolder, size_of
from neuroplay.infra.standby.primary import Facts, Primary
from neuroplay.infra.standby.programs import Program, Programs, start_wal_of

RETRY_S = 1.0
BASE_RETRY = timedelta(minutes=1)
LOOK_EVERY_S = 60.0
"""How often it is looked whether a base backup is due."""

REMOVED = "has already been removed"
"""What PostgreSQL says if it no longer has the WAL that is asked for."""


class Reports(Protocol):
    """Who is told. The arguments are texts for operators."""

    def receives(self, series: str, newest: plan.Base | None) -> None:
        """WAL is received, into a series whose newest base backup is `newest`."""

    def cannot_receive(self, why: str) -> None: ...
    def made(self, base: plan.Base, removed: list[str]) -> None: ...
    def cannot_make_base(self, why: str) -> None: ...

    def looks(self) -> None:
        """Called once a minute or more often, while WAL is received."""


class Keeper:
    """Call `run` in the main thread; `stop` ends it, from any thread or a signal handler."""

    def __init__(
        self,
        folder: StandbyFolder,
        primary: Primary,
        programs: Programs,
        reports: Reports,
        *,
        keep: int,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._folder, self._primary, self._programs = folder, primary, programs
        self._reports, self._keep, self._clock = reports, keep, clock
        self._events: queue.SimpleQueue[object] = queue.SimpleQueue()
        self._stopping = False
        self._base: threading.Thread | None = None
        self._base_not_before = datetime.min.replace(tzinfo=UTC)
        self._only_full = False
        self._new_series = False

    def stop(self) -> None:
        self._stopping = True
        self._events.put("stop")

    def run(self) -> None:
        """Raises CannotStart if the folder cannot be the standby's, SettingsError if the server
        cannot have one."""
        facts = self._facts()
        if facts is None:
            return
        facts.check()
        os.close(self._folder.claim(facts.system))
        try:
            while not self._stopping:
                try:
                    self._receive()
                except (SettingsError, StoreUnavailable, OSError, ValueError) as error:
                    if not self._stopping:
                        self._reports.cannot_receive(_text(error))
                        self._pause(RETRY_S)
        finally:
            self._programs.stop()
            if self._base is not None:
                self._base.join()

    def _facts(self) -> Facts | None:
        """Waits for the server; None if it was stopped meanwhile."""
        while not self._stopping:
            try:
                return self._primary.facts()
            except StoreUnavailable as error:
                self._reports.cannot_receive(_text(error))
                self._pause(RETRY_S)
        return None

    def _receive(self) -> None:
        """Receive until the receiver ends, or until this is stopped."""
        facts = self._primary.facts()
        lock = self._folder.claim(facts.system)
        try:
            self._receive_in(self._series(facts), facts, lock)
        finally:
            os.close(lock)

    def _receive_in(self, series: Series, facts: Facts, lock: int) -> None:
        series.remove_unfilled()
        with self._programs.receiver(series.wal, lock=lock) as receiver:
            threading.Thread(target=self._watch, args=(receiver,), daemon=True).start()
            self._reports.receives(series.path.name, next(reversed(series.bases()), None))
            while not self._stopping:
                self._reports.looks()
                self._note_secret()
                self._begin_base_if_due(series, facts)
                if self._next_event(LOOK_EVERY_S) is receiver:
                    why = receiver.failure()
                    self._new_series = REMOVED in why
                    raise BackupFailed(f"pg_receivewal ended: {why}")

    def _note_secret(self) -> None:
        """For a restore. Whatever stops this also stops the receiver, which is reported."""
        with suppress(StoreUnavailable, OSError):
            mark = self._primary.secret_mark()
            if mark is not None:
                secret_marks.note(self._folder.path, mark, self._clock())

    def _watch(self, receiver: Program) -> None:
        receiver.wait()
        self._events.put(receiver)

    def _series(self, facts: Facts) -> Series:
        found = self._folder.series()
        if found and found[-1].timeline > facts.timeline:
            raise SettingsError(
                f"{self._folder.path} continues a database that was restored from it; this one is "
                "from before"
            )
        if found and facts.has_slot and not self._new_series:
            return found[-1]
        self._primary.renew_slot()
        self._new_series = False
        return self._folder.begin_series(self._clock(), facts.timeline)

    def _begin_base_if_due(self, series: Series, facts: Facts) -> None:
        now = self._clock()
        if (self._base is not None and self._base.is_alive()) or now < self._base_not_before:
            return
        incremental = facts.summarizes is True and not self._only_full
        if (kind := plan.due(series.bases(), now, incremental=incremental)) is not None:
            self._base = threading.Thread(target=self._make_base, args=(series, facts, kind))
            self._base.start()

    def _make_base(self, series: Series, facts: Facts, kind: plan.Kind) -> None:
        began = self._clock()
        name = f"{began.strftime(MOMENT)}-{kind}"
        target = series.base / f"{NEW}-{name}"
        try:
            after = series.bases()[-1] if kind == plan.INCREMENTAL else None
            self._prune()  # there may be room only then, with a new `keep`
            self._programs.base_backup(
                target, after=None if after is None else series.base / after.name
            )
            self._programs.verify(target, major=facts.major)
            base = plan.Base(
                name=name,
                kind=kind,
                after=None if after is None else after.name,
                start_wal=start_wal_of(target),
                began=began,
                ended=self._clock(),
                bytes=size_of(target),
            )
            target.rename(series.base / name)
            series.record(base)
            removed = self._prune()
        except (SettingsError, StoreUnavailable, OSError, ValueError) as error:
            shutil.rmtree(target, ignore_errors=True)
            self._base_not_before = self._clock() + BASE_RETRY
            self._only_full = kind == plan.INCREMENTAL
            if not self._stopping:
                self._reports.cannot_make_base(_text(error))
        else:
            self._only_full = False
            self._reports.made(base, removed)
        self._events.put("base")

    def _prune(self) -> list[str]:
        every = [one for each in self._folder.series() for one in each.bases()]
        return self._folder.prune(plan.kept(every, self._keep, self._clock()))

    def _next_event(self, timeout_s: float) -> object:
        try:
            return self._events.get(timeout=timeout_s)
        except queue.Empty:
            return None

    def _pause(self, seconds: float) -> None:
        self._next_event(seconds)


def _text(error: Exception) -> str:
    if isinstance(error, SettingsError | StoreUnavailable):
        return error.message
    return str(getattr(error, "strerror", None) or error)
