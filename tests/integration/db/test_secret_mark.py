"""The mark of the secret, in PostgreSQL."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from neuroplay.bootstrap import build
from neuroplay.config import load_settings
from neuroplay.core.errors import SettingsError
from neuroplay.infra.db import secret_mark


def test_the_first_secret_is_kept_whoever_comes_at_the_same_time(engine):
    assert secret_mark.stored(engine) is None
    with ThreadPoolExecutor(4) as pool:
        found = set(pool.map(lambda number: secret_mark.keep(engine, f"mark {number}"), range(8)))
    assert found == {secret_mark.stored(engine)}


def test_it_is_replaced_on_purpose_alone_and_the_audit_says_by_whom(engine):
    assert not secret_mark.replace(engine, "first", who="ana")
    assert not secret_mark.replace(engine, "first", who="ana")
    assert secret_mark.replace(engine, "second", who="bia")
    assert secret_mark.keep(engine, "third") == secret_mark.stored(engine) == "second"
    with engine.connect() as connection:
        told = connection.exec_driver_sql("SELECT who FROM audit ORDER BY audit_id").scalars().all()
    assert told == ["ana", "bia"]


def test_an_older_schema_has_no_mark(empty_database_url):
    container = build(load_settings(database_url=empty_database_url, secret="s" * 40))
    assert secret_mark.stored(container.engine) is None
    assert container.secrets.mark()
    container.close()


def test_no_card_is_made_with_another_secret_than_the_databases(database_url):
    first = build(load_settings(database_url=database_url, secret="a" * 40))
    assert not first.keep_secret()
    made = first.create_class.execute("3A", 1)
    other = build(load_settings(database_url=database_url, secret="b" * 40))
    for use in (lambda: other.create_class, lambda: other.sign_in, other.keep_secret):
        with pytest.raises(SettingsError, match="is not the one with which"):
            use()
    for told in (other.health(), other.health.ready()):
        assert told["checks"]["database"] == (
            "its cards were made with another secret; run: neuroplay doctor"
        )
        assert told["status"] in ("unhealthy", "not ready")
    assert other.keep_secret(new=True)
    assert other.health.ready()["checks"]["database"] == "ok"
    assert other.class_cards.execute("3A").students[0].card_code != made.students[0].card_code
    for container in (first, other):
        container.close()
