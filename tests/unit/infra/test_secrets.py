"""What is derived from the server's secret, and the sources of the secret."""

from __future__ import annotations

import re
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neuroplay.config import load_settings
from neuroplay.core.entities.principal import StudentPrincipal
from neuroplay.core.errors import SettingsError
from neuroplay.core.rules.codes import ALPHABET
from neuroplay.infra.secrets import HmacSecrets, check_mark, load_secret
from tests.builders import Visitor

SECRET = "0123456789abcdef" * 2
OURS = HmacSecrets(SECRET)


@pytest.fixture(autouse=True)
def _no_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("NEUROPLAY_SECRET", "NEUROPLAY_SECRET_FILE", "DATABASE_URL", "REDIS_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NEUROPLAY_HOME", str(tmp_path / "home"))


@given(student=st.integers(1, 10**6), version=st.integers(1, 100))
def test_a_card_code_is_ten_crockford_characters_and_always_the_same(student, version) -> None:
    code = OURS.card_code(StudentPrincipal, student, version)
    assert len(code) == 10
    assert set(code) <= set(ALPHABET)
    assert HmacSecrets(SECRET).card_code(StudentPrincipal, student, version) == code


def test_each_child_each_card_and_each_server_has_its_own_code() -> None:
    codes = {
        OURS.card_code(StudentPrincipal, student, version)
        for student in range(200)
        for version in range(5)
    }
    assert len(codes) == 1000
    assert OURS.card_code(Visitor, 1, 1) not in codes
    assert OURS.card_code(StudentPrincipal, 1, 11) != OURS.card_code(StudentPrincipal, 11, 1)
    assert HmacSecrets(SECRET + "x").card_code(StudentPrincipal, 1, 1) != OURS.card_code(
        StudentPrincipal, 1, 1
    )


def test_a_card_code_stays_what_is_printed_on_cards() -> None:
    assert OURS.card_code(StudentPrincipal, 1, 1) == "6M3A5562EW"


def test_tokens_are_random_and_stored_as_a_hash() -> None:
    tokens = {OURS.new_token() for _ in range(100)}
    assert len(tokens) == 100
    assert all(re.fullmatch(r"np1_0_[A-Za-z0-9_-]{43}", token) for token in tokens)
    assert len(OURS.token_hash("x")) == 32
    assert OURS.token_hash("x") == HmacSecrets(SECRET).token_hash("x")
    assert OURS.token_hash("x") != HmacSecrets(SECRET + "x").token_hash("x")


def test_a_token_of_an_earlier_release_keeps_its_hash() -> None:
    token = "3q2-7wAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
    assert OURS.token_hash(token).hex() == (
        "5d6c3f501251bde9a0e6b688960cb203deaf08c9af14dcb11ef8c494d712028c"
    )


def test_what_is_derived_for_one_purpose_says_nothing_of_another() -> None:
    token_id = UUID(int=7)
    assert OURS.export_key(token_id) != OURS.token_hash(str(token_id)).hex()
    assert OURS.export_key(token_id) != OURS.export_key(UUID(int=8))


def test_the_secret_of_the_settings_is_used(monkeypatch) -> None:
    monkeypatch.setenv("NEUROPLAY_SECRET", SECRET)
    assert load_secret(load_settings()) == SECRET


def test_a_secret_may_lie_in_a_file(monkeypatch, tmp_path) -> None:
    file = tmp_path / "mounted"
    file.write_text(SECRET + "\n")
    monkeypatch.setenv("NEUROPLAY_SECRET_FILE", str(file))
    assert load_secret(load_settings()) == SECRET


def test_a_file_that_is_not_there_is_named(monkeypatch, tmp_path) -> None:
    monkeypatch.setenv("NEUROPLAY_SECRET_FILE", str(tmp_path / "absent"))
    with pytest.raises(SettingsError, match="absent"):
        load_secret(load_settings())


