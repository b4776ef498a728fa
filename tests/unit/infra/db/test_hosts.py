"""Which hosts a DATABASE_URL has, and how long each may take."""

from __future__ import annotations

import pytest

from neuroplay.core.errors import SettingsError
from neuroplay.infra.db.connection_settings import connection_settings, read_url
from neuroplay.infra.db.hosts import host_timeout_s, split_hosts


@pytest.mark.parametrize(
    ("place", "wanted"),
    [
        ("/x", [{}]),
        ("a/x", [{}]),
        ("a:1/x", [{}]),
        (
            "a:1,b:2/x",
            [{"host": "a", "port": "1"}, {"host": "b", "port": "2"}],
        ),
        ("a,b/x?port=6432", [{"host": "a", "port": "6432"}, {"host": "b", "port": "6432"}]),
        (
            "a,b/x?hostaddr=10.0.0.1,10.0.0.2",
            [
                {"host": "a", "hostaddr": "10.0.0.1", "port": ""},
                {"host": "b", "hostaddr": "10.0.0.2", "port": ""},
            ],
        ),
        ("/x?host=/run/a,/run/b", [{"host": "/run/a"}, {"host": "/run/b"}]),
    ],
)
def test_each_host_has_its_own_address_and_port(place: str, wanted: list[dict[str, str]]) -> None:
    assert split_hosts(read_url(f"postgresql://{place}")) == wanted


@pytest.mark.parametrize(
    ("place", "wanted"),
    [
        ("a/x", None),
        ("a,b/x", "read-write"),
        ("/x?hostaddr=10.0.0.1,10.0.0.2", "read-write"),
        ("a,b/x?target_session_attrs=any", "any"),
    ],
)
def test_of_several_hosts_one_that_takes_writes_is_wanted(place: str, wanted: str | None) -> None:
    """In pg_dump and psql, too, which read the same parameters."""
    assert read_url(f"postgresql://{place}").get("target_session_attrs") == wanted


@pytest.mark.parametrize(
    ("place", "lengths"),
    [
        ("/x?host=a,b,c&port=1,2", "host 3, port 2"),
        ("a/x?port=1,2", "host 1, port 2"),
        ("/x?port=1,2", "port 2"),
        ("/x?host=a,b&hostaddr=10.0.0.1,10.0.0.2,10.0.0.3", "host 2, hostaddr 3"),
    ],
)
def test_lists_that_do_not_match_are_refused_with_their_lengths(place: str, lengths: str) -> None:
    with pytest.raises(SettingsError, match=rf"^DATABASE_URL: its lists .*: {lengths}$"):
        read_url(f"postgresql://{place}")


@pytest.mark.parametrize("place", ["a,b,/x", ",a/x", "a,,b/x", "a, b/x", "a:1,b :2/x"])
def test_a_comma_or_a_space_too_many_is_refused(place: str) -> None:
    """libpq would look for a host without a name on this machine, where another database may be."""
    with pytest.raises(SettingsError, match=r"^DATABASE_URL: "):
        read_url(f"postgresql://u:secret@{place}")


@pytest.mark.parametrize(
    "value", ["target_session_attrs=nonsense", "load_balance_hosts=maybe", "sslmode=on"]
)
def test_a_value_that_libpq_does_not_know_is_no_outage(value: str) -> None:
    url = f"postgresql://127.0.0.1:1,127.0.0.1:2/x?{value}"
    name, _, unknown = value.partition("=")
    settings = connection_settings(url, answer_timeout_s=4)
    with pytest.raises(SettingsError, match=rf'^DATABASE_URL: invalid {name} value: "{unknown}"$'):
        settings.hosts.connect()


def test_in_random_order_no_host_is_missing_and_processes_differ() -> None:
    parameters = read_url("postgresql://a,b,c/x?load_balance_hosts=random")
    orders = {tuple(place["host"] for place in split_hosts(parameters)) for _ in range(200)}
    assert len(orders) > 1
    assert {frozenset(order) for order in orders} == {frozenset("abc")}


@pytest.mark.parametrize(
    ("answer_s", "hosts", "wanted_s"),
    [(4.0, 1, 4.0), (120.0, 1, 120.0), (4.0, 2, 2.0), (0.9, 3, 0.3), (120.0, 3, 4.0)],
)
def test_all_hosts_together_take_no_longer_than_one(
    answer_s: float, hosts: int, wanted_s: float
) -> None:
    assert host_timeout_s(answer_s, hosts) == pytest.approx(wanted_s)
