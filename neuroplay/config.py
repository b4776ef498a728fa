"""The settings, read from the environment and `.env`. A test compares them with the docs."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from functools import cache
from ipaddress import ip_network
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

from neuroplay import __version__
from neuroplay.addresses import (
    address_of_this_machine,
    is_loopback_host,
    listening_host,
    passkey_origin,
    public_url,
)
from neuroplay.core.entities.retention import FEWEST_MONTHS, LONGEST_DAYS, MOST_MONTHS
from neuroplay.core.errors import SettingsError
from neuroplay.env_file import read_env_file
from neuroplay.home import default_home, runtime_dir
from neuroplay.server_urls import check_database_url, check_redis_url
from neuroplay.setting import (
    Setting,
    number_or_never,
    one_of,
    setting,
    whole,
    whole_or_never,
)

if TYPE_CHECKING:
    from neuroplay.core.entities.allowance import Allowance
    from neuroplay.core.entities.retention import RetentionPolicy

MOST_CONNECTIONS = 8
"""Database connections of an API process, however many threads it has. More concurrent statements
would only wait for processors and for Python's lock."""


def _home(text: str) -> Path:
    path = Path(text) if text else default_home()
    try:
        return path.expanduser().absolute()
    except RuntimeError:
        raise ValueError(f"there is no user {path.parts[0].removeprefix('~')}") from None


def _checked(check: Callable[[str], None]) -> Callable[[str], str]:
    """A reader that returns the text, after `check` unless it is empty."""

    def read(text: str) -> str:
        if text:
            check(text)
        return text

    return read


def _public_url(text: str) -> str:
    return public_url(text) if text else text


def _file(text: str) -> Path | None:
    """A path; None if the text is empty, which Path would read as the current folder."""
    return Path(text) if text.strip() else None


def _folder(text: str) -> Path | None:
    """The absolute path of a folder; None if the text is empty."""
    return _home(text) if text.strip() else None


def _one_word(text: str) -> str:
    if not re.fullmatch(r"[!-~]*", text):
        raise ValueError("it contains a space, a line break or a non-ASCII letter")
    return text