def test_a_short_secret_is_refused_without_being_shown(monkeypatch) -> None:
    monkeypatch.setenv("NEUROPLAY_SECRET", "hunter2")
    with pytest.raises(SettingsError) as refused:
        load_secret(load_settings())
    assert refused.value.code == "weak_secret"
    assert "hunter2" not in refused.value.message + refused.value.hint


def test_with_the_embedded_database_a_secret_is_made_once_for_the_owner_alone(tmp_path) -> None:
    settings = load_settings()
    made = load_secret(settings, make=True)
    assert load_secret(settings) == made
    assert len(made) == 64
    assert stat.S_IMODE((settings.home / "secret").stat().st_mode) == 0o600
    assert [file.name for file in settings.home.iterdir()] == ["secret"]


def test_a_command_on_a_home_that_is_mistyped_makes_nothing_there() -> None:
    settings = load_settings()
    with pytest.raises(SettingsError, match="NeuroPlay was never served there") as refused:
        load_secret(settings)
    assert "NEUROPLAY_HOME" in refused.value.hint
    assert not settings.home.exists()


def test_callers_that_start_together_get_one_secret() -> None:
    settings, gate = load_settings(), Barrier(8)

    def load(_: int) -> str:
        gate.wait(10)
        return load_secret(settings, make=True)

    with ThreadPoolExecutor(8) as threads:
        assert len(set(threads.map(load, range(8)))) == 1
    assert [file.name for file in settings.home.iterdir()] == ["secret"]


def test_with_a_database_of_ones_own_a_secret_is_demanded(monkeypatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://db/neuroplay")
    with pytest.raises(SettingsError) as refused:
        load_secret(load_settings())
    assert refused.value.code == "no_secret"
    assert "NEUROPLAY_SECRET" in refused.value.hint


def test_the_databases_mark_tells_its_secret_from_others_and_nothing_of_it() -> None:
    settings = load_settings(secret=SECRET)
    check_mark(OURS, None, settings)
    check_mark(OURS, OURS.mark(), settings)
    assert OURS.mark() not in SECRET
    with pytest.raises(SettingsError, match=r"NEUROPLAY_SECRET is not the one") as refused:
        check_mark(OURS, HmacSecrets(SECRET + "x").mark(), settings)
    assert refused.value.code == "wrong_secret"
    assert "--new-secret" in refused.value.hint


@pytest.mark.parametrize("written", [SECRET + "\n", f" {SECRET}", f"\ufeff{SECRET}\r\n"])
def test_what_is_too_much_in_the_variable_is_named_and_in_a_file_it_does_not_count(
    written: str, tmp_path: Path
) -> None:
    settings = load_settings(secret=written)
    with pytest.raises(SettingsError, match="a space or a line end too many"):
        check_mark(HmacSecrets(written), OURS.mark(), settings)
    file = tmp_path / "file"
    file.write_text(written)
    assert load_secret(load_settings(secret_file=file)) == SECRET


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("/dev/zero", "longer than 64 KiB"),
        ("/nowhere/secret", "cannot be read: no such file or directory"),
        ("/", "cannot be read: is a directory"),
    ],
)
def test_what_is_no_file_of_a_secret_is_told_in_words(monkeypatch, path, why):
    monkeypatch.setenv("NEUROPLAY_SECRET_FILE", path)
    with pytest.raises(SettingsError) as told:
        load_secret(load_settings())
    assert why in told.value.message
    assert "Errno" not in told.value.message
    assert told.value.hint[0].isupper()


def test_a_secret_that_is_not_utf_8_is_not_quoted(monkeypatch, tmp_path):
    (tmp_path / "s").write_bytes(b"topsecret\xff" * 10)
    monkeypatch.setenv("NEUROPLAY_SECRET_FILE", str(tmp_path / "s"))
    with pytest.raises(SettingsError) as told:
        load_secret(load_settings())
    assert told.value.message.endswith("cannot be read: it is not UTF-8")
