"""The proxies of deploy/proxy before a real system: HTTPS, a game, and whose address counts."""

from __future__ import annotations

import json
import re
import ssl
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from email.message import Message
from http.client import HTTPConnection, HTTPSConnection
from pathlib import Path
from uuid import uuid4

import pytest

from tests.acceptance.installation import Installation, free_port, wait_until
from tests.certificates import self_signed
from tests.proxies.bare import running_proxy
from tests.proxies.programs import have

pytestmark = pytest.mark.deploy

RECIPES = Path(__file__).parents[2] / "deploy" / "proxy"
CERTIFICATES = "/etc/ssl/neuroplay"


@dataclass(frozen=True, kw_only=True)
class Proxied:
    system: Installation
    plain: int
    secure: int
    trust: ssl.SSLContext

    def ask(
        self, path: str, body: object = None, headers: Mapping[str, str] | None = None
    ) -> tuple[int, bytes, Message]:
        connection = HTTPSConnection("127.0.0.1", self.secure, timeout=20, context=self.trust)
        with closing(connection):
            connection.request(
                "GET" if body is None else "POST",
                path,
                body=None if body is None else json.dumps(body),
                headers={"Content-Type": "application/json", **(headers or {})},
            )
            answer = connection.getresponse()
            return answer.status, answer.read(), answer.headers


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    made = Installation(
        home=tmp_path_factory.mktemp("proxied") / "home",
        settings={
            "NEUROPLAY_PUBLIC_URL": "https://play.school.example",
            "NEUROPLAY_TRUSTED_PROXIES": "127.0.0.1",
        },
    )
    with made.detached():
        yield made


@pytest.fixture(scope="module", params=["nginx.conf", "haproxy.cfg", "Caddyfile"])
def proxied(
    request: pytest.FixtureRequest, system: Installation, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Proxied]:
    folder = tmp_path_factory.mktemp("proxy")
    pair = self_signed(folder, "127.0.0.1")
    pair.cert.rename(folder / "certificate.pem")
    pair.key.rename(folder / "key.pem")
    (folder / "both.pem").write_text(
        (folder / "certificate.pem").read_text() + (folder / "key.pem").read_text()
    )
    plain, secure = free_port(), free_port()
    recipe = (RECIPES / request.param).read_text()
    places = {
        CERTIFICATES: str(folder),
        "/run/haproxy": str(folder),
        "127.0.0.1:5000": f"127.0.0.1:{system.port}",
        "bind :80": f"bind 127.0.0.1:{plain}",
        "bind :443": f"bind 127.0.0.1:{secure}",
        "listen 80;": f"listen 127.0.0.1:{plain};",
        "listen 443 ssl;": f"listen 127.0.0.1:{secure} ssl;",
        "http_port 80": f"admin off\n\thttp_port {plain}",
        "https_port 443": f"https_port {secure}",
        "\nplay.school.example {": "\n127.0.0.1 {\n\tbind 127.0.0.1",
    }
    for written, here in places.items():
        recipe = recipe.replace(written, here)
    trust = ssl.create_default_context(cafile=str(folder / "certificate.pem"))
    found = Proxied(system=system, plain=plain, secure=secure, trust=trust)
    name = request.param.partition(".")[0].removesuffix("file").lower()
    with running_proxy(name, recipe, secure, folder):
        wait_until(lambda: found.ask("/health/ready")[0] == 200, f"{request.param} answers", 30)
        yield found


def test_a_child_signs_in_through_it(proxied: Proxied) -> None:
    made = proxied.system.json("class", "create", uuid4().hex[:8], "--students", "1")
    card = {
        "class_code": made["class"]["code"],
        "card_code": made["students"][0]["card_code"],
        "device_id": str(uuid4()),
    }
    status, body, _ = proxied.ask("/api/v1/sign-in", card)
    assert status in (200, 201), body
    token = json.loads(body)["token"]
    status, body, _ = proxied.ask("/api/v1/me", headers={"Authorization": f"Bearer {token}"})
    assert (status, json.loads(body)["level"]) == (200, 1)


def test_the_page_comes_by_https_alone(proxied: Proxied) -> None:
    status, body, headers = proxied.ask("/")
    assert (status, b"NeuroPlay" in body) == (200, True)
    assert "max-age" in headers["Strict-Transport-Security"]

    with closing(HTTPConnection("127.0.0.1", proxied.plain, timeout=20)) as connection:
        connection.request("GET", "/x")
        moved = connection.getresponse()
    assert moved.status in (301, 308)
    assert re.fullmatch(r"https://[^/]+/x", moved.getheader("Location") or "")


def test_a_body_over_the_limit_is_refused_by_neuroplay_itself(proxied: Proxied) -> None:
    status, body, _ = proxied.ask("/api/v1/sign-in", {"class_code": "x" * (1024 * 1024 + 9)})
    assert (status, json.loads(body)["code"]) == (413, "body_too_large")


@pytest.mark.parametrize("path", ["/metrics", "/ops/figures"])
def test_strangers_see_no_figures(proxied: Proxied, path: str) -> None:
    assert proxied.ask(path, headers={"X-Forwarded-For": "127.0.0.1"})[0] in (401, 404)


def test_one_haproxy_takes_those_before_postgresql_and_redis_together() -> None:
    """docs/deploy.md, "High availability"."""
    program, environment = have("haproxy")
    files = [RECIPES.parent / name / "haproxy.cfg" for name in ("patroni", "sentinel")]
    words = [word for file in files for word in ("-f", str(file))]
    checked = subprocess.run(
        [program, "-c", *words], env=dict(environment), capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stderr
