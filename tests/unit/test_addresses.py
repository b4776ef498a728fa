from __future__ import annotations

import re
import socket
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neuroplay.addresses import address_of_this_machine, is_loopback, listening_host, public_url
from neuroplay.config import load_settings
from neuroplay.core.errors import SettingsError


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("https://play.school.example", "https://play.school.example"),
        ("https://play.school.example/", "https://play.school.example"),
        ("HTTPS://Play.School.Example:8443/", "https://play.school.example:8443"),
        ("http://192.168.1.20:5000", "http://192.168.1.20:5000"),
        ("http://[2001:DB8::0001]:5000", "http://[2001:db8::1]:5000"),
        ("https://[fd00::1]", "https://[fd00::1]"),
        ("https://escola-são-joão.example", "https://xn--escola-so-joo-3ebe.example"),
        ("https://play.school.example.", "https://play.school.example"),
        ("http://tablets", "http://tablets"),
        ("http://sala_3.local:1", "http://sala_3.local:1"),
        ("http://localhost:65535", "http://localhost:65535"),
    ],
)
def test_an_address_is_kept_in_one_form(text: str, kept: str) -> None:
    assert public_url(text) == kept
    assert public_url(kept) == kept


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("play.school.example", "must start with https://"),
        ("htps://play.school.example", "must start with https://"),
        ("https:/play.school.example", "must start with https://"),
        ("javascript:alert(1)", "must start with https://"),
        ("//play.school.example", "must start with https://"),
        ("https://", "has no host"),
        ("https://:443", "has no host"),
        ("https://./", "has no host"),
        ("https://play school.example", "contains a space"),
        (" https://play.school.example", "contains a space"),
        ("https://play.school.example\r", "contains a space"),
        ("https://play.school.example\x00", "contains a space"),
        ("https://play\u00a0school.example", "contains a space"),
        ("https:\\\\play.school.example", "contains a space or another"),
        ("https://play.school.example/#x", "omit the part"),
        ("https://play.school.example#", "omit the part"),
        ("https://play.school.example?", "omit the part"),
        ("https://play.school.example/?a=b", "omit the part"),
        ("https://school.example/neuroplay", "has a path"),
        ("https://school.example//", "has a path"),
        ("https://play.school.example:99999", "1 to 65535"),
        ("https://play.school.example:0", "1 to 65535"),
        ("https://play.school.example:", "1 to 65535"),
        ("https://play.school.example:80:80", "1 to 65535"),
        ("https://play.school.example:-1", "1 to 65535"),
        ("https://play.school.example:８０", "1 to 65535"),
        ("https://user:word@play.school.example", "contains a user name"),
        ("https://@play.school.example", "contains a user name"),
        ("https://[2001:db8::1", "is no address"),
        ("https://[play]", "is no"),
        ("https://[fe80::1%25eth0]", "cannot be reached from another machine"),
        ("https://[::]:5000", "cannot be reached from another machine"),
        ("http://0.0.0.0:5000", "cannot be reached from another machine"),
        ("http://255.255.255.255", "cannot be reached from another machine"),
        ("http://224.0.0.1", "cannot be reached from another machine"),
        ("https://[ff02::1]", "cannot be reached from another machine"),
        ("http://192.168.1", "is not an IP address"),
        ("http://192.168.1.256", "is not an IP address"),
        ("http://0x7f000001", "is not an IP address"),
        ("https://-play.example", "invalid host name"),
        ("https://play..example", "invalid host name"),
        ("https://pl*y.example", "invalid host name"),
        ("https://" + "a" * 64 + ".example", "invalid host name"),
        ("https://" + "a." * 130 + "example", "invalid host name"),
        ("https://play,example", "invalid host name"),
    ],
)
def test_what_cards_cannot_open_is_refused_with_the_reason(
    text: str, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ValueError, match=re.escape(why)) as refused:
        public_url(text)
    assert "word" not in str(refused.value)
    if "\0" not in text:
        monkeypatch.setenv("NEUROPLAY_PUBLIC_URL", text)
        with pytest.raises(SettingsError, match=r"^NEUROPLAY_PUBLIC_URL: ") as error:
            load_settings()
        assert "\n" not in error.value.message


@given(st.text(max_size=40).map("https://".__add__))
def test_whatever_is_written_is_kept_or_refused(text: str) -> None:
    with suppress(ValueError):
        kept = public_url(text)
        assert kept.isascii()
        assert public_url(kept) == kept


