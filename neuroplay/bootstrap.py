"""The composition root: builds the ports from the settings, and the use cases from the ports.

Only this module knows both core and infra. Everything is created at its first use, and imports are
inside functions, so that a command loads only what it needs.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from neuroplay.core.system import Ports, UseCases
from neuroplay.infra.queue import DRAIN_TASK, LAST, RETAIN_TASK, VERIFY_TASK, broker_options
from neuroplay.infra.servers import Servers

__all__ = [
    "DRAIN_TASK",
    "LAST",
    "RETAIN_TASK",
    "VERIFY_TASK",
    "Container",
    "broker_options",
    "build",
    "new_id",
    "now",
    "report_crash",
]

if TYPE_CHECKING:
    from redis import Redis
    from sqlalchemy import Engine

    from neuroplay.config import Settings
    from neuroplay.core.entities.principal import TokenRecord
    from neuroplay.core.interfaces.services import (
        AskLimiter,
        AttemptLimiter,
        Cache,
        Clock,
        Gather,
        HashPayload,
        Passkeys,
        Passphrases,
        RateLimiter,
        RecordErasures,
        ReplayVerifier,
        Unforeseen,
        WakeUp,
        WriteJson,
    )
    from neuroplay.core.interfaces.unit_of_work import UnitOfWorkFactory
    from neuroplay.infra.monitoring.backlog import SystemCollector
    from neuroplay.infra.monitoring.health import Health
    from neuroplay.infra.monitoring.saturation import Saturation
    from neuroplay.infra.redis.heartbeat import Heartbeat
    from neuroplay.infra.secrets import HmacSecrets

RULES = Path(__file__).parent / "api" / "pwa_dist" / "rules.js"
"""The games' rules, built with the PWA."""


def now() -> datetime:
    """The current time, aware, in UTC."""
    return datetime.now(UTC)


def new_id() -> UUID:
    return uuid4()


class Container(UseCases):
    """The use cases on real servers, and what uses the servers directly."""

    adult_asks: AskLimiter
    clock: Clock
    passkeys: Passkeys
    uow: UnitOfWorkFactory
    secrets: HmacSecrets
    wake_up: WakeUp

    def __init__(self, settings: Settings, servers: Servers, ports: Ports) -> None:
        super().__init__(ports)
        self.settings, self._servers = settings, servers

    @property
    def engine(self) -> Engine:
        return self._servers.engine

    @property
    def redis(self) -> Redis:
        return self._servers.redis

    @cached_property
    def health(self) -> Health:
        from neuroplay.infra.monitoring.health import health_of

        disk = self.settings.home if self.settings.embedded_database else None
        return health_of(
            self._servers.check_engine,
            self.redis,
            self.settings,
            saturation=self.saturation,
            disk=disk,
        )

    @cached_property
    def saturation(self) -> Saturation:
        from neuroplay.infra.monitoring.saturation import Saturation

        return Saturation()

    @cached_property
    def figures(self) -> SystemCollector:
        from neuroplay.infra.monitoring.system_figures import system_figures

        return system_figures(
            self._servers, self.settings.home, has_standby=self.settings.has_standby
        )

    @cached_property
    def heartbeat(self) -> Heartbeat:
        from neuroplay.infra.monitoring.measured import timed
        from neuroplay.infra.redis.heartbeat import Heartbeat, beat

        return Heartbeat(self.redis, timed("heartbeat", beat))

    def standby_problem(self) -> str:
        """Why accepted games cannot wait for the standby; '' if they can. Raises
        StoreUnavailable."""
        from neuroplay.infra.db.standby_state import standby_state

        return standby_state(self._servers.check_engine).problem

    def keep_secret(self, *, new: bool = False, who: str = "operator") -> bool:
        """As infra.secrets.keep_secret."""
        from neuroplay.infra.secrets import keep_secret

        return keep_secret(self.engine, self.settings, new=new, who=who)

    def close(self) -> None:
        """Close all connections that were opened."""
        self._servers.close()


def report_crash(error: BaseException, component: str) -> None:
    """Report to Sentry, if configured, that `error` ends `component`."""
    from neuroplay.infra.monitoring import sentry

    sentry.report_crash(error, component)


