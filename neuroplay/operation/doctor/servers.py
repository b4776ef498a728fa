"""The checks of `neuroplay doctor` on the servers: database, clock, schema, cards, Redis."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from neuroplay.operation.doctor.machine import WARNING, Finding, ok, warning, wrong

if TYPE_CHECKING:
    from neuroplay.bootstrap import Container
    from neuroplay.config import Settings

NOT_CHECKED = Finding(state=WARNING, what="not checked: see database")
START_IT = "Run: neuroplay serve"

BACKUP_OLD_S = 2 * 86400
DRILL_OLD_S = 15 * 86400
"""As in the alert NeuroPlayDrillOld."""


def another_runs(settings: Settings) -> Finding:
    """The finding if the settings name another database than that of the home's running system."""
    return Finding(
        name="running",
        state=WARNING,
        what=f"DATABASE_URL is not that of the NeuroPlay that runs on {settings.home}",
        fix="This checks the system that DATABASE_URL means; to check the running one, unset it",
    )


def check_database(container: Container) -> Finding:
    from neuroplay.infra.db.suitability import UnsuitableDatabase, check_suitable

    settings = container.settings
    if not _database_runs(settings):
        return warning("embedded, not running", START_IT)
    kind = "embedded" if settings.embedded_database else "DATABASE_URL"
    try:
        major = check_suitable(container.engine)
    except UnsuitableDatabase as error:
        return wrong(error.message, error.hint)
    return ok(f"PostgreSQL {major} ({kind}) answers")


def check_clock(container: Container, *, clock: Callable[[], float] = time.time) -> Finding:
    from neuroplay.infra.db.clock import APART_S, clock_ahead_s

    ahead = clock_ahead_s(container.engine, clock=clock)
    if abs(ahead) > APART_S:
        way = "ahead of" if ahead > 0 else "behind"
        return wrong(
            f"{abs(ahead):.1f} s {way} PostgreSQL's",
            "Find out which of the two is wrong (timedatectl), and let NTP set it",
        )
    return ok(f"within {APART_S:.0f} s of PostgreSQL's")


def check_standby(container: Container) -> Finding:
    """Checks that accepted games are copied to NEUROPLAY_WAL_DIR, and that it can be restored."""
    from neuroplay.operation.standby import read_status, same_disk_warning

    settings = container.settings
    status = read_status(settings.home)
    if problem := container.standby_problem():
        why = (status and status.error) or problem
        return wrong(
            f"games are accepted without a copy in {settings.wal_dir}: {why}",
            "See: neuroplay logs standby",
        )
    now = datetime.now(UTC)
    problem = "nothing is known of it" if status is None else status.base_problem(now)
    if status is None or problem:
        return wrong(f"{settings.wal_dir}: {problem}", "See: neuroplay logs standby")
    if same := same_disk_warning(settings):
        return warning(*same.split(". ", 1))
    hours = status.base_age_s(now) / 3600
    return ok(f"{settings.wal_dir} has every accepted game; base backup {hours:.0f} h old")


def check_schema(container: Container) -> Finding:
    from neuroplay.operation import schema

    found = schema.look(container)
    if found.is_newer:
        return wrong(
            f"at {found.current}, newer than {found.head} of this release",
            "Install the release that migrated it",
        )
    if found.steps:
        return wrong(
            f"at {found.current or 'none'}, {len(found.steps)} behind this release",
            "Run: neuroplay db migrate",
        )
    return ok(f"at {found.current}")


def check_cards(container: Container) -> Finding:
    """Checks that the database's cards were made with the secret of the settings."""
    from neuroplay.infra.db import secret_mark

    if secret_mark.stored(container.engine) is None:
        return ok("not linked to a secret yet; the next start records it")
    _ = container.secrets  # raises SettingsError if it is another secret
    return ok("matches the secret")


def check_backups(container: Container) -> Finding:
    from neuroplay.infra.db.upkeep import ages

    found = ages(container.engine)
    if found.alarming_s("backup") > BACKUP_OLD_S:
        return warning(str(found), "Run: neuroplay db backup FOLDER --keep 14, and do it every day")
    if found.alarming_s("drill") > DRILL_OLD_S:
        return warning(str(found), "Run: neuroplay db drill FOLDER, and do it every week")
    return ok(str(found))


def check_redis(container: Container, *, another_runs: bool = False) -> Finding:
    """With `another_runs`, the embedded Redis of this home is another system's."""
    from redis.exceptions import RedisError

    from neuroplay.infra.redis.refusals import refusal

    settings = container.settings
    if settings.embedded_redis and another_runs:
        return warning("embedded, and the running system's", "Set REDIS_URL")
    if settings.embedded_redis and not (settings.runtime_dir / "redis.sock").exists():
        return warning("embedded, not running", START_IT)
    kind = "embedded" if settings.embedded_redis else "REDIS_URL"
    try:
        info = container.redis.info("server")
    except RedisError as error:
        if found := refusal(error):
            return wrong(f"{found.why} ({kind})", found.hint)
        return wrong(
            f"does not answer ({kind}): {error}",
            "Run: neuroplay restart" if settings.embedded_redis else "Check REDIS_URL",
        )
    version = info.get("valkey_version") or info.get("redis_version", "0")
    name = "Valkey" if "valkey_version" in info else "Redis"
    if int(str(version).split(".")[0]) < 7:
        return wrong(f"{name} {version} ({kind})", "Use Redis 7 or later, or Valkey")
    return ok(f"{name} {version} ({kind}) answers")


def _database_runs(settings: Settings) -> bool:
    """Whether the database can be asked: an external one always, the embedded one if it runs."""
    socket = settings.runtime_dir / "pg" / ".s.PGSQL.5432"
    return not settings.embedded_database or socket.exists()
