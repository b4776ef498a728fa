"""The data map, as the migrated database tells it."""

from __future__ import annotations

import os
from datetime import UTC, datetime

import pytest

from make.privacy import PAGE, renewed
from neuroplay.infra.db.data_map import data_map, parts_of, stock_of
from neuroplay.infra.db.engine import make_engine


@pytest.fixture
def engine(database_url):
    engine = make_engine(database_url)
    yield engine
    engine.dispose()


def test_every_table_and_column_says_what_it_holds_about_whom_why_and_how_long(engine):
    tables = data_map(engine)
    assert {"students", "sync_inbox", "audit"} <= {table.name for table in tables}
    unsaid = [
        f"{table.name}.{column.name}: {part}"
        for table in tables
        for column in table.columns
        for part in ("what", "about", "why", "kept")
        if not getattr(column.purpose, part)
    ]
    assert unsaid == [], "give these a COMMENT, as revision 0013 does"
    assert [table.name for table in tables if not table.purpose.what] == []


def test_the_page_on_privacy_has_the_data_map_of_the_migrated_database(engine):
    page = PAGE.read_text()
    wanted = renewed(page, data_map(engine))
    if os.environ.get("NEUROPLAY_WRITE_DATA_MAP"):
        PAGE.write_text(wanted)
    assert page == wanted or PAGE.read_text() == wanted, "run `make privacy` after a new revision"


def test_a_column_without_a_comment_is_noticed(engine):
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE forgotten (it int)")
    try:
        (found,) = [table for table in data_map(engine) if table.name == "forgotten"]
        assert found.purpose == parts_of("")
        assert found.columns[0].purpose == parts_of("")
    finally:
        with engine.begin() as connection:
            connection.exec_driver_sql("DROP TABLE forgotten")


def test_the_stock_is_the_number_of_rows_and_the_time_of_the_oldest(engine):
    first = datetime(2026, 3, 2, tzinfo=UTC)
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO audit (who, what, target, details, at) VALUES "
            "('a', 'b', 'c', '{}', %s), ('a', 'b', 'c', '{}', now())",
            (first,),
        )
    stock = stock_of(engine, data_map(engine))
    assert (stock["audit"].rows, stock["audit"].oldest) == (2, first)
    assert (stock["students"].rows, stock["students"].oldest) == (0, None)


def test_the_parts_of_a_comment_may_all_be_missing_but_the_first():
    whole = parts_of("What: a thing. About: students. Why: so. Kept: a day; then gone.")
    assert (whole.what, whole.about) == ("What: a thing", "students")
    assert (whole.why, whole.kept) == ("so", "a day; then gone")
    assert parts_of("A thing. Kept: a day.").kept == "a day"
    assert parts_of("A thing.").why == ""