def build(settings: Settings, *, wakes_workers: bool = False, patient: bool = False) -> Container:
    """The system for these settings. Connections are opened at their first use.

    With `wakes_workers`, an accepted session wakes a worker; this is for processes that serve
    requests. Elsewhere the sweep is soon enough. `patient` is for commands, where a person waits
    for the result: it allows longer timeouts.
    """
    servers = Servers(settings, patient=patient)
    return Container(settings, servers, ports(settings, servers, wakes_workers, patient))


def ports(settings: Settings, servers: Servers, wakes_workers: bool, patient: bool) -> Ports:
    """The ports on real servers. For `wakes_workers` and `patient` see `build`."""

    def uow() -> UnitOfWorkFactory:
        from neuroplay.infra.db.unit_of_work import SqlUnitOfWork

        if not settings.has_standby:
            return partial(SqlUnitOfWork, servers.pool)
        from neuroplay.infra.monitoring.standby_notes import StandbyNotes

        return partial(SqlUnitOfWork, servers.pool, standby=servers.standby_wait(StandbyNotes()))

    def secrets() -> HmacSecrets:
        from neuroplay.infra.secrets import checked_secrets

        return checked_secrets(servers.engine, settings)

    def rate_limiter() -> RateLimiter:
        from neuroplay.infra.attempts import Attempts

        return Attempts(processes=settings.api_workers)

    def adult_attempts() -> AttemptLimiter:
        from neuroplay.infra.attempts import Attempts

        return Attempts(processes=settings.api_workers)

    def adult_asks() -> AskLimiter:
        from neuroplay.infra.asks import Asks

        return Asks(processes=settings.api_workers)

    def passphrases() -> Passphrases:
        from neuroplay.infra.passphrases import ArgonPassphrases

        return ArgonPassphrases()

    def passkeys() -> Passkeys:
        from neuroplay.infra.passkeys import WebAuthnPasskeys

        return WebAuthnPasskeys(settings.passkey_origin)

    def cache() -> Cache[TokenRecord]:
        from neuroplay.infra.memory import Memory
        from neuroplay.infra.monitoring.measured import MeasuredCache

        return MeasuredCache(Memory())

    def gather() -> Gather:
        from neuroplay.infra.gathering import gather

        return gather

    def hash_payload() -> HashPayload:
        from neuroplay.infra.payloads import hash_payload

        return hash_payload

    def write_json() -> WriteJson:
        from neuroplay.infra.payloads import write_json

        return write_json

    def record_erasures() -> RecordErasures:
        from neuroplay.infra.erasures import recorder

        return recorder(settings.erasure_ledger, settings.home)

    def wake_up() -> WakeUp:
        if not wakes_workers:
            return lambda: None
        from neuroplay.infra.monitoring.measured import timed
        from neuroplay.infra.queue import make_sender
        from neuroplay.infra.redis.wakeup import WakeUpThread

        return WakeUpThread(timed("wake_up", make_sender(settings)))

    def unforeseen() -> Unforeseen:
        from neuroplay.infra.monitoring.unforeseen import UnforeseenErrors

        return UnforeseenErrors("cli" if patient else "worker")

    def verifier() -> ReplayVerifier:
        from neuroplay.infra.verifier.quickjs_ng import QuickJsVerifier

        made = QuickJsVerifier(RULES)
        servers.opened.callback(made.close)
        return made

    return Ports(
        uow=uow,
        clock=lambda: now,
        new_id=lambda: new_id,
        secrets=secrets,
        release=lambda: settings.app_version,
        allowance=lambda: settings.sync_allowance,
        retention=lambda: settings.retention,
        rate_limiter=rate_limiter,
        adult_attempts=adult_attempts,
        adult_asks=adult_asks,
        passphrases=passphrases,
        passkeys=passkeys,
        cache=cache,
        gather=gather,
        hash_payload=hash_payload,
        write_json=write_json,
        record_erasures=record_erasures,
        wake_up=wake_up,
        unforeseen=unforeseen,
        verifier=verifier,
    )
