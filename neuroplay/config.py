"""Settings: one typed table, read from the environment and `.env`; docs/settings.md is checked
against it."""

from __future__ import annotations

import re
from functools import cached_property
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field, ValidationInfo, field_validator
from pydantic_settings import (
    BaseSettings,
    InitSettingsSource,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from neuroplay import __version__
from neuroplay.addresses import address_of_this_machine, listening_host, public_url
from neuroplay.home import default_home, runtime_dir
from neuroplay.server_urls import check_database_url, check_redis_url

if TYPE_CHECKING:
    from neuroplay.core.entities.allowance import Allowance

MOST_CONNECTIONS = 8
"""Database connections of an API process, however many threads it has: more statements at once
than that only wait for processors and for Python's lock."""


class Settings(BaseSettings):
    """Everything that can be set. Field descriptions are the documentation."""

    model_config = SettingsConfigDict(
        env_file=".env",
        env_file_encoding="utf-8-sig",
        extra="ignore",
        frozen=True,
        ignored_types=(cached_property,),
    )

    home: Path = Field(
        default_factory=default_home,
        validation_alias="NEUROPLAY_HOME",
        description="Folder for data, logs and the embedded servers. "
        "Default: the platform's user data folder; /var/lib/neuroplay as root.",
    )
    host: str = Field(
        "127.0.0.1",
        validation_alias="NEUROPLAY_HOST",
        description="Address the API listens on.",
    )
    port: int = Field(
        5000,
        ge=1,
        le=65535,
        validation_alias="NEUROPLAY_PORT",
        description="Port the API listens on.",
    )
    public_url: str = Field(
        "",
        validation_alias="NEUROPLAY_PUBLIC_URL",
        description="Address the children's tablets use, as printed on cards: https://HOST or "
        "https://HOST:PORT, without a path (with http, browsers refuse offline "
        "play). Default: where serve listens.",
    )
    database_url: str = Field(
        "",
        validation_alias="DATABASE_URL",
        description="PostgreSQL 15 to 18, as postgresql://user:password@host/name. Unset: a "
        "private embedded PostgreSQL in NEUROPLAY_HOME.",
    )
    db_pooler: Literal["none", "transaction"] = Field(
        "none",
        validation_alias="NEUROPLAY_DB_POOLER",
        description="`transaction` if DATABASE_URL points to a pooler that assigns a session "
        "per transaction, such as PgBouncer with pool_mode=transaction; otherwise "
        "`none`, also for a pooler in session mode.",
    )
    redis_url: str = Field(
        "",
        validation_alias="REDIS_URL",
        description="Redis 7 or later or Valkey, as redis://host:6379. Unset: a private "
        "embedded Valkey in NEUROPLAY_HOME.",
    )
    secret: str = Field(
        "",
        repr=False,
        validation_alias="NEUROPLAY_SECRET",
        description="Server secret of at least 32 characters, from which cards and tokens are "
        "derived. Created in NEUROPLAY_HOME with the embedded database, required "
        "otherwise. Keep it with every backup.",
    )
    secret_file: Path | None = Field(
        None,
        validation_alias="NEUROPLAY_SECRET_FILE",
        description="File that contains the server secret, instead of NEUROPLAY_SECRET.",
    )
    tls_cert: Path | None = Field(
        None,
        validation_alias="NEUROPLAY_TLS_CERT",
        description="PEM certificate chain; together with NEUROPLAY_TLS_KEY, the API serves HTTPS.",
    )
    tls_key: Path | None = Field(
        None,
        validation_alias="NEUROPLAY_TLS_KEY",
        description="PEM private key for NEUROPLAY_TLS_CERT.",
    )
    api_workers: int = Field(
        1,
        ge=1,
        le=64,
        validation_alias="NEUROPLAY_API_WORKERS",
        description="Number of API processes.",
    )
    api_threads: int = Field(
        32,
        ge=1,
        le=256,
        validation_alias="NEUROPLAY_API_THREADS",
        description="Requests that each API process handles at once. Syncs waiting for the disk"
        " share a transaction, so many threads cost little; they use at most 8 "
        "database connections.",
    )
    api_connections_per_address: int = Field(
        4096,
        ge=8,
        validation_alias="NEUROPLAY_API_CONNECTIONS_PER_ADDRESS",
        description="Silent, unfinished or idle connections allowed per address (IPv6: per /64 "
        "network) in each API process. Connections being answered and trusted "
        "proxies do not count. Above the limit the oldest are closed, silent ones "
        "first.",
    )
    api_connections_held: int = Field(
        8192,
        ge=64,
        validation_alias="NEUROPLAY_API_CONNECTIONS",
        description="Connections allowed in total in each API process. Above the limit the "
        "oldest are closed, silent ones first; new ones are always accepted.",
    )
    task_workers: int = Field(
        1,
        ge=1,
        le=64,
        validation_alias="NEUROPLAY_TASK_WORKERS",
        description="Number of Celery worker processes.",
    )
    sync_burst: int = Field(
        2_000,
        ge=0,
        le=1_000_000_000,
        validation_alias="NEUROPLAY_SYNC_BURST",
        description="Sessions that a student's tablets may send at once; the default is more "
        "than a month offline. The rest waits on the tablets (429). 0: no limit.",
    )
    sync_burst_mib: int = Field(
        32,
        ge=1,
        le=1_000_000,
        validation_alias="NEUROPLAY_SYNC_BURST_MIB",
        description="The same limit in MiB of session records.",
    )
    sync_per_day: int = Field(
        500,
        ge=1,
        le=1_000_000_000,
        validation_alias="NEUROPLAY_SYNC_PER_DAY",
        description="Sessions per day by which the used part of that limit is restored.",
    )
    environment: str = Field(
        "production",
        validation_alias="ENVIRONMENT",
        description="Name of this installation in logs and error reports.",
    )
    app_version: str = Field(
        __version__,
        validation_alias="APP_VERSION",
        description="Release shown in logs, error reports and each processed session.",
    )
    sentry_dsn: str = Field(
        "",
        repr=False,
        validation_alias="SENTRY_DSN",
        description="Where errors are reported. Unset: nowhere.",
    )
    sentry_traces: float = Field(
        0.0,
        ge=0,
        le=1,
        validation_alias="NEUROPLAY_SENTRY_TRACES",
        description="Share of requests and tasks whose timing is sent to Sentry, 0 to 1.",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info",
        validation_alias="NEUROPLAY_LOG_LEVEL",
        description="Lowest level of log lines to keep.",
    )
    ops_token: str = Field(
        "",
        repr=False,
        validation_alias="NEUROPLAY_OPS_TOKEN",
        description="Bearer token required by /metrics and /ops. Unset: the one that serve "
        "creates in NEUROPLAY_HOME/ops.token, which commands on this machine read.",
    )
    worker_metrics_port: int | None = Field(
        None,
        ge=1,
        le=65535,
        validation_alias="NEUROPLAY_WORKER_METRICS_PORT",
        description="Port on NEUROPLAY_HOST where this machine's workers answer /metrics, for "
        "machines without an API. Unset: none.",
    )
    beat_metrics_port: int | None = Field(
        None,
        ge=1,
        le=65535,
        validation_alias="NEUROPLAY_BEAT_METRICS_PORT",
        description="The same for beat, if it runs on its own machine.",
    )
    trusted_proxies: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        validation_alias="NEUROPLAY_TRUSTED_PROXIES",
        description="Comma-separated addresses whose X-Forwarded-For is trusted.",
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Code names a field, the environment a variable. A field's name is no variable: HOME,
        HOST and PORT are other programs'."""
        given = {
            cls.variable(name): value
            for name, value in getattr(init_settings, "init_kwargs", {}).items()
        }
        del file_secret_settings  # secrets come as NEUROPLAY_SECRET_FILE
        return InitSettingsSource(settings_cls, given), env_settings, dotenv_settings

    @classmethod
    def variable(cls, name: str) -> str:
        """The environment variable of a field."""
        field = cls.model_fields.get(name)
        return str(field.validation_alias) if field and field.validation_alias else name

    @field_validator("trusted_proxies", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("database_url", "redis_url")
    @classmethod
    def _reachable(cls, value: str, info: ValidationInfo) -> str:
        if value:
            (check_redis_url if info.field_name == "redis_url" else check_database_url)(value)
        return value

    @field_validator("public_url")
    @classmethod
    def _public(cls, value: str) -> str:
        return public_url(value) if value else value

    @field_validator("host")
    @classmethod
    def _host(cls, value: str) -> str:
        return listening_host(value)

    @field_validator("secret_file", "tls_cert", "tls_key", mode="before")
    @classmethod
    def _none(cls, value: object) -> object:
        """An empty variable is as unset, and not the folder where the command is run."""
        return None if isinstance(value, str) and not value.strip() else value

    @field_validator("ops_token")
    @classmethod
    def _one_word(cls, value: str) -> str:
        if not re.fullmatch(r"[!-~]*", value):
            raise ValueError(
                "it holds a space, a line end or a letter beside ASCII, which no request can carry"
            )
        return value

    @field_validator("trusted_proxies")
    @classmethod
    def _networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for name in value:
            try:
                ip_network(name, strict=False)
            except ValueError:
                raise ValueError(
                    f"{name!r} is no address and no network; write them comma-separated, as "
                    "10.0.0.1,192.168.0.0/24"
                ) from None
        return value

    @field_validator("sentry_dsn")
    @classmethod
    def _dsn(cls, value: str) -> str:
        if not value:
            return value
        try:
            parts = urlsplit(value)
            _ = parts.port  # raises ValueError where it is no number
            project = parts.path.rpartition("/")[2]
            whole = parts.scheme in ("http", "https") and parts.username and parts.hostname
        except ValueError:
            whole = project = ""
        if not whole or not project or re.search(r"\s", value):
            raise ValueError("it is no DSN; write it as https://KEY@HOST/PROJECT")
        return value

    @field_validator("*", mode="before")
    @classmethod
    def _is_text(cls, value: object) -> object:
        """Bytes that are no UTF-8 reach Python as halves of a pair, which no program takes."""
        if isinstance(value, str) and re.search("[\ud800-\udfff\0]", value):
            raise ValueError("it is not UTF-8")
        return value

    @field_validator("home", mode="before")
    @classmethod
    def _unset(cls, value: object) -> object:
        return default_home() if value == "" else value

    @field_validator("home")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        try:
            return value.expanduser().absolute()
        except RuntimeError:
            raise ValueError(f"there is no user {value.parts[0].removeprefix('~')}") from None

    @property
    def embedded_database(self) -> bool:
        return not self.database_url

    @property
    def embedded_redis(self) -> bool:
        return not self.redis_url

    @property
    def serves_loopback(self) -> bool:
        """Whether the API listens to this machine alone."""
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"

    @property
    def over_tls(self) -> bool:
        """Whether browsers reach the API by https, here or at a proxy."""
        return self.tls_cert is not None or self.public_url.lower().startswith("https:")

    @property
    def faces_public(self) -> bool:
        """Whether others than this machine reach the API, as far as the settings tell."""
        said = self.public_url or self.tls_cert or self.trusted_proxies
        return bool(said) or not self.serves_loopback

    @property
    def runtime_dir(self) -> Path:
        return runtime_dir(self.home)

    @property
    def api_connections(self) -> int:
        """Database connections of an API process, at most."""
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
        """The address for people and cards."""
        if self.public_url:
            return self.public_url
        return self._served_at(address_of_this_machine(self.host) or self.host)

    @property
    def local_url(self) -> str:
        """The address on this machine."""
        return self._served_at(self.host)

    def _served_at(self, host: str) -> str:
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
        if ":" in host:
            host = f"[{host}]"
        scheme = "https" if self.tls_cert else "http"
        return f"{scheme}://{host}:{self.port}"


def load_settings(**overrides: object) -> Settings:
    """Settings from the environment, `.env` and `overrides`.

    Raises SettingsError in one readable line where a value is wrong.
    """
    from pydantic import ValidationError

    from neuroplay.core.errors import SettingsError
    from neuroplay.env_file import find_env_file

    given = {name: value for name, value in overrides.items() if value is not None}
    try:
        return Settings(_env_file=find_env_file(), **given)  # type: ignore[arg-type]
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0]) if first["loc"] else "settings"
        raise SettingsError(
            f"{name}: {first['msg'].removeprefix('Value error, ')}",
            hint="See docs/settings.md, or run: neuroplay doctor",
        ) from None
