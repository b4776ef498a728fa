"""The composition root: Settings -> Container of use cases.

The one place that knows both core and infra. Members are made at first use, so that a command
which needs only one of them pays for one, and so that a server process opens its connections
after it was forked. Imports stand inside the members for the same reason.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from neuroplay.infra.queue import DRAIN_TASK, LAST, VERIFY_TASK, broker_options

__all__ = [
    "DRAIN_TASK",
    "LAST",
    "VERIFY_TASK",
    "Container",
    "broker_options",
    "build",
    "new_id",
    "now",
]

if TYPE_CHECKING:
    from redis import Redis
    from sqlalchemy import Engine

    from neuroplay.config import Settings
    from neuroplay.core.interfaces.services import ReplayVerifier, WakeUp
    from neuroplay.core.interfaces.unit_of_work import UnitOfWorkFactory
    from neuroplay.core.use_cases.accept_sync import AcceptSync
    from neuroplay.core.use_cases.drain_inbox import DrainInbox
    from neuroplay.core.use_cases.find_people import FindClass, FindStudent, NameClashes
    from neuroplay.core.use_cases.import_outbox import ImportOutbox
    from neuroplay.core.use_cases.inspect_sync import (
        CheckSessions,
        ListDevices,
        ListSync,
        ShowSync,
        SyncStatus,
    )
    from neuroplay.core.use_cases.manage_classes import (
        ClassCards,
        CreateClass,
        EraseClass,
        ImportRoster,
        ListClasses,
    )
    from neuroplay.core.use_cases.manage_students import (
        EraseStudent,
        ExportStudent,
        ListStudents,
        ResetCard,
        ShowStudent,
    )
    from neuroplay.core.use_cases.read_progress import (
        ReadLeaderboard,
        ReadProgress,
        ReadSessions,
    )
    from neuroplay.core.use_cases.recompute import Recompute
    from neuroplay.core.use_cases.replay_sync import ReplaySync
    from neuroplay.core.use_cases.sign_in import (
        Authenticate,
        EndSignIns,
        ListSignIns,
        SignIn,
        SignOut,
    )
    from neuroplay.core.use_cases.sync_budget import SyncBudget
    from neuroplay.core.use_cases.verify_sessions import VerifySessions
    from neuroplay.infra.monitoring.backlog import StoreFigures, SystemCollector
    from neuroplay.infra.monitoring.health import Health
    from neuroplay.infra.secrets import HmacSecrets

RULES = Path(__file__).parent / "api" / "pwa_dist" / "rules.js"
"""The games' rules, built with the PWA."""

CHECK_TIMEOUT_S = 0.9
"""For the connections of health checks and scrapes: less than their own time-out of a second."""


def now() -> datetime:
    """The present, aware UTC."""
    return datetime.now(UTC)


def new_id() -> UUID:
    return uuid4()


