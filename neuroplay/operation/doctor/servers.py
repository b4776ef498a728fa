"""What `neuroplay doctor` asks the servers: database, schema, Redis."""

from __future__ import annotations

from typing import TYPE_CHECKING

from neuroplay.operation.doctor.machine import OK, WARNING, WRONG, Finding

if TYPE_CHECKING:
    from neuroplay.bootstrap import Container
    from neuroplay.config import Settings

UNKNOWN = "unknown, because the database is not running"


def check_database(container: Container) -> Finding:
    from neuroplay.infra.db.suitability import UnsuitableDatabase, check_suitable

    settings = container.settings
    if not _database_runs(settings):
        return _not_running("database", "embedded, not running")
    kind = "embedded" if settings.embedded_database else "DATABASE_URL"
    try:
        major = check_suitable(container.engine)
    except UnsuitableDatabase as error:
        return Finding(name="database", state=WRONG, what=error.message, fix=error.hint)
    return Finding(name="database", state=OK, what=f"PostgreSQL {major} ({kind}) answers")


def check_schema(container: Container) -> Finding:
    from neuroplay.infra.db import migrations

    if not _database_runs(container.settings):
        return _not_running("schema", UNKNOWN)
    current = migrations.current(container.engine)
    if current is not None and current > migrations.head():
        return Finding(
            name="schema",
            state=WRONG,
            what=f"at {current}, newer than {migrations.head()} of this release",
            fix="Install the release that migrated it",
        )
    if steps := migrations.pending(container.engine):
        return Finding(
            name="schema",
            state=WRONG,
            what=f"at {current or 'none'}, {len(steps)} behind this release",
            fix="Run: neuroplay db migrate",
        )
    return Finding(name="schema", state=OK, what=f"at {current}")


def check_cards(container: Container) -> Finding:
    """Whether the secret is the one with which the database's cards were made."""
    from neuroplay.infra.db import secret_mark

    if not _database_runs(container.settings):
        return _not_running("cards", UNKNOWN)
    if secret_mark.stored(container.engine) is None:
        return Finding(
            name="cards",
            state=OK,
            what="not linked to a secret yet; the next start records it",
        )
    _ = container.secrets  # raises where it is another one
    return Finding(name="cards", state=OK, what="matches the secret")


def check_redis(container: Container) -> Finding:
    from redis.exceptions import RedisError

    from neuroplay.infra.redis.refusals import refusal

    settings = container.settings
    if settings.embedded_redis and not (settings.runtime_dir / "redis.sock").exists():
        return _not_running("redis", "embedded, not running")
    kind = "embedded" if settings.embedded_redis else "REDIS_URL"
    try:
        info = container.redis.info("server")
    except RedisError as error:
        if found := refusal(error):
            return Finding(name="redis", state=WRONG, what=f"{found.why} ({kind})", fix=found.hint)
        return Finding(
            name="redis",
            state=WRONG,
            what=f"does not answer ({kind}): {error}",
            fix="Run: neuroplay restart" if settings.embedded_redis else "Check REDIS_URL",
        )
    version = info.get("valkey_version") or info.get("redis_version", "0")
    name = "Valkey" if "valkey_version" in info else "Redis"
    if int(str(version).split(".")[0]) < 7:
        return Finding(
            name="redis",
            state=WRONG,
            what=f"{name} {version} ({kind})",
            fix="Use Redis 7 or later, or Valkey",
        )
    return Finding(name="redis", state=OK, what=f"{name} {version} ({kind}) answers")


def _database_runs(settings: Settings) -> bool:
    """Whether there is one to be asked: another than the embedded one always is."""
    socket = settings.runtime_dir / "pg" / ".s.PGSQL.5432"
    return not settings.embedded_database or socket.exists()


def _not_running(name: str, what: str) -> Finding:
    return Finding(name=name, state=WARNING, what=what, fix="Run: neuroplay serve")