@pytest.mark.parametrize("text", ["127.0.0.1", "0.0.0.0", "::", "[::1]", "localhost", "fe80::1%lo"])  # noqa: S104
def test_a_host_to_listen_on_is_an_address_or_a_name(text: str) -> None:
    assert listening_host(text) == text.strip("[]")


@pytest.mark.parametrize("text", ["", " ", "0.0.0.0:5000", "http://0.0.0.0", "a b", "a/b", "a\n"])
def test_a_host_that_is_none_is_refused(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEUROPLAY_HOST", text)
    with pytest.raises(SettingsError, match=r"^NEUROPLAY_HOST: "):
        load_settings()


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("NEUROPLAY_PORT", "0"),
        ("NEUROPLAY_PORT", "65536"),
        ("NEUROPLAY_PORT", "80 80"),
        ("NEUROPLAY_PORT", ""),
        ("NEUROPLAY_SYNC_BURST", "-1"),
        ("NEUROPLAY_SYNC_PER_DAY", "0"),
        ("NEUROPLAY_SYNC_BURST_MIB", "2.5"),
        ("NEUROPLAY_SENTRY_TRACES", "nan"),
        ("NEUROPLAY_API_WORKERS", "many"),
        ("NEUROPLAY_LOG_LEVEL", "loud"),
        ("DATABASE_URL", "mysql://h/x"),
        ("REDIS_URL", "http://h"),
    ],
)
def test_a_value_that_cannot_be_is_refused_in_one_line_that_names_it(
    variable: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(SettingsError, match=rf"^{variable}: ") as refused:
        load_settings()
    assert "\n" not in refused.value.message


@pytest.mark.parametrize("field", ["secret_file", "tls_cert", "tls_key"])
def test_an_empty_path_is_none_and_not_the_folder(
    field: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"NEUROPLAY_{field.upper()}", "")
    assert getattr(load_settings(), field) is None


def test_where_serve_listens_on_all_addresses_people_get_the_one_of_the_network(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("neuroplay.config.address_of_this_machine", lambda _: "192.168.1.20")
    settings = load_settings(host="0.0.0.0", port=5001)  # noqa: S104
    assert settings.url == "http://192.168.1.20:5001"
    assert settings.local_url == "http://127.0.0.1:5001"


def test_this_machine_has_an_address_only_where_it_listens_on_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert address_of_this_machine("127.0.0.1") is None
    found = address_of_this_machine("0.0.0.0")  # noqa: S104
    assert found is None or socket.inet_aton(found)

    def no_network(*_: object) -> None:
        raise OSError

    monkeypatch.setattr("socket.socket", no_network)
    assert address_of_this_machine("::") is None
    assert load_settings(host="::").url == "http://[::1]:5000"


def test_loopback_is_known_however_it_is_written() -> None:
    for url in ("http://127.0.0.2", "http://[::1]:5", "https://localhost", "http://a.localhost"):
        assert is_loopback(url)
    for url in ("http://192.168.1.1", "https://play.school.example", "http://[fd00::1]"):
        assert not is_loopback(url)


@pytest.mark.parametrize(
    ("chosen", "origin"),
    [
        ({"public_url": "https://Play.School.example"}, "https://play.school.example"),
        ({"public_url": "https://play.school.example:443"}, "https://play.school.example"),
        ({"public_url": "https://play.school.example:8443"}, "https://play.school.example:8443"),
        ({"public_url": "https://escola.são.example"}, "https://escola.xn--so-sia.example"),
        ({"public_url": "http://play.school.example"}, ""),
        ({"public_url": "https://192.168.1.20"}, ""),
        ({"public_url": "https://[fd00::1]"}, ""),
        ({"public_url": "http://localhost:5001"}, "http://localhost:5001"),
        ({"public_url": "http://127.0.0.1:5001"}, ""),
        ({}, "http://localhost:5000"),
        ({"host": "localhost", "port": 80}, "http://localhost"),
        ({"host": "192.168.1.20"}, ""),
        ({"host": "0.0.0.0"}, ""),  # noqa: S104
        (
            {"host": "0.0.0.0", "public_url": "https://a.example"},  # noqa: S104
            "https://a.example",
        ),
    ],
)
def test_passkeys_work_where_browsers_take_them(chosen: dict[str, object], origin: str) -> None:
    assert load_settings(**chosen).passkey_origin == origin


def test_the_own_certificate_serves_passkeys_on_this_machine(tmp_path: Path) -> None:
    files = {name: tmp_path / name for name in ("tls_cert", "tls_key")}
    for path in files.values():
        path.touch()
    chosen: dict[str, object] = {**files, "port": 5443}
    assert load_settings(**chosen).passkey_origin == "https://localhost:5443"
