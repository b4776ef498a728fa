from __future__ import annotations

import subprocess
import sys
from importlib.metadata import entry_points

import pytest

from cli.lazy import every_command
from cli.main import COMMANDS, root_command


def test_help_lists_every_command_of_the_table_and_ends_with_0(run):
    ran = run("--help")

    assert ran.code == 0
    for name, entry in COMMANDS.items():
        assert f"  {name} " in ran.out
        assert entry.help in ran.out
    assert ran.err == ""


def test_help_imports_no_command_and_no_heavy_library():
    script = (
        "import sys; from cli.main import main; main(['--help']); "
        "print(*sys.modules, file=sys.stderr)"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    imported = set(ran.stderr.split())

    assert not {name for name in imported if name.startswith(("cli.commands.", "neuroplay."))}
    assert not imported & {"rich", "pydantic", "sqlalchemy", "celery", "flask", "redis", "segno"}


def test_neuroplay_alone_shows_the_help_and_is_a_usage_error(run):
    ran = run()

    assert ran.code == 2
    assert "Usage: neuroplay" in ran.err


def test_a_mistyped_command_is_corrected_in_one_line(run):
    ran = run("sttus")

    assert ran.code == 2
    assert ran.out == ""
    assert ran.err == (
        "Error: No such command 'sttus'. Did you mean 'status'? Try: neuroplay --help\n"
    )


def test_a_wrong_option_names_the_help_of_its_command(run):
    ran = run("sync", "list", "--limitt", "3")

    assert ran.code == 2
    assert "--limitt" in ran.err
    assert "Try: neuroplay sync list --help" in ran.err
    assert ran.err.count("\n") == 1


def test_the_version_is_that_of_the_distribution(run):
    ran = run("--version")

    assert ran.code == 0
    assert ran.out.startswith("neuroplay 2.")


def test_the_installed_script_is_this_program():
    (script,) = entry_points(group="console_scripts", name="neuroplay")

    assert script.value == "cli.main:main"


def _commands():
    with every_command(root_command()) as commands:
        return list(commands)


@pytest.mark.parametrize(("name", "command"), _commands(), ids=lambda value: str(value)[:40])
def test_every_command_has_an_example_in_its_help_and_takes_json(name, command, run):
    ran = run(*name.split(), "--help")

    assert ran.code == 0
    assert "Example:\n" in ran.out
    assert f"  neuroplay {name}" in ran.out.partition("Example:")[2]
    assert "--json" in ran.out


def test_the_table_of_commands_and_their_own_help_do_not_contradict_each_other():
    assert all(entry.help.endswith(".") and len(entry.help) < 60 for entry in COMMANDS.values())