class Container:
    """Everything that NeuroPlay can do, wired to real PostgreSQL and Redis.

    `wakes_workers` is for a process that serves requests: an accepted session then wakes a
    worker. Elsewhere the wake-up does nothing, and the sweep is soon enough. `patient` is for
    people who wait for one answer, however long it takes.
    """

    def __init__(
        self, settings: Settings, *, wakes_workers: bool = False, patient: bool = False
    ) -> None:
        self.settings = settings
        self._patient = patient
        self._wakes_workers = wakes_workers

    # The world

    @cached_property
    def engine(self) -> Engine:
        from neuroplay.infra.db.deadlines import PATIENT_TIMEOUT_S
        from neuroplay.infra.db.engine import ANSWER_TIMEOUT_S, make_engine

        return make_engine(
            self.settings.sqlalchemy_url,
            pool_size=max(self.settings.api_connections, 2),  # a migration and its lock
            answer_timeout_s=PATIENT_TIMEOUT_S if self._patient else ANSWER_TIMEOUT_S,
            by_index=not self._patient,
            many_threads=self._wakes_workers,
            pooled=self.settings.db_pooler == "transaction",
        )

    @cached_property
    def uow(self) -> UnitOfWorkFactory:
        from neuroplay.infra.db.unit_of_work import SqlUnitOfWork

        engine = self.engine

        return partial(SqlUnitOfWork, engine)

    @cached_property
    def redis(self) -> Redis:
        from neuroplay.infra.redis.client import make_client

        return make_client(self.settings.effective_redis_url)

    @cached_property
    def secrets(self) -> HmacSecrets:
        """Raises SettingsError where it is not the secret of the database's cards."""
        from neuroplay.infra.db import secret_mark
        from neuroplay.infra.secrets import HmacSecrets, check_mark, load_secret

        secrets = HmacSecrets(load_secret(self.settings))
        check_mark(secrets, secret_mark.stored(self.engine), self.settings)
        return secrets

    def keep_secret(self, *, new: bool = False, who: str = "operator") -> bool:
        """Have the database keep a mark of the secret, where it has none; where it has another's,
        replace that only if `new`. Whether cards are void now. Raises SettingsError."""
        from neuroplay.infra.db import secret_mark
        from neuroplay.infra.secrets import HmacSecrets, check_mark, load_secret

        secrets = HmacSecrets(load_secret(self.settings))
        if new:
            return secret_mark.replace(self.engine, secrets.mark(), who=who)
        check_mark(secrets, secret_mark.keep(self.engine, secrets.mark()), self.settings)
        return False

    @cached_property
    def wake_up(self) -> WakeUp:
        if not self._wakes_workers:
            return lambda: None
        from neuroplay.infra.monitoring.measured import timed
        from neuroplay.infra.queue import make_sender
        from neuroplay.infra.redis.wakeup import WakeUpThread

        return WakeUpThread(timed("wake_up", make_sender(self.settings)))

    def worker_heartbeat(self, pid: int, processes: int) -> None:
        """Say that the worker with that pid lives and runs `processes` processes, 0 when it ends;
        raises when Redis is away."""
        from neuroplay.infra.monitoring.measured import timed
        from neuroplay.infra.redis import heartbeat

        if processes:
            timed("heartbeat", heartbeat.beat)(self.redis, heartbeat.name_of(pid), processes)
        else:
            heartbeat.stop(self.redis, heartbeat.name_of(pid))

    def worker_lives(self, pid: int) -> bool:
        """Whether this machine's worker with that pid beats; False where Redis is away."""
        from redis.exceptions import RedisError

        from neuroplay.infra.redis import heartbeat

        try:
            return heartbeat.lives(self.redis, heartbeat.name_of(pid))
        except RedisError:
            return False

    # How it is

    @cached_property
    def _check_engine(self) -> Engine:
        """Connections of their own: the requests' may all wait for a server that hangs."""
        from neuroplay.infra.db.engine import make_engine

        return make_engine(
            self.settings.sqlalchemy_url,
            pool_size=2,
            answer_timeout_s=CHECK_TIMEOUT_S,
            many_threads=self._wakes_workers,
            pooled=self.settings.db_pooler == "transaction",
        )

    @cached_property
    def health(self) -> Health:
        from neuroplay.infra.monitoring.health import health_of

        disk = self.settings.home if self.settings.embedded_database else None
        return health_of(self._check_engine, self.redis, self.settings, disk=disk)

    @cached_property
    def figures(self) -> SystemCollector:
        from neuroplay.infra.monitoring.backlog import Host, SystemCollector, queue_figures
        from neuroplay.infra.queue import QUEUE

        return SystemCollector(
            database=self._store_figures,
            redis=lambda: queue_figures(self.redis, QUEUE),
            host=Host(self.settings.home),
        )

    def _store_figures(self) -> StoreFigures:
        from neuroplay.infra.db.server_figures import server_figures
        from neuroplay.infra.db.unit_of_work import SqlUnitOfWork
        from neuroplay.infra.monitoring.backlog import (
            ACTIVE_S,
            DatabaseFigures,
            StoreFigures,
            UnsentFigures,
        )

        database = server_figures(self._check_engine)
        with SqlUnitOfWork(self._check_engine) as uow:
            moment = uow.now()
            return StoreFigures(
                counts=uow.inbox.counts(now=moment),
                active_users=uow.devices.active_students(moment - timedelta(seconds=ACTIVE_S)),
                unsent=UnsentFigures(**uow.devices.unsent(now=moment)),
                database=DatabaseFigures(**database),
            )

    def close(self) -> None:
        """Give back what was opened; members that were never used are not made for it."""
        for name in ("engine", "_check_engine"):
            if name in self.__dict__:
                self.__dict__[name].dispose()
        for name in ("redis", "verifier"):
            if name in self.__dict__:
                self.__dict__[name].close()

    # A device's way

    @cached_property
    def sign_in(self) -> SignIn:
        from neuroplay.core.use_cases.sign_in import SignIn
        from neuroplay.infra.attempts import Attempts
        from neuroplay.infra.gathering import gather

        return SignIn(
            uow=self.uow,
            clock=now,
            new_id=new_id,
            secrets=self.secrets,
            rate_limiter=Attempts(processes=self.settings.api_workers),
            gather=gather,
        )

    @cached_property
    def sign_out(self) -> SignOut:
        from neuroplay.core.use_cases.sign_in import SignOut

        return SignOut(uow=self.uow, clock=now)

    @cached_property
    def end_sign_ins(self) -> EndSignIns:
        from neuroplay.core.use_cases.sign_in import EndSignIns

        return EndSignIns(uow=self.uow, clock=now)

    @cached_property
    def list_sign_ins(self) -> ListSignIns:
        from neuroplay.core.use_cases.sign_in import ListSignIns

        return ListSignIns(uow=self.uow)

    @cached_property
    def authenticate(self) -> Authenticate:
        from neuroplay.core.use_cases.sign_in import Authenticate
        from neuroplay.infra.memory import Memory
        from neuroplay.infra.monitoring.measured import MeasuredCache

        return Authenticate(uow=self.uow, secrets=self.secrets, cache=MeasuredCache(Memory()))

    @cached_property
    def accept_sync(self) -> AcceptSync:
        from neuroplay.core.use_cases.accept_sync import AcceptSync
        from neuroplay.infra.gathering import gather
        from neuroplay.infra.payloads import hash_payload

        return AcceptSync(
            uow=self.uow,
            clock=now,
            hash_payload=hash_payload,
            wake_up=self.wake_up,
            gather=gather,
            budget=self.sync_budget,
        )

    @cached_property
    def sync_budget(self) -> SyncBudget:
        from neuroplay.core.use_cases.sync_budget import SyncBudget

        return SyncBudget(uow=self.uow, allowance=self.settings.sync_allowance)

    @cached_property
    def read_progress(self) -> ReadProgress:
        from neuroplay.core.use_cases.read_progress import ReadProgress

        return ReadProgress(uow=self.uow, clock=now)

    @cached_property
    def read_sessions(self) -> ReadSessions:
        from neuroplay.core.use_cases.read_progress import ReadSessions

        return ReadSessions(uow=self.uow)

    @cached_property
    def read_leaderboard(self) -> ReadLeaderboard:
        from neuroplay.core.use_cases.read_progress import ReadLeaderboard

        return ReadLeaderboard(uow=self.uow, clock=now)

    # The pipeline

    @cached_property
    def drain_inbox(self) -> DrainInbox:
        from neuroplay.core.use_cases.drain_inbox import DrainInbox
        from neuroplay.infra.monitoring.unforeseen import UnforeseenErrors

        return DrainInbox(
            uow=self.uow,
            clock=now,
            release=self.settings.app_version,
            unforeseen=UnforeseenErrors("worker"),
        )

    @cached_property
    def import_outbox(self) -> ImportOutbox:
        from neuroplay.core.use_cases.import_outbox import ImportOutbox

        return ImportOutbox(
            uow=self.uow,
            clock=now,
            new_id=new_id,
            secrets=self.secrets,
            accept_sync=self.accept_sync,
        )

    @cached_property
    def show_sync(self) -> ShowSync:
        from neuroplay.core.use_cases.inspect_sync import ShowSync

        return ShowSync(uow=self.uow)

    @cached_property
    def replay_sync(self) -> ReplaySync:
        from neuroplay.core.use_cases.replay_sync import ReplaySync
        from neuroplay.infra.monitoring.unforeseen import UnforeseenErrors

        return ReplaySync(
            uow=self.uow,
            clock=now,
            release=self.settings.app_version,
            unforeseen=UnforeseenErrors("cli"),
        )

    @cached_property
    def recompute(self) -> Recompute:
        from neuroplay.core.use_cases.recompute import Recompute

        return Recompute(uow=self.uow, clock=now)

    @cached_property
    def list_devices(self) -> ListDevices:
        from neuroplay.core.use_cases.inspect_sync import ListDevices

        return ListDevices(uow=self.uow, clock=now)

    @cached_property
    def verifier(self) -> ReplayVerifier:
        from neuroplay.infra.verifier.quickjs_ng import QuickJsVerifier

        return QuickJsVerifier(RULES)

    @cached_property
    def verify_sessions(self) -> VerifySessions:
        from neuroplay.core.use_cases.verify_sessions import VerifySessions

        return VerifySessions(uow=self.uow, verifier=self.verifier)

    @cached_property
    def sync_status(self) -> SyncStatus:
        from neuroplay.core.use_cases.inspect_sync import SyncStatus

        return SyncStatus(uow=self.uow, clock=now)

    @cached_property
    def list_sync(self) -> ListSync:
        from neuroplay.core.use_cases.inspect_sync import ListSync

        return ListSync(uow=self.uow)

    @cached_property
    def check_sessions(self) -> CheckSessions:
        from neuroplay.core.use_cases.inspect_sync import CheckSessions

        return CheckSessions(verifier=self.verifier)

    # People

    @cached_property
    def find_class(self) -> FindClass:
        from neuroplay.core.use_cases.find_people import FindClass

        return FindClass(uow=self.uow)

    @cached_property
    def find_student(self) -> FindStudent:
        from neuroplay.core.use_cases.find_people import FindStudent

        return FindStudent(uow=self.uow)

    @cached_property
    def name_clashes(self) -> NameClashes:
        from neuroplay.core.use_cases.find_people import NameClashes

        return NameClashes(uow=self.uow)

    @cached_property
    def create_class(self) -> CreateClass:
        from neuroplay.core.use_cases.manage_classes import CreateClass

        return CreateClass(uow=self.uow, clock=now, secrets=self.secrets)

    @cached_property
    def import_roster(self) -> ImportRoster:
        from neuroplay.core.use_cases.manage_classes import ImportRoster

        return ImportRoster(uow=self.uow, clock=now, secrets=self.secrets)

    @cached_property
    def list_classes(self) -> ListClasses:
        from neuroplay.core.use_cases.manage_classes import ListClasses

        return ListClasses(uow=self.uow)

    @cached_property
    def class_cards(self) -> ClassCards:
        from neuroplay.core.use_cases.manage_classes import ClassCards

        return ClassCards(uow=self.uow, secrets=self.secrets)

    @cached_property
    def erase_class(self) -> EraseClass:
        from neuroplay.core.use_cases.manage_classes import EraseClass

        return EraseClass(uow=self.uow, clock=now)

    @cached_property
    def list_students(self) -> ListStudents:
        from neuroplay.core.use_cases.manage_students import ListStudents

        return ListStudents(uow=self.uow)

    @cached_property
    def show_student(self) -> ShowStudent:
        from neuroplay.core.use_cases.manage_students import ShowStudent

        return ShowStudent(uow=self.uow)

    @cached_property
    def reset_card(self) -> ResetCard:
        from neuroplay.core.use_cases.manage_students import ResetCard

        return ResetCard(uow=self.uow, secrets=self.secrets)

    @cached_property
    def export_student(self) -> ExportStudent:
        from neuroplay.core.use_cases.manage_students import ExportStudent

        return ExportStudent(uow=self.uow)

    @cached_property
    def erase_student(self) -> EraseStudent:
        from neuroplay.core.use_cases.manage_students import EraseStudent

        return EraseStudent(uow=self.uow)


def build(settings: Settings, *, wakes_workers: bool = False, patient: bool = False) -> Container:
    """The system for these settings; nothing is opened until it is used."""
    return Container(settings, wakes_workers=wakes_workers, patient=patient)
