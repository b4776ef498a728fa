"""Migrations from each version of the schema to the next, with data in every table."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory

from neuroplay.infra.db import migrations
from neuroplay.infra.db.engine import make_engine
from neuroplay.infra.monitoring.health import CheckFailed, check_schema
from tests.integration.db.rows import assert_kept, fill, read

OF_ONE_ROW = ("installation", "epoch", "retention_pass")

NEXT = '''
"""A step of a test."""
from alembic import op
revision, down_revision, branch_labels, depends_on = "9000", "{head}", None, None
def upgrade() -> None:
    op.execute("{statement}")
'''


@pytest.fixture
def empty(empty_database_url):
    engine = make_engine(empty_database_url)
    yield engine
    engine.dispose()


def revisions() -> list[str]:
    walked = ScriptDirectory(str(migrations.FOLDER)).walk_revisions()
    return sorted(script.revision for script in walked)


def step(engine, revision: str) -> None:
    """Up to this version; what was stored at the one before must be there. Then there is more."""
    with engine.connect() as connection:
        before = read(connection)
    migrations.upgrade(engine, to=revision)
    assert migrations.current(engine) == revision
    with engine.connect() as connection:
        assert_kept(before, read(connection))
        fill(connection)


def test_every_version_keeps_the_rows_of_the_one_before(empty):
    for revision in revisions():
        step(empty, revision)
    with empty.connect() as connection:
        rows = read(connection)
    assert {"students", "game_sessions", "sync_inbox"} <= rows.keys()
    assert all(len(found) >= 2 for name, found in rows.items() if name not in OF_ONE_ROW)
    assert {len(rows[name]) for name in OF_ONE_ROW} == {1}


@pytest.fixture
def filled(engine):
    """With this release's schema and rows in every table."""
    with engine.connect() as connection:
        fill(connection)
    return engine


@pytest.fixture
def next_version(tmp_path, monkeypatch):
    """Makes a release with one migration more, of one statement."""

    def make(statement: str) -> None:
        text = NEXT.format(head=migrations.head(), statement=statement)
        folder = tmp_path / "migrations"
        shutil.copytree(Path(migrations.__file__).parent, folder)
        (folder / "versions" / "9000_next.py").write_text(text)
        monkeypatch.setattr(migrations, "FOLDER", folder)

    return make


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE students ADD COLUMN height smallint NOT NULL DEFAULT 120",
        "ALTER TABLE sync_inbox DROP COLUMN request_id",
        "CREATE TABLE more (id int PRIMARY KEY, student_id int REFERENCES students)",
    ],
)
def test_a_version_that_keeps_the_rows_passes(filled, next_version, statement):
    next_version(statement)
    step(filled, "9000")


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM devices",
        "DROP TABLE audit",
        "UPDATE students SET nickname = 'x'",
        "ALTER TABLE game_sessions ALTER COLUMN score TYPE int USING 0",
    ],
)
def test_a_version_that_loses_something_is_noticed(filled, next_version, statement):
    next_version(statement)
    with pytest.raises(AssertionError, match="is gone"):
        step(filled, "9000")


def test_a_release_is_ready_on_its_own_schema_and_the_next_ones_and_on_no_older(
    empty, next_version, monkeypatch
):
    with pytest.raises(CheckFailed, match="db migrate"):
        check_schema(empty)
    before, own = revisions()[-2:]
    migrations.upgrade(empty, to=before)
    with pytest.raises(CheckFailed, match="db migrate"):
        check_schema(empty)
    migrations.upgrade(empty)
    check_schema(empty)
    next_version("CREATE TABLE more (id int PRIMARY KEY)")
    migrations.upgrade(empty)
    monkeypatch.undo()
    assert (migrations.current(empty), migrations.head()) == ("9000", own)
    check_schema(empty)
