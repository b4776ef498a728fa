"""Access of strangers and operators through nginx and HAProxy with minimal configurations."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache
from pathlib import Path

import pytest

from tests.acceptance.installation import Installation, wait_until
from tests.prometheus.programs import find
from tests.prometheus.server import scraping
from tests.proxies.bare import bare_proxy

pytestmark = pytest.mark.slow

PUBLIC = {"NEUROPLAY_PUBLIC_URL": "https://play.school.example"}
GUARDED = ("/ops", "/ops/figures", "/metrics")

TRICKS = (
    ("/", "Host: play.school.example"),
    ("/", "Host: localhost"),
    ("/", "Host: localhost."),
    ("/", "Host: 127.0.0.1"),
    ("/", "Host: [::1]"),
    ("/", "Host: LOCALHOST:5000"),
    ("/", "Host: localhost\r\nX-Forwarded-For: 127.0.0.1"),
    ("/", "Host: localhost\r\nForwarded: for=127.0.0.1;host=localhost"),
    ("/", "Host: localhost\r\nX-Real-IP: 127.0.0.1"),
    ("/", "Host: localhost\r\nX_Forwarded_For: 127.0.0.1"),
    ("/", "Host: localhost\r\nAuthorization: Bearer"),
    ("/", "Host: localhost\r\nAuthorization: Bearer undefined"),
    ("http://localhost/", "Host: play.school.example"),
    ("http://127.0.0.1/", "Host: localhost"),
    ("//", "Host: localhost"),
    ("/%2e/", "Host: localhost"),
    ("/./", "Host: localhost"),
)


@pytest.fixture(scope="module")
def systems(tmp_path_factory) -> Iterator[dict[str, Installation]]:
    """Both at once: as parameters of the module, pytest would start each of them several times."""
    made = {
        name: Installation(home=tmp_path_factory.mktemp("behind") / "home", settings=settings)
        for name, settings in {"public": PUBLIC, "nothing set": {}}.items()
    }
    with ExitStack() as running:
        for system in made.values():
            running.enter_context(system.detached())
        yield made


@pytest.fixture(params=["public", "nothing set"])
def system(request, systems: dict[str, Installation]) -> Installation:
    return systems[request.param]


@pytest.fixture(scope="module")
def proxies(tmp_path_factory) -> Iterator[Callable[[str, int], int]]:
    """The port of the proxy of this name before that port, which is started once."""
    with ExitStack() as running:

        @cache
        def port_of(name: str, to: int) -> int:
            return running.enter_context(bare_proxy(name, to, tmp_path_factory.mktemp(name)))

        yield port_of


@pytest.fixture(params=["nginx", "haproxy", "no proxy"])
def port(request, system: Installation, proxies: Callable[[str, int], int]) -> int:
    return system.port if request.param == "no proxy" else proxies(request.param, system.port)


def ask(port: int, target: str, headers: str) -> tuple[int, bytes]:
    request = f"GET {target} HTTP/1.1\r\n{headers}\r\nConnection: close\r\n\r\n"
    with socket.create_connection(("127.0.0.1", port), 20) as connection:
        connection.sendall(request.encode())
        answer = b""
        while part := connection.recv(1 << 16):
            answer += part
    head, _, body = answer.partition(b"\r\n\r\n")
    return int(head.split()[1]), body


@pytest.mark.parametrize("path", GUARDED)
@pytest.mark.parametrize(("start", "headers"), TRICKS)
def test_no_stranger_sees_figures(
    system: Installation, port: int, path: str, start: str, headers: str
) -> None:
    status, body = ask(port, start + path.removeprefix("/"), headers)
    assert b"neuroplay_" not in body
    assert b'"pending"' not in body
    if path == "/ops" and not system.settings:
        return  # the page itself, without figures, for what looks like this machine
    assert status in (400, 401, 404), body


def test_who_shows_the_token_sees_them(system: Installation, port: int) -> None:
    token = (system.home / "ops.token").read_text().strip()
    assert (system.home / "ops.token").stat().st_mode & 0o777 == 0o600
    shown = f"Host: play.school.example\r\nAuthorization: Bearer {token}"
    status, body = ask(port, "/metrics", shown)
    assert (status, b"neuroplay_api_requests_total" in body) == (200, True)
    status, body = ask(port, "/ops/figures", shown)
    assert (status, "inbox" in json.loads(body)) == (200, True)


def test_commands_of_this_machine_see_them(system: Installation) -> None:
    assert "inbox" in system.json("metrics")
    wait_until(lambda: system.run("health").code == 0, "it is healthy")
    hinted = system.run("metrics", "--host", "http://127.0.0.1:9")
    assert hinted.code == 3


def test_prometheus_sees_them_with_the_file_of_the_home(
    system: Installation, tmp_path: Path
) -> None:
    if find("prometheus") is None:
        pytest.skip("there is no Prometheus; to have it: make prometheus")
    rules = Path(__file__).parents[2] / "deploy" / "prometheus" / "rules.yml"
    targets = {"neuroplay": system.port}
    with scraping(targets, tmp_path, rules, token=system.home / "ops.token") as found:
        wait_until(lambda: found.query("neuroplay_workers >= 0"), "it scrapes")
