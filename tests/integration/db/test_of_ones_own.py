"""Databases of one's own: what DATABASE_URL says is kept, and what does not fit is refused in a
line that says what to do."""

from __future__ import annotations

import pytest
from sqlalchemy import make_url

from neuroplay.core.errors import SettingsError, StoreUnavailable
from neuroplay.infra.db import backup, migrations
from neuroplay.infra.db.backup_reading import head_of
from neuroplay.infra.db.connection_settings import read_url
from neuroplay.infra.db.engine import make_engine
from neuroplay.infra.db.suitability import UnsuitableDatabase, check_suitable
from tests.databases import as_owner, named


def with_options(url: str, **options: str) -> str:
    return make_url(url).update_query_dict(options).render_as_string(hide_password=False)


def refusal(url: str) -> UnsuitableDatabase:
    engine = make_engine(url)
    try:
        with pytest.raises(UnsuitableDatabase) as refused:
            migrations.upgrade(engine)
    finally:
        engine.dispose()
    assert "\n" not in refused.value.message
    assert refused.value.hint
    return refused.value


@pytest.fixture
def in_database(empty_database_url):
    """Run statements in the test's database, as its superuser."""
    import psycopg2

    def run(*statements: str) -> None:
        url = make_url(empty_database_url)
        raw = psycopg2.connect(host=url.query["host"], dbname=url.database, user="postgres")
        raw.autocommit = True
        with raw.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
        raw.close()

    return run


@pytest.mark.parametrize("encoding", ["LATIN1", "SQL_ASCII", "WIN1252"])
def test_a_database_that_does_not_hold_every_text_is_refused(postgres_url, encoding):
    name = f"in_{encoding.lower()}"
    as_owner(
        postgres_url,
        f"CREATE DATABASE {name} ENCODING '{encoding}' LOCALE 'C' TEMPLATE template0 "
        "OWNER neuroplay",
    )
    try:
        error = refusal(named(postgres_url, name))
        assert encoding in error.message
        assert "UTF8" in error.hint
    finally:
        as_owner(postgres_url, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.mark.parametrize("forced", ["environment", "url"])
def test_texts_are_sent_in_utf8_whatever_is_asked(database_url, monkeypatch, forced):
    if forced == "environment":
        monkeypatch.setenv("PGCLIENTENCODING", "LATIN1")
    else:
        database_url = with_options(database_url, options="-cclient_encoding=latin1")
    engine = make_engine(database_url)
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT %s::text", ("€🦊",)).scalar_one() == "€🦊"
    engine.dispose()


def test_a_role_that_may_not_make_tables_is_told_what_to_grant(in_database, empty_database_url):
    in_database(
        f"ALTER DATABASE {make_url(empty_database_url).database} OWNER TO postgres",
        "REVOKE ALL ON SCHEMA public FROM PUBLIC, neuroplay",
        "GRANT USAGE ON SCHEMA public TO neuroplay",
    )
    error = refusal(empty_database_url)
    assert "may not make tables in the schema public" in error.message
    assert "GRANT USAGE, CREATE ON SCHEMA public TO neuroplay" in error.hint


def test_a_search_path_that_leads_nowhere_is_told(empty_database_url):
    error = refusal(with_options(empty_database_url, options="-csearch_path=nowhere"))
    assert "nowhere" in error.message


def test_a_role_that_only_reads_is_told(empty_database_url):
    url = with_options(empty_database_url, options="-cdefault_transaction_read_only=on")
    assert "takes no writes" in refusal(url).message


def test_tables_of_another_role_are_told(in_database, empty_database_url):
    engine = make_engine(empty_database_url)
    migrations.upgrade(engine)
    in_database("ALTER TABLE alembic_version OWNER TO postgres")
    with pytest.raises(UnsuitableDatabase, match="belong to the role postgres"):
        check_suitable(engine)
    engine.dispose()


def test_a_table_that_may_not_be_read_is_no_crash(in_database, empty_database_url):
    engine = make_engine(empty_database_url)
    migrations.upgrade(engine)
    in_database("ALTER TABLE classes OWNER TO postgres")
    with (
        engine.connect() as connection,
        pytest.raises(StoreUnavailable, match="permission denied for table classes"),
    ):
        connection.exec_driver_sql("SELECT * FROM classes")
    engine.dispose()


@pytest.mark.parametrize("by", ["options", "role"])
def test_a_schema_of_ones_own_is_used_everywhere(in_database, empty_database_url, tmp_path, by):
    in_database("CREATE SCHEMA school AUTHORIZATION neuroplay")
    url = empty_database_url
    if by == "options":
        url = with_options(url, options="-csearch_path=school")
    else:
        name = make_url(url).database
        in_database(f"ALTER ROLE neuroplay IN DATABASE {name} SET search_path = school")
    engine = make_engine(url, by_index=True)
    migrations.upgrade(engine)
    where = "SELECT DISTINCT schemaname FROM pg_tables WHERE tableowner = 'neuroplay'"
    with engine.begin() as connection:
        assert connection.exec_driver_sql(where).scalars().all() == ["school"]
        assert connection.exec_driver_sql("SHOW enable_seqscan").scalar_one() == "off"
        connection.exec_driver_sql("INSERT INTO classes (name, code) VALUES ('3A', 'A1B2C')")
    file = tmp_path / "school.dump"
    backup.back_up(engine, file, progress=lambda _: None)
    assert head_of(file).revision == migrations.head()
    with engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM classes")
    assert backup.restore(engine, file, erasures=(), progress=lambda _: None) == 0
    assert backup.holds_tables(engine)
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT name FROM classes").scalar_one() == "3A"
    engine.dispose()


def test_a_roles_own_habits_change_nothing(in_database, empty_database_url):
    name = make_url(empty_database_url).database
    for habit in ("timezone = 'Asia/Tokyo'", "datestyle = 'SQL, DMY'", "intervalstyle = iso_8601"):
        in_database(f"ALTER ROLE neuroplay IN DATABASE {name} SET {habit}")
    engine = make_engine(empty_database_url)
    with engine.connect() as connection:
        moment = connection.exec_driver_sql("SELECT '2026-03-04 05:06+00'::timestamptz").scalar()
    assert moment.isoformat() == "2026-03-04T05:06:00+00:00"
    engine.dispose()


READ = [
    ("postgres://u:p%40ss@h/db", {"user": "u", "password": "p@ss", "host": "h", "dbname": "db"}),
    ("postgresql://h1:5433,h2:5434/db?target_session_attrs=read-write", {"port": "5433,5434"}),
    ("postgresql://u@/db?host=/run/pg&port=6000", {"host": "/run/pg", "port": "6000"}),
    ("postgresql://u@%2Frun%2Fpg/db", {"host": "/run/pg"}),
    ("postgresql+psycopg2://u@[::1]:7/db?sslmode=require", {"host": "::1", "sslmode": "require"}),
    ("postgresql://h/db?application_name=school", {"application_name": "school"}),
]


@pytest.mark.parametrize(("url", "wanted"), READ)
def test_libpq_reads_the_url(url, wanted):
    assert wanted.items() <= read_url(url).items()


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://u:secret@h/db?no_such=1",
        "postgresql://u:se cret@h:port/db",
        "postgresql://u:secret@[h/db",
        "postgresql://u:secret%zz@h/db",
        "postgresql://u:secret@h/db?client_encoding=latin1",
    ],
)
def test_a_url_that_cannot_be_read_is_refused_without_quoting_it(url):
    with pytest.raises(SettingsError) as error:
        read_url(url)
    assert error.value.message.startswith("DATABASE_URL: ")
    assert "cret" not in error.value.message
