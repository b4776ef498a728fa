"""What tablets see of several hosts: a proxy of deploy/proxy, on a host of its own."""

from __future__ import annotations

import http.client
import socket
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from tests.acceptance.installation import wait_until
from tests.certificates import self_signed
from tests.deploy.chart import ROOT
from tests.deploy.namespaces import Host
from tests.deploy.several_hosts import Part, Site
from tests.proxies.bare import AROUND_NGINX
from tests.proxies.programs import have


@dataclass(kw_only=True)
class Front(Part):
    """Tablets connect to the proxy. Commands run on the first host with an API."""

    proxy: Host
    trust: ssl.SSLContext

    def connect(self, timeout_s: float) -> http.client.HTTPConnection:
        return http.client.HTTPSConnection(
            self.proxy.address, timeout=timeout_s, context=self.trust
        )


@dataclass(kw_only=True)
class HAProxy(Front):
    admin: Path
    """Its socket for commands."""

    def tell(self, command: str) -> str:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(str(self.admin))
            connection.sendall(f"{command}\n".encode())
            return b"".join(iter(lambda: connection.recv(4096), b"")).decode()

    def sees(self, api: Part) -> dict[str, str]:
        """What its statistics say of this host, by column."""
        columns, *rows = self.tell("show stat api 4 -1").strip().lstrip("# ").splitlines()
        found = [dict(zip(columns.split(","), row.split(","), strict=False)) for row in rows]
        (own,) = [row for row in found if row["svname"] == api.host.name]
        return own


@contextmanager
def haproxy(site: Site, *, health: str = "/health/ready") -> Iterator[HAProxy]:
    """`health` is where it looks whether an API serves."""
    file = site.folder / "haproxy.cfg"
    trust = _certificate(site)
    recipe = _for_all(file.name, "    server one 127.0.0.1", site)
    recipe = recipe.replace("/health/ready", health).replace("/run/haproxy", str(site.folder))
    file.write_text(recipe)
    front = HAProxy(
        **_of_the_first_api(site), proxy=site.proxy, trust=trust, admin=site.folder / "admin.sock"
    )
    with _running("haproxy", ["-db", "-f", str(file)], front, site.folder / "haproxy.log"):
        yield front


@contextmanager
def nginx(site: Site) -> Iterator[Front]:
    file = site.folder / "nginx.conf"
    trust = _certificate(site)
    recipe = _for_all(file.name, "    server 127.0.0.1", site)
    file.write_text(AROUND_NGINX.format(folder=site.folder, text=recipe))
    front = Front(**_of_the_first_api(site), proxy=site.proxy, trust=trust)
    with _running("nginx", ["-c", str(file)], front, site.folder / "nginx.log"):
        yield front


def _of_the_first_api(site: Site) -> dict[str, Any]:
    api = site.of("api")[0]
    return {one.name: getattr(api, one.name) for one in fields(Part) if one.init}


def _certificate(site: Site) -> ssl.SSLContext:
    """Make one, in the files that the recipes name, and trust it."""
    pair = self_signed(site.folder, site.proxy.address)
    (site.folder / "both.pem").write_text(pair.cert.read_text() + pair.key.read_text())
    pair.cert.rename(site.folder / "certificate.pem")
    pair.key.rename(site.folder / "key.pem")
    return ssl.create_default_context(cafile=str(site.folder / "certificate.pem"))


def _for_all(recipe: str, line: str, site: Site) -> str:
    """A file of deploy/proxy whose line for one host is there for all that have an API."""
    text = (ROOT / "deploy" / "proxy" / recipe).read_text()
    (own,) = [one for one in text.splitlines() if one.startswith(line)]
    servers = [
        own.replace("server one", f"server {api.host.name}").replace("127.0.0.1", api.address)
        for api in site.of("api")
    ]
    return text.replace(own, "\n".join(servers)).replace("/etc/ssl/neuroplay", str(site.folder))


@contextmanager
def _running(name: str, words: Sequence[str], front: Front, log: Path) -> Iterator[None]:
    program, environment = have(name)

    def answers() -> bool:
        assert process.poll() is None, log.read_text()
        return front.get("/health/ready")[0] == 200

    with (
        log.open("w") as output,
        front.proxy.start(program, *words, env=environment, output=output) as process,
    ):
        wait_until(answers, f"{name} answers", 30)
        yield
