from __future__ import annotations

from typing import Any

import pytest
import typer

from cli import main as program
from cli.output import errors
from neuroplay.core.errors import NotFound, Refused, SettingsError, StoreUnavailable


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.CommandError("no"), 1),
        (errors.usage_error("which?"), 2),
        (errors.cannot("away"), 3),
        (NotFound("no such student"), 1),
        (Refused("not now"), 1),
        (SettingsError("wrong"), 3),
        (StoreUnavailable("PostgreSQL does not answer"), 3),
        (PermissionError(13, "Permission denied", "/x"), 3),
        (ZeroDivisionError("division by zero"), 3),
        (KeyboardInterrupt(), 130),
        (typer.Abort(), 130),
        (BrokenPipeError(), 141),
    ],
)
def test_every_kind_of_error_has_its_exit_code(error, code):
    assert errors.report(error) == code


def test_an_error_is_one_line_that_says_what_and_what_to_do(capsys):
    errors.report(errors.CommandError("the line\nis broken", hint="Fix it"))

    assert capsys.readouterr().err == "Error: the line is broken. Fix it\n"


def test_a_traceback_is_shown_with_debug_alone(capsys):
    errors.report(ZeroDivisionError("division by zero"))
    assert "Traceback" not in capsys.readouterr().err

    try:
        raise ZeroDivisionError("division by zero")
    except ZeroDivisionError as error:
        errors.report(error, debug=True)
    assert "Traceback" in capsys.readouterr().err


def test_an_unexpected_error_names_debug(capsys):
    errors.report(ZeroDivisionError("division by zero"))

    assert "ZeroDivisionError: division by zero. Run the command again with --debug" in (
        capsys.readouterr().err
    )


def test_a_store_that_is_away_says_how_to_start_the_embedded_one(capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.delenv("REDIS_URL", raising=False)
    errors.report(StoreUnavailable("PostgreSQL refused the connection"))

    assert "Run: neuroplay serve" in capsys.readouterr().err


def test_a_store_of_their_own_that_is_away_names_its_setting(capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    monkeypatch.setenv("REDIS_URL", "redis://127.0.0.1:1")
    errors.report(StoreUnavailable("PostgreSQL refused the connection"))

    assert "Check DATABASE_URL" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("args", "debug", "rest"),
    [
        (["sync", "list", "--debug"], True, ["sync", "list"]),
        (["--debug", "sync", "list"], True, ["sync", "list"]),
        (["sync", "list", "--", "--debug"], False, ["sync", "list", "--", "--debug"]),
        (["sync", "list"], False, ["sync", "list"]),
    ],
)
def test_debug_is_taken_wherever_it_stands_before_a_double_dash(args, debug, rest):
    assert program.take_debug(args) is debug
    assert args == rest


def test_a_missing_table_is_a_schema_that_is_behind():
    class DriverError(Exception):
        pgcode = "42P01"

    error: Any = RuntimeError("ProgrammingError")
    error.orig = DriverError()  # as SQLAlchemy hangs the driver's error to its own

    assert errors.describe(error) == (
        "the database's schema is behind this release",
        "Run: neuroplay db migrate",
        3,
    )
