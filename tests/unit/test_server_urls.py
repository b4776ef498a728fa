"""How REDIS_URL is read: the same for both clients, and what is refused."""

from __future__ import annotations

import pytest
from kombu.connection import Connection
from redis.connection import Connection as PlainConnection
from redis.connection import SSLConnection, UnixDomainSocketConnection

from neuroplay.config import Settings, load_settings
from neuroplay.core.errors import SettingsError
from neuroplay.infra.db.connection_settings import read_url
from neuroplay.infra.queue import broker_options
from neuroplay.infra.redis.client import make_client

READ_WELL = [
    ("redis://h", {"host": "h", "db": 0}),
    ("redis://h:7000/3", {"host": "h", "port": 7000, "db": 3}),
    ("redis://h?db=4", {"host": "h", "db": 4}),
    ("redis://:p%40ss%2Fw%23d@h/1", {"host": "h", "password": "p@ss/w#d", "db": 1}),
    ("redis://ana:pw@h", {"username": "ana", "password": "pw"}),
    ("redis://h?username=ana&password=p%2Bw", {"username": "ana", "password": "p+w"}),
    ("redis://[::1]:6380/2", {"host": "::1", "port": 6380, "db": 2}),
    ("rediss://h", {"host": "h", "db": 0}),
    (
        "rediss://h:7001/5?ssl_cert_reqs=none&ssl_ca_certs=/ca.pem",
        {"port": 7001, "db": 5, "ssl_cert_reqs": "none", "ssl_ca_certs": "/ca.pem"},
    ),
    ("unix:///run/r.sock", {"path": "/run/r.sock", "db": 0}),
    ("unix:///r.sock?db=2&password=pw", {"path": "/r.sock", "db": 2, "password": "pw"}),
    ("unix://ana:pw@/r%20s.sock?db=1", {"path": "/r s.sock", "username": "ana", "db": 1}),
]

REFUSED = [
    ("http://h", "redis://"),
    ("redis://:pa#ss@h:6379", "%23"),
    ("redis://:pa/ss@h:6379", "%2F"),
    ("redis://:p@ss@h", "%40"),
    ("redis://:pa;ss@h", "%3B"),
    ("redis://h name", "%20"),
    ("redis://[::1", "IPv6"),
    ("redis://h:99999", "port"),
    ("redis://h:0", "port"),
    ("redis://h:port", "port"),
    ("redis://h1,h2", "one server"),
    ("redis://", "has no host"),
    ("redis://h/two", "number"),
    ("redis://h/1/2", "number"),
    ("redis://h/-1", "number"),
    ("redis://h/1?db=2", "twice"),
    ("redis://h?db=two", "db=2"),
    ("redis://h?db=1&db=2", "one value"),
    ("redis://:a@h?password=b", "twice"),
    ("redis://h?ssl_cert_reqs=none", "rediss"),
    ("redis://h?socket_timeout=60", "socket_timeout"),
    ("redis://h?virtual_host=2", "virtual_host"),
    ("unix://run/r.sock", "unix:///"),
    ("unix://", "unix:///"),
    ("unix:///r.sock?virtual_host=2", "virtual_host"),
]


def settings(url: str) -> Settings:
    return load_settings(redis_url=url)


def told_to_celery(url: str) -> tuple[type, dict[str, object]]:
    options = broker_options(settings(url))
    connection = Connection(
        options["broker_url"],
        transport=options["broker_transport"],
        transport_options=options["broker_transport_options"],
    )
    channel = object.__new__(connection.get_transport_cls().Channel)
    channel.connection = connection.transport
    params = channel._connparams()
    return params.pop("connection_class"), params


@pytest.mark.parametrize(("url", "wanted"), READ_WELL)
def test_both_clients_find_the_same_server(url, wanted):
    kind, params = told_to_celery(url)
    pool = make_client(url).connection_pool
    ours = {"db": 0, **pool.connection_kwargs}
    assert wanted.items() <= params.items()
    assert wanted.items() <= ours.items()
    assert kind is pool.connection_class
    about_the_server = {
        name: value
        for name, value in ours.items()
        if name in {"host", "port", "path", "db", "username", "password"} or name[:4] == "ssl_"
    }
    assert about_the_server.items() <= params.items()


def test_the_kind_of_a_connection_is_the_urls():
    kinds = [told_to_celery(url)[0] for url in ("redis://h", "rediss://h", "unix:///s")]
    assert kinds == [PlainConnection, SSLConnection, UnixDomainSocketConnection]


@pytest.mark.parametrize(("url", "word"), REFUSED)
def test_a_url_that_could_be_read_in_two_ways_is_refused_in_one_line(url, word, monkeypatch):
    monkeypatch.setenv("REDIS_URL", url)
    with pytest.raises(SettingsError) as error:
        load_settings()
    assert word in error.value.message
    assert error.value.message.startswith("REDIS_URL: ")
    assert "\n" not in error.value.message


def test_celery_tells_nobody_the_password():
    connection = Connection(
        "unix:///r.sock?db=2&password=secret", transport="neuroplay.infra.broker:Transport"
    )
    assert "secret" not in connection.as_uri()
    connection = Connection("redis://:secret@h/2", transport="neuroplay.infra.broker:Transport")
    assert "secret" not in connection.as_uri()


@pytest.mark.parametrize("port", ["port", "0", "65536"])
def test_a_database_port_that_is_none_is_refused_where_the_url_is_read(port: str) -> None:
    with pytest.raises(SettingsError, match=r"^DATABASE_URL: its port is not a number"):
        read_url(f"postgresql://u:secret@a:{port}/x")
