"""The certificates that the load generator trusts."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from loadprofiles.reach.server import Server
from loadprofiles.reach.trust import TRUST
from tests.certificates import Pair, self_signed


class Answering(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("certificates")


@pytest.fixture(scope="module")
def own(folder: Path) -> Pair:
    return self_signed(folder, "127.0.0.1")


def serving(pair: Pair) -> Iterator[str]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pair.cert, pair.key)
    with ThreadingHTTPServer(("127.0.0.1", 0), Answering) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield f"https://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


@pytest.fixture
def host(own: Pair) -> Iterator[str]:
    yield from serving(own)


@pytest.fixture
def misnamed(folder: Path) -> Iterator[tuple[str, Pair]]:
    pair = self_signed(folder, "play.school.example")
    for url in serving(pair):
        yield url, pair


@pytest.fixture(autouse=True)
def as_a_browser() -> Iterator[None]:
    TRUST.believe("")
    yield
    TRUST.believe("")


def answers(host: str) -> bool:
    server = Server(host, connections=1)
    try:
        return server.document("GET", "/health") == {}
    finally:
        server.close()


def test_a_certificate_that_nobody_vouches_for_is_refused(host: str) -> None:
    with pytest.raises(OSError, match="CERTIFICATE_VERIFY_FAILED"):
        answers(host)


def test_one_that_was_given_is_believed(host: str, own: Pair) -> None:
    TRUST.believe(str(own.cert))
    assert answers(host)


def test_its_name_counts_but_where_any_will_do(misnamed: tuple[str, Pair]) -> None:
    host, pair = misnamed
    TRUST.believe(str(pair.cert))
    with pytest.raises(OSError, match="CERTIFICATE_VERIFY_FAILED"):
        answers(host)
    TRUST.believe(str(pair.cert), any_name=True)
    assert answers(host)


def test_any_name_is_not_any_certificate(host: str, misnamed: tuple[str, Pair]) -> None:
    TRUST.believe(str(misnamed[1].cert), any_name=True)
    with pytest.raises(OSError, match="CERTIFICATE_VERIFY_FAILED"):
        answers(host)


def test_a_file_without_a_certificate_is_refused(tmp_path: Path) -> None:
    (tmp_path / "no.pem").write_text("nothing")
    for file in (tmp_path / "no.pem", tmp_path / "none.pem"):
        with pytest.raises(OSError, match=r"."):
            TRUST.believe(str(file))
