"""NeuroPlay on several hosts: one with PostgreSQL and Valkey, which both listen on the bridge, and
any number that run one part, each with a home of its own."""

from __future__ import annotations

import http.client
import re
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from neuroplay.infra.embedded.postgres import APPLICATION, EmbeddedPostgres
from neuroplay.infra.embedded.redis import EmbeddedValkey
from tests.acceptance.installation import Installation
from tests.deploy.chart import ROOT
from tests.deploy.namespaces import BLOCK, Host, Network

API_PORT, WORKER_PORT, BEAT_PORT = 5000, 9101, 9102


class _Postgres(EmbeddedPostgres):
    """Also for other hosts: any of them may connect as anybody."""

    def __init__(self, host: Host, folder: Path) -> None:
        super().__init__(folder / "home", folder / "run", max_connections=200)
        self._host = host

    @property
    def url(self) -> str:
        return f"postgresql://{APPLICATION}@{self._host.address}/{APPLICATION}"

    def prepare(self) -> None:
        super().prepare()
        with (self.data / "pg_hba.conf").open("a") as file:
            file.write(f"host all all {BLOCK}.0.0/16 trust\n")

    def command(self) -> tuple[str, ...]:
        listen = f"--listen_addresses={self._host.address}"
        return (*self._host.command(*super().command()), listen)


class _Valkey(EmbeddedValkey):
    def __init__(self, host: Host, folder: Path) -> None:
        super().__init__(folder / "home", folder / "run")
        self._host = host

    @property
    def url(self) -> str:
        return f"redis://{self._host.address}:6379"

    def command(self) -> tuple[str, ...]:
        listen = ("--port", "6379", "--bind", self._host.address, "--protected-mode", "no")
        return (*self._host.command(*super().command()), *listen)


@dataclass(kw_only=True)
class Part(Installation):
    """NeuroPlay on one host; its commands run there too."""

    host: Host
    only: str
    code: Path = ROOT
    """The folder of the sources that it runs."""

    before: Sequence[str] = ()
    """A command that its commands run under."""

    port: int = API_PORT

    @property
    def address(self) -> str:
        return self.host.address

    @property
    def scraped(self) -> str:
        """Where Prometheus finds its metrics."""
        port = {"api": self.port, "worker": WORKER_PORT, "beat": BEAT_PORT}[self.only]
        return f"{self.address}:{port}"

    @property
    def environment(self) -> dict[str, str]:
        return {**super().environment, "PYTHONPATH": str(self.code)}

    def serve(self) -> None:
        self.json("serve", "--detach", "--only", self.only)

    def connect(self, timeout_s: float) -> http.client.HTTPConnection:
        return http.client.HTTPConnection(self.address, self.port, timeout=timeout_s)

    def _command(self, *arguments: str) -> list[str]:
        return self.host.command(*self.before, *super()._command(*arguments))


@dataclass(frozen=True, kw_only=True)
class Site:
    """`settings` are those that all hosts share."""

    net: Network
    folder: Path
    settings: Mapping[str, str]
    proxy: Host
    parts: list[Part] = field(default_factory=list)

    def part(self, name: str, only: str, *, code: Path = ROOT, before: Sequence[str] = ()) -> Part:
        """A new host that will run this part, and does not yet."""
        host = self.net.host(name)
        own = {
            "NEUROPLAY_HOST": host.address,
            "NEUROPLAY_WORKER_METRICS_PORT": str(WORKER_PORT) if only == "worker" else "",
            "NEUROPLAY_BEAT_METRICS_PORT": str(BEAT_PORT) if only == "beat" else "",
        }
        made = Part(
            home=self.folder / name,
            settings={**self.settings, **{key: value for key, value in own.items() if value}},
            host=host,
            only=only,
            code=code,
            before=before,
        )
        self.parts.append(made)
        return made

    def of(self, only: str) -> list[Part]:
        return [part for part in self.parts if part.only == only]

    def scraping(self, folder: Path, rules: Path = ROOT / "deploy/prometheus/rules.yml") -> str:
        """deploy/prometheus/prometheus.yml as its comments say for several hosts, and quicker."""
        token = folder / "token"
        token.write_text(str(self.settings["NEUROPLAY_OPS_TOKEN"]))
        text = (ROOT / "deploy/prometheus/prometheus.yml").read_text()
        text = re.sub(r"^(\s*)# ((?:  )*(?:-|\w+:)(?: .*)?)$", r"\1\2", text, flags=re.M)
        text = text.replace("rules.yml", str(rules))
        text = text.replace("/etc/prometheus/neuroplay.token", str(token)).replace("15s", "1s")
        first, *others = [f'"{one.scraped}"' for one in self.parts]
        text = text.replace('"127.0.0.1:5000"', first)
        example = '"api-2.example:5000", "worker-1.example:9101", "beat-1.example:9102"'
        return text.replace(example, ", ".join(others))


@contextmanager
def site(net: Network, folder: Path) -> Iterator[Site]:
    """The servers run; at the end every part is stopped."""
    data, proxy = net.host("data"), net.host("proxy")
    place = folder / "servers"
    place.mkdir()
    with _Postgres(data, place).running() as database, _Valkey(data, place).running() as redis:
        made = Site(
            net=net,
            folder=folder,
            proxy=proxy,
            settings={
                "DATABASE_URL": database,
                "REDIS_URL": redis,
                "NEUROPLAY_SECRET": secrets.token_hex(32),
                "NEUROPLAY_OPS_TOKEN": secrets.token_hex(32),
                "NEUROPLAY_PUBLIC_URL": f"https://{proxy.address}",
                "NEUROPLAY_TRUSTED_PROXIES": proxy.address,
            },
        )
        try:
            yield made
        finally:
            for part in made.parts:
                part.end()
