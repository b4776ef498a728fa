from __future__ import annotations

import json

import pytest

from cli.loading import load_class
from cli.output.errors import CommandError
from cli.server.reach import system


def test_a_load_class_is_as_many_classrooms_as_it_takes(store, tmp_path):
    with system() as container:
        made = load_class.make(container, 61)

    assert [len(one["students"]) for one in made["classes"]] == [30, 30, 1]
    assert len(store.tables.students) == 61
    assert all(one.name.startswith("load test ") for one in store.tables.classes.values())


def test_making_that_is_interrupted_leaves_nothing_behind(store, monkeypatch):
    with system() as container:
        create = container.create_class.execute

        def interrupted(name, count, *, by, **told):
            made = create(name, count, by=by, **told)
            if name.endswith(" 2"):
                raise KeyboardInterrupt  # stored, and never told
            return made

        monkeypatch.setattr(container.create_class, "execute", interrupted)
        with pytest.raises(KeyboardInterrupt):
            load_class.make(container, 300)

    assert not store.tables.classes
    assert not store.tables.students


def test_a_class_of_someone_else_is_not_erased(store, run):
    run("class", "create", "load test of mine", "--names", "Ana")
    with system() as container:
        assert load_class.erase(container, load_class.make(container, 3)) == 3

    assert [one.name for one in store.tables.classes.values()] == ["load test of mine"]


def test_the_class_lives_while_the_run_does_and_its_roster_with_it(store, tmp_path):
    file = tmp_path / "roster.json"
    with load_class.for_a_run(3, file) as roster:
        assert json.loads(file.read_text()) == roster
        assert file.stat().st_mode & 0o777 == 0o600
        assert len(store.tables.students) == 3

    assert not file.exists()
    assert not store.tables.students


@pytest.mark.parametrize("error", [KeyboardInterrupt, CommandError("no"), RuntimeError])
def test_the_class_goes_when_the_run_breaks(store, tmp_path, error):
    file = tmp_path / "roster.json"
    with pytest.raises(BaseException) as raised, load_class.for_a_run(3, file):  # noqa: PT011
        raise error

    assert isinstance(raised.value, type(error) if isinstance(error, Exception) else error)
    assert not file.exists()
    assert not store.tables.classes


def test_a_roster_that_cannot_be_written_leaves_no_class(store, tmp_path):
    with pytest.raises(CommandError), load_class.for_a_run(3, tmp_path / "none" / "roster.json"):
        raise AssertionError("nothing runs without a roster")

    assert not store.tables.classes


def test_a_class_that_could_not_be_erased_is_named(store, tmp_path, capsys):
    from neuroplay.core.errors import StoreUnavailable

    file = tmp_path / "roster.json"
    with pytest.raises(StoreUnavailable), load_class.for_a_run(3, file):
        store.away = True

    assert f"Run: neuroplay loadtest roster {file} --erase" in capsys.readouterr().err
    assert file.exists()


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"classes": [{}]}', '{"classes": 3}'])
def test_what_is_no_roster_is_not_taken_for_one(tmp_path, text):
    file = tmp_path / "roster.json"
    file.write_text(text)

    with pytest.raises(CommandError, match="not the roster of a load class"):
        load_class.read(file)