def _words(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _networks(text: str) -> tuple[str, ...]:
    names = _words(text)
    for name in names:
        try:
            ip_network(name, strict=False)
        except ValueError:
            raise ValueError(
                f"{name!r} is not an address or network; separate them by commas, as in "
                "10.0.0.1,192.168.0.0/24"
            ) from None
    return names


def _seconds(least: float, most: float) -> Callable[[str], float]:
    def read(text: str) -> float:
        try:
            seconds = float(text)
        except ValueError:
            seconds = -1
        if not least <= seconds <= most:  # also refuses NaN
            raise ValueError(f"it must be a number of seconds from {least:g} to {most:g}")
        return seconds

    return read


def _check_dsn(text: str) -> None:
    try:
        parts = urlsplit(text)
        _ = parts.port  # raises ValueError if it is not a number
        project = parts.path.rpartition("/")[2]
        whole = parts.scheme in ("http", "https") and parts.username and parts.hostname
    except ValueError:
        whole = project = ""
    if not whole or not project or re.search(r"\s", text):
        raise ValueError("it is not a DSN; use the form https://KEY@HOST/PROJECT")


def _share(text: str) -> float:
    try:
        share = float(text)
    except ValueError:
        share = -1
    if not 0 <= share <= 1:  # also refuses NaN
        raise ValueError("it must be a number from 0 to 1")
    return share


@dataclass(frozen=True, kw_only=True)
class Settings:
    """All settings, each with its environment variable and its description. Created by
    `load_settings`."""

    home: Path = setting(
        "NEUROPLAY_HOME",
        default_home,
        _home,
        description="Folder for data, logs and the embedded servers. "
        "Default: the platform's user data folder; /var/lib/neuroplay as root.",
    )
    host: str = setting(
        "NEUROPLAY_HOST",
        "127.0.0.1",
        listening_host,
        description="Address the API listens on.",
    )
    port: int = setting(
        "NEUROPLAY_PORT",
        5000,
        whole(1, 65535),
        description="Port the API listens on.",
    )
    public_url: str = setting(
        "NEUROPLAY_PUBLIC_URL",
        "",
        _public_url,
        description="Address the children's tablets use, as printed on cards: https://HOST or "
        "https://HOST:PORT, without a path (with http, browsers refuse offline "
        "play). Default: where serve listens.",
    )
    database_url: str = setting(
        "DATABASE_URL",
        "",
        _checked(check_database_url),
        description="PostgreSQL 15 to 18, as postgresql://user:password@host/name. Unset: a "
        "private embedded PostgreSQL in NEUROPLAY_HOME.",
    )
    db_pooler: Literal["none", "transaction"] = setting(
        "NEUROPLAY_DB_POOLER",
        "none",
        one_of("none", "transaction"),
        description="`transaction` if DATABASE_URL points to a pooler that assigns a session "
        "per transaction, such as PgBouncer with pool_mode=transaction; otherwise "
        "`none`, also for a pooler in session mode.",
    )
    redis_url: str = setting(
        "REDIS_URL",
        "",
        _checked(check_redis_url),
        description="Redis 7 or later or Valkey, as redis://host:6379. Unset: a private "
        "embedded Valkey in NEUROPLAY_HOME.",
    )
    wal_dir: Path | None = setting(
        "NEUROPLAY_WAL_DIR",
        None,
        _folder,
        description="Folder on another disk or host to which serve copies every change of the "
        "embedded database at once, so that no accepted game is lost with this disk. Unset: no "
        "copy. See docs/recovery.md.",
    )
    wal_wait: float = setting(
        "NEUROPLAY_WAL_WAIT",
        2.0,
        _seconds(0.1, 3),
        description="Seconds that accepting games waits at most for that copy, 0.1 to 3. After "
        "that games are accepted without it, until it answers again.",
    )
    wal_keep: int = setting(
        "NEUROPLAY_WAL_KEEP",
        2,
        whole(1, 100),
        description="Complete base backups kept in NEUROPLAY_WAL_DIR, and more where these do "
        "not go back a day; one is made every seven days. There must be room for one more.",
    )
    secret: str = setting(
        "NEUROPLAY_SECRET",
        "",
        description="Server secret of at least 32 characters, from which cards and tokens are "
        "derived. Created in NEUROPLAY_HOME with the embedded database, required "
        "otherwise. Keep it with every backup.",
        hidden=True,
    )
    secret_file: Path | None = setting(
        "NEUROPLAY_SECRET_FILE",
        None,
        _file,
        description="File that contains the server secret, instead of NEUROPLAY_SECRET.",
    )
    old_secret: str = setting(
        "NEUROPLAY_OLD_SECRET",
        "",
        description="The secret that is being replaced: its cards and sign-ins are accepted, too. "
        "See `neuroplay secret rotate`.",
        hidden=True,
    )
    old_secret_file: Path | None = setting(
        "NEUROPLAY_OLD_SECRET_FILE",
        None,
        _file,
        description="File that contains it, instead of NEUROPLAY_OLD_SECRET.",
    )
    backup_recipients: tuple[str, ...] = setting(
        "NEUROPLAY_BACKUP_RECIPIENTS",
        (),
        _words,
        description="Comma-separated public keys of age (age1...). `db backup` encrypts to them; "
        "unset: not at all.",
    )
    erasure_ledger_file: Path | None = setting(
        "NEUROPLAY_ERASURE_LEDGER",
        None,
        _file,
        description="File that records who was erased, so that restoring a backup brings nobody "
        "back. Best on another disk than the database's; the same file for all machines that "
        "erase. Default: NEUROPLAY_HOME/erasures.txt.",
    )
    tls_cert: Path | None = setting(
        "NEUROPLAY_TLS_CERT",
        None,
        _file,
        description="PEM certificate chain; together with NEUROPLAY_TLS_KEY, the API serves HTTPS.",
    )
    tls_key: Path | None = setting(
        "NEUROPLAY_TLS_KEY",
        None,
        _file,
        description="PEM private key for NEUROPLAY_TLS_CERT.",
    )
    api_workers: int = setting(
        "NEUROPLAY_API_WORKERS",
        1,
        whole(1, 64),
        description="Number of API processes.",
    )
    api_threads: int = setting(
        "NEUROPLAY_API_THREADS",
        32,
        whole(1, 256),
        description="Requests that each API process handles at once. Syncs waiting for the disk"
        " share a transaction, so many threads cost little; they use at most 8 "
        "database connections.",
    )
    api_connections_per_address: int = setting(
        "NEUROPLAY_API_CONNECTIONS_PER_ADDRESS",
        4096,
        whole(8),
        description="Silent, unfinished or idle connections allowed per address (IPv6: per /64 "
        "network) in each API process. Connections being answered and trusted "
        "proxies do not count. Above the limit the oldest are closed, silent ones "
        "first.",
    )
    api_connections_held: int = setting(
        "NEUROPLAY_API_CONNECTIONS",
        8192,
        whole(64),
        description="Connections allowed in total in each API process. Above the limit the "
        "oldest are closed, silent ones first; new ones are always accepted.",
    )
    api_wait: float = setting(
        "NEUROPLAY_API_WAIT",
        0.5,
        _seconds(0.1, 60),
        description="Seconds that a request may wait to be handled, 0.1 to 60; half of it once "
        "requests have been waiting for a second without a pause. Then it is refused (503) and the "
        "tablet tries again later. More suits a machine that stands still at times.",
    )
    task_workers: int = setting(
        "NEUROPLAY_TASK_WORKERS",
        1,
        whole(1, 64),
        description="Number of Celery worker processes.",
    )
    sync_burst: int = setting(
        "NEUROPLAY_SYNC_BURST",
        2_000,
        whole(0, 1_000_000_000),
        description="Sessions that a student's tablets may send at once; the default is more "
        "than a month offline. The rest waits on the tablets (429). 0: no limit.",
    )
    sync_burst_mib: int = setting(
        "NEUROPLAY_SYNC_BURST_MIB",
        32,
        whole(1, 1_000_000),
        description="The same limit in MiB of session records.",
    )
    sync_per_day: int = setting(
        "NEUROPLAY_SYNC_PER_DAY",
        500,
        whole(1, 1_000_000_000),
        description="Sessions per day by which the used part of that limit is restored.",
    )
    trace_days: int = setting(
        "NEUROPLAY_TRACE_DAYS",
        30,
        whole_or_never(1, LONGEST_DAYS),
        write=number_or_never,
        description="Days after which the trace of a counted session is removed: the inputs of the "
        "round, which nothing needs once it is verified. `never`: it is kept.",
    )
    raw_days: int = setting(
        "NEUROPLAY_RAW_DAYS",
        90,
        whole_or_never(1, LONGEST_DAYS),
        write=number_or_never,
        description="Days after which the record of a decided session is removed, as the tablet "
        "sent it; its id remains. `never`: it is kept.",
    )
    keep_sessions_months: int = setting(
        "NEUROPLAY_KEEP_SESSIONS_MONTHS",
        24,
        whole_or_never(FEWEST_MONTHS, MOST_MONTHS),
        write=number_or_never,
        description="Months after which a session without a record is added to its student's "
        "opening balance, in which it cannot be told from others. XP, levels and badges stay. "
        "`never`: sessions are kept one by one.",
    )
    chromium: Path | None = setting(
        "NEUROPLAY_CHROMIUM",
        None,
        _file,
        description="Chromium or Chrome with which `class report --pdf` prints. Unset: the one in "
        "the PATH.",
    )
    environment: str = setting(
        "ENVIRONMENT",
        "production",
        description="Name of this installation in logs and error reports.",
    )
    app_version: str = setting(
        "APP_VERSION",
        __version__,
        description="Release shown in logs, error reports and each processed session.",
    )
    sentry_dsn: str = setting(
        "SENTRY_DSN",
        "",
        _checked(_check_dsn),
        description="Where errors are reported. Unset: nowhere.",
        hidden=True,
    )
    sentry_traces: float = setting(
        "NEUROPLAY_SENTRY_TRACES",
        0.0,
        _share,
        description="Share of requests and tasks whose timing is sent to Sentry, 0 to 1.",
    )
    log_level: Literal["debug", "info", "warning", "error"] = setting(
        "NEUROPLAY_LOG_LEVEL",
        "info",
        one_of("debug", "info", "warning", "error"),
        description="Lowest level of log lines to keep.",
    )
    log_to: Literal["files", "both"] = setting(
        "NEUROPLAY_LOG_TO",
        "files",
        one_of("files", "both"),
        description="`both`: serve also copies the logs of its programs to its standard error, "
        "for containers and the journal. `files`: only to NEUROPLAY_HOME/logs.",
    )
    ops_token: str = setting(
        "NEUROPLAY_OPS_TOKEN",
        "",
        _one_word,
        description="Bearer token required by /metrics and /ops. Unset: the one that serve "
        "creates in NEUROPLAY_HOME/ops.token, which commands on this machine read.",
        hidden=True,
    )
    worker_metrics_port: int | None = setting(
        "NEUROPLAY_WORKER_METRICS_PORT",
        None,
        whole(1, 65535),
        description="Port on NEUROPLAY_HOST where this machine's workers answer /metrics, for "
        "machines without an API. Unset: none.",
    )
    beat_metrics_port: int | None = setting(
        "NEUROPLAY_BEAT_METRICS_PORT",
        None,
        whole(1, 65535),
        description="The same for beat, if it runs on its own machine.",
    )
    trusted_proxies: tuple[str, ...] = setting(
        "NEUROPLAY_TRUSTED_PROXIES",
        (),
        _networks,
        description="Comma-separated addresses whose X-Forwarded-For is trusted.",
    )
    given: frozenset[str] = field(default=frozenset(), repr=False, compare=False)
    """The fields that were set explicitly."""

    @staticmethod
    @cache
    def table() -> Mapping[str, Setting]:
        """The setting of each field, by the field's name."""
        return {one.name: one.metadata["setting"] for one in fields(Settings) if one.metadata}

    @staticmethod
    def variable(name: str) -> str:
        """The environment variable of a field."""
        return Settings.table()[name].variable

    @property
    def embedded_database(self) -> bool:
        return not self.database_url

    @property
    def has_standby(self) -> bool:
        """Whether accepted games are copied to NEUROPLAY_WAL_DIR."""
        return self.embedded_database and self.wal_dir is not None

    @property
    def embedded_redis(self) -> bool:
        return not self.redis_url

    @property
    def erasure_ledger(self) -> Path:
        return self.erasure_ledger_file or self.home / "erasures.txt"

    @property
    def serves_loopback(self) -> bool:
        """Whether only this machine can reach the API directly."""
        return is_loopback_host(self.host)

    @property
    def over_tls(self) -> bool:
        """Whether browsers use HTTPS, with this server or with a proxy."""
        return self.tls_cert is not None or self.public_url.lower().startswith("https:")

    @property
    def passkey_origin(self) -> str:
        """The address at which browsers take passkeys, as they write it: HTTPS with a name, or this
        machine as localhost; '' if there is none."""
        url = self.public_url
        if not url and self.serves_loopback:
            url = f"{'https' if self.tls_cert else 'http'}://localhost:{self.port}"
        return passkey_origin(url)

    @property
    def faces_public(self) -> bool:
        """Whether, according to the settings, other machines can reach the API."""
        published = self.public_url or self.tls_cert or self.trusted_proxies
        return bool(published) or not self.serves_loopback

    @property
    def runtime_dir(self) -> Path:
        return runtime_dir(self.home)

    @property
    def api_connections(self) -> int:
        """Most database connections of an API process."""
        return min(self.api_threads, MOST_CONNECTIONS)

    @property
    def sync_allowance(self) -> Allowance:
        from neuroplay.core.entities.allowance import Allowance

        return Allowance(
            sessions=self.sync_burst,
            size=self.sync_burst_mib << 20,
            sessions_a_day=self.sync_per_day,
        )

    @property
    def retention(self) -> RetentionPolicy:
        from neuroplay.core.entities.retention import RetentionPolicy

        return RetentionPolicy(
            trace_days=self.trace_days,
            raw_days=self.raw_days,
            keep_months=self.keep_sessions_months,
        )

    @property
    def sqlalchemy_url(self) -> str:
        """DATABASE_URL for SQLAlchemy with psycopg2, or the embedded server's socket."""
        if self.embedded_database:
            return f"postgresql+psycopg2://neuroplay@/neuroplay?host={self.runtime_dir / 'pg'}"
        _, _, rest = self.database_url.partition("://")
        return f"postgresql+psycopg2://{rest}"

    @property
    def effective_redis_url(self) -> str:
        """REDIS_URL, or `unix://` of the embedded server's socket."""
        return self.redis_url or f"unix://{self.runtime_dir / 'redis.sock'}"

    @property
    def url(self) -> str:
        """The address that is shown to people and printed on cards."""
        if self.public_url:
            return self.public_url
        return self._served_at(address_of_this_machine(self.host) or self.host)

    @property
    def local_url(self) -> str:
        """The address for clients on this machine."""
        return self._served_at(self.host)

    def _served_at(self, host: str) -> str:
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
        if ":" in host:
            host = f"[{host}]"
        scheme = "https" if self.tls_cert else "http"
        return f"{scheme}://{host}:{self.port}"


def load_settings(**overrides: object) -> Settings:
    """Settings from `overrides`, then the environment, then `.env`.

    `overrides` are by field. The environment uses each field's variable, since HOME, HOST and PORT
    belong to other programs. Raises SettingsError with a one-line message if a value is invalid.
    """
    texts = read_env_file() | {name.upper(): value for name, value in os.environ.items()}
    found: dict[str, Any] = {}
    for name, one in Settings.table().items():
        value = overrides.pop(name, None)
        if value is None:
            value = texts.get(one.variable)
        if value is None:
            continue
        try:
            found[name] = one.value_of(value)
        except ValueError as error:
            raise SettingsError(
                f"{one.variable}: {error}", hint="See docs/settings.md, or run: neuroplay doctor"
            ) from None
    if unknown := sorted(name for name, value in overrides.items() if value is not None):
        raise TypeError(f"there are no settings {', '.join(unknown)}")
    return Settings(**found, given=frozenset(found))
